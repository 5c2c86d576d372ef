// What a channel did, each in its own counter.

/// Counters of one channel. They only rise.
public struct ChannelCounters: Hashable, Sendable {
    public internal(set) var batchesSent: UInt64 = 0
    public internal(set) var batchesResent: UInt64 = 0
    public internal(set) var batchesTaken: UInt64 = 0
    public internal(set) var acknowledgementsAlone: UInt64 = 0
    public internal(set) var greetingsSent: UInt64 = 0
    public internal(set) var messagesSent: UInt64 = 0
    public internal(set) var batchesCompressed: UInt64 = 0
    /// By which they got shorter.
    public internal(set) var bytesSpared: UInt64 = 0
    /// Messages refused because the window was full: `channelFull`.
    public internal(set) var channelFull: UInt64 = 0
    /// Streams that a new start of the peer ended.
    public internal(set) var restarts: UInt64 = 0
    /// Messages that ended with their stream, not acknowledged.
    public internal(set) var batchesLostWithStream: UInt64 = 0
    var refusals = [UInt64](repeating: 0, count: BatchRefusal.count)

    /// Batches refused for this reason.
    public func refused(_ reason: BatchRefusal) -> UInt64 { refusals[Int(reason.rawValue)] }
    public func refused(_ cause: RefusalCause) -> UInt64 { refused(BatchRefusal(cause)) }

    mutating func countRefusal(_ reason: BatchRefusal) { refusals[Int(reason.rawValue)] += 1 }
}
