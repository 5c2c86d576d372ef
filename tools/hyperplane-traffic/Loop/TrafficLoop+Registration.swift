// The course of `registration`: register, wait for flows, drain, and the next.

import ControlClient
import LinuxIO
import Traffic
import Wire

/// The changes of a `registration` run, and how they are made.
struct RegistrationScript: Sendable {
    /// In the order in which they are registered.
    var targets: [(address: IPv4Address, port: Port)]
    var limitMilliseconds: Double
    var register: @Sendable (Int) async throws -> Identifier
    var drain: @Sendable (Identifier) async throws -> Void
    var deregister: @Sendable (Identifier) async throws -> Void
}

extension TrafficLoop {
    /// A target that takes no flow for so long is given up.
    private static let patienceSeconds = 8.0

    mutating func register(_ script: RegistrationScript) throws -> RunReport {
        Interruption.observe()
        try drive(seconds: 1) { _ in false }
        var first: [UInt64] = []
        var every: [UInt64] = []
        var drained: [Tick] = []
        var previous: Identifier?
        let names = script.targets.map { "\($0):\($1.rawValue)" }
        for (number, name) in names.enumerated() where !Interruption.isRequested {
            // Not in step with the nodes' own fetching.
            try drive(seconds: Double.random(in: 0..<1)) { _ in false }
            engine.expect(script.targets[number].address, port: script.targets[number].port)
            let begun = MonotonicClock.now()
            let id = try wait { try await script.register(number) }
            try drive(seconds: Self.patienceSeconds) { $0.sight(of: name)?.everyNode != nil }
            let sight = engine.sight(of: name)
            if let sight { first.append(sight.first - begun) }
            if let all = sight?.everyNode { every.append(all - begun) }
            drained.append(MonotonicClock.now())
            try wait { try await script.drain(id) }
            if let previous { try wait { try await script.deregister(previous) } }
            previous = id
        }
        try drive(seconds: 3) { _ in false }
        let last = zip(names, drained).compactMap { name, drained in
            engine.sight(of: name).map { $0.last > drained ? $0.last - drained : 0 }
        }
        if let previous { try wait { try await script.deregister(previous) } }
        engine.stopOpening()
        try drive { $0.isDone }
        var report = try finish(command: "registration", census: nil)
        report.add(
            RegistrationReport(
                changes: script.targets.count, firstFlow: first, everyNode: every, lastFlow: last,
                limitMilliseconds: script.limitMilliseconds))
        return report
    }
}
