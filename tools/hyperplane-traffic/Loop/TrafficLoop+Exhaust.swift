// The course of `exhaust`: fill, prove, add an EIP, fill again, give some ports back, use them again.

import LinuxIO
import Traffic
import Wire

/// What an `exhaust` run does after the first filling.
struct ExhaustScript: Sendable {
    /// Ports of each EIP.
    var portsPerEIP: Int
    var flowsPerSecond: Double
    /// EIPs to add, each followed by another filling.
    var eips: [String]
    /// Registers an EIP at the placement service and gives it to the gateway.
    var add: @Sendable (String) async throws -> Void
    /// Flows to end, and to open again on their ports after so many seconds.
    var reuse: Int
    var reuseAfterSeconds: Double

    /// Half as many flows again as there are ports: buckets fill unevenly.
    func flows(forEIPs count: Int) -> Int { portsPerEIP * count * 3 / 2 + 4096 }
}

extension TrafficLoop {
    mutating func exhaust(_ script: ExhaustScript) async throws -> RunReport {
        Interruption.observe()
        let first = engine.gatewayEIPs
        try fill(first == 1 ? "1 EIP" : "\(first) EIPs", eips: first, script)
        var census = engine.census()
        for eip in script.eips where !Interruption.isRequested {
            try prove(script, keeping: true)
            try add(eip, script)
            try fill("added \(eip)", eips: 1, script)
            census = engine.census()
        }
        try prove(script, keeping: script.reuse > 0)
        if script.reuse > 0, !Interruption.isRequested {
            try reuse(script)
            try prove(script, keeping: false)
        }
        try drive { $0.isDone }
        return try finish(command: "exhaust", census: census)
    }

    private mutating func fill(_ name: String, eips: Int, _ script: ExhaustScript) throws {
        engine.beginStage(
            name, expected: script.portsPerEIP * eips, flows: script.flows(forEIPs: eips),
            MonotonicClock.now())
        try drive { $0.isFilled }
        engine.closeStage()
    }

    private mutating func prove(_ script: ExhaustScript, keeping: Bool) throws {
        let seconds = Double(engine.liveFlows) / script.flowsPerSecond
        engine.proveAll(MonotonicClock.now(), over: UInt64(seconds * 1e9), keeping: keeping)
        try drive { $0.isProven }
        engine.closeProof()
    }

    /// Adds an EIP while the flows go on, and waits until the nodes have it too.
    private mutating func add(_ eip: String, _ script: ExhaustScript) throws {
        let before = engine.gatewayEIPs
        try wait { try await script.add(eip) }
        try drive(seconds: 20) { $0.gatewayEIPs > before }
        guard engine.gatewayEIPs > before else {
            throw RunFailure("\(eip) is not in the snapshot after 20 seconds")
        }
        // Nodes fetch theirs every second, too.
        try drive(seconds: 3) { _ in false }
    }

    private mutating func reuse(_ script: ExhaustScript) throws {
        engine.release(script.reuse, MonotonicClock.now())
        try drive(seconds: script.reuseAfterSeconds) { _ in false }
        engine.beginReuse(MonotonicClock.now())
        try drive { $0.isFilled }
        engine.closeStage()
    }

    /// Goes on for a time, or until something holds.
    mutating func drive(
        seconds: Double, until isOver: (borrowing TrafficEngine) -> Bool
    ) throws {
        let end = MonotonicClock.now() + UInt64(seconds * 1e9)
        try drive { isOver($0) || MonotonicClock.now() >= end }
    }
}
