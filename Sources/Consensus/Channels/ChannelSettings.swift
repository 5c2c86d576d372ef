// How large a channel may grow and how long it waits; and who its two ends are.

public import Wire

/// Limits and times of a channel.
public struct ChannelSettings: Hashable, Sendable {
    /// Batches on the way at one time, not yet acknowledged. Beyond, messages are refused.
    public var windowBatches: Int
    /// Longest datagram, header and seal counted: what passes every link unfragmented.
    public var maximumBatchBytes: Int
    /// Wait before a batch is sent again, while no round trip has been measured.
    public var firstResendNanoseconds: UInt64
    /// The shortest and the longest wait; each further one is twice as long as that before.
    public var minimumResendNanoseconds: UInt64
    public var maximumResendNanoseconds: UInt64
    /// The longest wait between two greetings of a peer that doesn't answer.
    public var maximumGreetingNanoseconds: UInt64

    /// Longest datagram by default: what passes every link of 1500 bytes.
    public static let datagramBytes = 1472

    /// Room kept for the seal in every batch, whatever the sealer.
    public static let sealReserveBytes = 16

    public init(
        windowBatches: Int = 64, maximumBatchBytes: Int = ChannelSettings.datagramBytes,
        firstResendNanoseconds: UInt64 = 5_000_000, minimumResendNanoseconds: UInt64 = 1_000_000,
        maximumResendNanoseconds: UInt64 = 200_000_000,
        maximumGreetingNanoseconds: UInt64 = 1_000_000_000
    ) {
        precondition(windowBatches > 0)
        precondition(
            maximumBatchBytes >= BatchHeader.byteCount + PeerMessage.maximumBytes
                + Self.sealReserveBytes, "every message fits in a batch")
        precondition(maximumBatchBytes <= BatchHeader.maximumTotalBytes)
        precondition(minimumResendNanoseconds > 0)
        precondition(minimumResendNanoseconds <= firstResendNanoseconds)
        precondition(firstResendNanoseconds <= maximumResendNanoseconds)
        precondition(maximumResendNanoseconds <= maximumGreetingNanoseconds)
        self.windowBatches = windowBatches
        self.maximumBatchBytes = maximumBatchBytes
        self.firstResendNanoseconds = firstResendNanoseconds
        self.minimumResendNanoseconds = minimumResendNanoseconds
        self.maximumResendNanoseconds = maximumResendNanoseconds
        self.maximumGreetingNanoseconds = maximumGreetingNanoseconds
    }
}

/// One end of a channel, with everything that its keys are derived from.
public struct ChannelIdentity: Hashable, Sendable, BitwiseCopyable {
    public var address: EngineAddress
    public var incarnation: Incarnation
    public var greeting: Greeting

    public init(address: EngineAddress, incarnation: Incarnation, greeting: Greeting) {
        precondition(address.node.rawValue != 0 && incarnation != .unknown)
        self.address = address
        self.incarnation = incarnation
        self.greeting = greeting
    }
}
