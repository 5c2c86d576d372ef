// What a hello and a welcome hold. Both stand in the clear: they bring what the session's keys are
// derived from, so nothing can be sealed before them.
//
//    0  nonce           8    drawn at random for this channel
//    8  engine count    2    of the sender's node
//   10  reserved, zero  6

/// One end of a channel, as it greets the other.
public struct Greeting: Hashable, Sendable, BitwiseCopyable {
    public static let byteCount = 16

    public var nonce: UInt64
    /// How many engines the sender's node runs: the bucket's remainder of it names the engine.
    public var engineCount: UInt16

    public init(nonce: UInt64, engineCount: UInt16) {
        self.nonce = nonce
        self.engineCount = engineCount
    }

    /// Reads the contents of a hello or welcome from `offset` to the end of `bytes`. Later versions
    /// may put more after these bytes.
    public static func parse(_ bytes: RawSpan, at offset: Int) throws(PeerMessageError) -> Greeting
    {
        guard bytes.byteCount - offset >= byteCount else { throw .truncated }
        let greeting = Greeting(
            nonce: bytes.bigEndianUInt64(at: offset),
            engineCount: bytes.bigEndianUInt16(at: offset + 8))
        guard greeting.engineCount > 0 else { throw .badValue }
        return greeting
    }

    /// Writes 16 bytes at `offset`.
    public func write(to bytes: inout MutableRawSpan, at offset: Int) {
        bytes.store(bigEndian: nonce, at: offset)
        bytes.store(bigEndian: engineCount, at: offset + 8)
        bytes.store(bigEndian: 0 as UInt16, at: offset + 10)
        bytes.store(bigEndian: 0 as UInt32, at: offset + 12)
    }
}
