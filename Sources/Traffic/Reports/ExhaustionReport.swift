// What an `exhaust` run adds to the report.

/// How many of one destination's ports were given out, and how it went.
public struct ExhaustionReport: Hashable, Sendable, Codable {
    public struct EIP: Hashable, Sendable, Codable {
        public var address: String
        /// Held at once when the last was given out.
        public var ports: Int
    }

    /// Opening flows until no more could be opened, and then proving those that were.
    public struct Stage: Hashable, Sendable, Codable {
        /// What the gateway had gained before it.
        public var name: String
        /// EIPs of the gateway in it.
        public var eips: Int
        /// Flows that must have been established in it.
        public var expected: Int
        public var established = 0
        public var refused = 0
        /// Of these, those refused before the last was established: there was a port left, but none
        /// that could be had at once. The others were refused when all was given out.
        public var refusedWhilePortsWereLeft = 0
        /// How they were refused.
        public var refusals = Refusals()
        /// Alive at once at its end, those of earlier stages too.
        public var held = 0
        /// Of these, those whose request was answered after the first refusal.
        public var proven = 0
        public var seconds = 0.0
        public var setupLatencyMicroseconds = RunReport.Latency()
    }

    public struct Refusals: Hashable, Sendable, Codable {
        /// No answer however often they asked.
        public var silent = 0
        /// ICMP destination unreachable, code 1.
        public var hostUnreachable = 0
        /// Another ICMP error.
        public var otherError = 0
        public var reset = 0
    }

    /// Flows to another destination, which went on throughout.
    public struct Bystanders: Hashable, Sendable, Codable {
        public var destination = ""
        public var flows = 0
        public var established = 0
        public var broken = 0
        public var requests = 0
        public var answered = 0
        public var longestOutageMilliseconds = 0.0
    }

    public var destination: String
    /// Ports of the range, for each EIP.
    public var expected: Int
    /// Flows alive at once when no more could be opened.
    public var held: Int
    /// Of these, those whose last request was answered afterwards.
    public var proven: Int
    public var perEIP: [EIP]
    public var leastOfABucket: Int
    public var mostOfABucket: Int
    public var bystanders: Bystanders

    /// What speaks against this run, one sentence each.
    func failures(_ stages: [Stage]) -> [String] {
        var found = stages.flatMap(\.failures)
        if held > expected { found.append("\(held) flows hold \(expected) ports") }
        if bystanders.established < bystanders.flows || bystanders.broken > 0 {
            found.append(
                "of \(bystanders.flows) flows to another destination \(bystanders.established) "
                    + "were established and \(bystanders.broken) broken")
        }
        if bystanders.answered < bystanders.requests {
            found.append(
                "\(bystanders.requests - bystanders.answered) of \(bystanders.requests) requests "
                    + "to another destination had no answer")
        }
        return found
    }
}

extension ExhaustionReport.Stage {
    /// Whether it used ports again that had been given back.
    var isReuse: Bool { name == Self.reuseName }
    static let reuseName = "freed ports"

    var failures: [String] {
        var found: [String] = []
        if established != expected {
            found.append(
                "\(name): \(established) flows could be opened, of \(expected) that must be")
        }
        if proven < held {
            found.append("\(name): \(held - proven) of \(held) flows were not alive")
        }
        if isReuse, refused > 0 { found.append("\(name): \(refused) flows were refused") }
        if !isReuse, refused == refusedWhilePortsWereLeft {
            found.append("\(name): no flow was refused after the last that was established")
        }
        return found
    }
}
