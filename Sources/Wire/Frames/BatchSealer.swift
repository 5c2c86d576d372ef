// What an engine needs of encryption: batches of peer messages sealed and opened in place. The
// daemon gives it OpenSSL, the simulator an identity; the engine can't tell them apart.

/// Seals finished batches for one channel, and opens those that the peer sealed.
public protocol BatchSealer: ~Copyable {
    /// Bytes that sealing adds at the end of a batch.
    var overheadBytes: Int { get }
    /// The epoch that new batches are sealed in: the header of each states it.
    var epoch: UInt32 { get }
    /// The newest epoch whose batches this end can open: the header states it too, so that the peer
    /// seals in an epoch only once this end has said that it holds it.
    var newestEpoch: UInt32 { get }

    /// Takes the configuration's keys, before the first batch and whenever they change. Allocates.
    /// `peerEpoch` is the newest epoch that the peer greeted with; nil if it isn't a greeting that
    /// this follows.
    mutating func adopt(_ keys: ChannelKeys, peerEpoch: UInt32?)

    /// Seals `batch[headerBytes..<length]` in place and writes the tag after it; the header is
    /// authenticated, not hidden. `number` is used once per key. The batch must have room for
    /// `overheadBytes` after `length`.
    mutating func seal(
        _ batch: inout MutableRawSpan, headerBytes: Int, length: Int, number: UInt64)

    /// Opens what `seal` made, in place; `length` as it was then, without the tag. False if it was
    /// forged or damaged; the contents are then not to be read.
    mutating func open(
        _ batch: inout MutableRawSpan, headerBytes: Int, length: Int, number: UInt64
    ) -> Bool

    /// Compresses `batch[headerBytes..<length]` in place, before it is sealed. The new length; nil if
    /// it wouldn't be shorter, and then the batch is as it was.
    mutating func compress(
        _ batch: inout MutableRawSpan, headerBytes: Int, length: Int
    ) -> Int?

    /// Writes what `compress` made `block` of to the start of `contents`. How long it is; nil if
    /// `block` was made of nothing, or of more than there is room for.
    mutating func expand(_ block: RawSpan, into contents: inout MutableRawSpan) -> Int?
}

// Of a sealer without keys.
extension BatchSealer where Self: ~Copyable {
    public var epoch: UInt32 { 0 }
    public var newestEpoch: UInt32 { 0 }
    public mutating func adopt(_ keys: ChannelKeys, peerEpoch: UInt32?) {}
}

// Of a sealer that doesn't compress.
extension BatchSealer where Self: ~Copyable {
    public mutating func compress(
        _ batch: inout MutableRawSpan, headerBytes: Int, length: Int
    ) -> Int? { nil }

    public mutating func expand(
        _ block: RawSpan, into contents: inout MutableRawSpan
    ) -> Int? { nil }
}

/// Seals nothing: for the simulator, tests and one-node clusters.
public struct IdentitySealer: BatchSealer, Sendable {
    public init() {}
    public var overheadBytes: Int { 0 }
    public mutating func seal(
        _ batch: inout MutableRawSpan, headerBytes: Int, length: Int, number: UInt64
    ) {}
    public mutating func open(
        _ batch: inout MutableRawSpan, headerBytes: Int, length: Int, number: UInt64
    ) -> Bool { true }
}
