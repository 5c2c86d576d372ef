// One moment of a run, for plots and for the live display.

/// What happened since the sample before.
public struct ReportSample: Hashable, Sendable, Codable {
    /// From the run's start.
    public var seconds: Double
    public var newFlowsPerSecond: Double
    public var packetsPerSecond: Double
    public var bitsPerSecond: Double
    public var liveFlows: Int
    public var p50Microseconds: Double
    public var p99Microseconds: Double
}

/// What a run has come to, at a moment.
public struct LiveStatus: Hashable, Sendable {
    /// Packets sent and not received: on the way, or lost.
    public var underWay: UInt64
    /// Everything that makes a run fail without a limit.
    public var faults: UInt64
}
