// What an `exhaust` run adds to the report.

/// How many of one destination's ports were given out, and how it went.
public struct ExhaustionReport: Hashable, Sendable, Codable {
    public struct EIP: Hashable, Sendable, Codable {
        public var address: String
        /// Held at once when the last was given out.
        public var ports: Int
    }

    /// When as many flows as one more EIP has ports were established.
    public struct Stage: Hashable, Sendable, Codable {
        public var established: Int
        public var seconds: Double
        public var setupLatencyMicroseconds: RunReport.Latency
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
    public var stages: [Stage]

    /// What speaks against this run, one sentence each.
    func failures() -> [String] {
        var found: [String] = []
        if held < expected {
            found.append("only \(held) of \(expected) ports could be in use at once")
        }
        if held > expected { found.append("\(held) flows hold \(expected) ports") }
        if proven < held { found.append("\(held - proven) of \(held) flows were not alive") }
        return found
    }
}
