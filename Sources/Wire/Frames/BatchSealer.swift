// What an engine needs of encryption: batches of peer messages sealed and opened in place. The
// daemon gives it OpenSSL, the simulator an identity; the engine can't tell them apart.

/// Seals finished batches for one channel, and opens those that the peer sealed.
public protocol BatchSealer: ~Copyable {
    /// Bytes that sealing adds at the end of a batch.
    var overheadBytes: Int { get }

    /// Seals `batch[headerBytes..<length]` in place and writes the tag after it; the header is
    /// authenticated, not hidden. `number` is used once per key. The batch must have room for
    /// `overheadBytes` after `length`.
    mutating func seal(
        _ batch: inout MutableRawSpan, headerBytes: Int, length: Int, number: UInt64)

    /// Opens what `seal` made, in place; `length` as it was then, without the tag. False if it was forged or damaged; the contents are then
    /// not to be read.
    mutating func open(
        _ batch: inout MutableRawSpan, headerBytes: Int, length: Int, number: UInt64
    ) -> Bool
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
