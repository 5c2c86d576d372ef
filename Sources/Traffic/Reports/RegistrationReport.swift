// How fast a change of a load balancer's targets is in force.

/// Targets registered and drained one after the other, while new flows were being opened.
public struct RegistrationReport: Hashable, Sendable, Codable {
    public struct Delay: Hashable, Sendable, Codable {
        public var p50 = 0.0
        public var p99 = 0.0
        public var max = 0.0
        public var count = 0

        /// Of delays in nanoseconds.
        public init(_ nanoseconds: [UInt64]) {
            let sorted = nanoseconds.sorted()
            guard let last = sorted.last else { return }
            func value(at share: Double) -> Double {
                let rank = (share * Double(sorted.count)).rounded(.up)
                return Double(sorted[Swift.max(0, Int(rank) - 1)]) / 1e6
            }
            p50 = value(at: 0.5)
            p99 = value(at: 0.99)
            max = Double(last) / 1e6
            count = sorted.count
        }
    }

    /// Changes asked for.
    public var changes: Int
    /// From the request to register a target to its first flow.
    public var firstFlowMilliseconds: Delay
    /// The same, to the first flow from the last of the nodes.
    public var everyNodeMilliseconds: Delay
    /// From the request to drain it to its last new flow; 0 if that came before.
    public var lastFlowMilliseconds: Delay
    public var limitMilliseconds: Double

    public init(
        changes: Int, firstFlow: [UInt64], everyNode: [UInt64], lastFlow: [UInt64],
        limitMilliseconds: Double
    ) {
        self.changes = changes
        firstFlowMilliseconds = Delay(firstFlow)
        everyNodeMilliseconds = Delay(everyNode)
        lastFlowMilliseconds = Delay(lastFlow)
        self.limitMilliseconds = limitMilliseconds
    }

    var failures: [String] {
        var found: [String] = []
        func check(_ delay: Delay, _ what: String) {
            if delay.count < changes {
                found.append("\(changes - delay.count) of \(changes) targets never \(what)")
            } else if delay.p99 >= limitMilliseconds {
                found.append(
                    "targets \(what) after \(Int(delay.p99)) ms at p99, the limit is "
                        + "\(Int(limitMilliseconds)) ms")
            }
        }
        check(firstFlowMilliseconds, "had their first flow")
        check(everyNodeMilliseconds, "had a flow from every node")
        check(lastFlowMilliseconds, "were out of use")
        return found
    }
}

extension RunReport {
    /// Adds how fast changes were in force; those that were too slow fail the run.
    public mutating func add(_ registration: RegistrationReport) {
        self.registration = registration
        failures += registration.failures
        if !failures.isEmpty { verdict = .fail }
    }
}
