// The key of one direction of one channel, in one epoch. Both ends derive it from the epoch's
// secret and from what both are known to be; nothing is sealed before both incarnations are known.

public import Wire

/// What one end of a channel brings to its keys.
public struct ChannelEnd: Hashable, Sendable {
    public var address: EngineAddress
    public var incarnation: Incarnation
    /// Drawn at random for this channel, told in the hello or welcome.
    public var nonce: UInt64

    public init(address: EngineAddress, incarnation: Incarnation, nonce: UInt64) {
        self.address = address
        self.incarnation = incarnation
        self.nonce = nonce
    }
}

/// The 32 bytes that seal what `sender` sends to `receiver`.
///
/// The two directions of a channel have keys of their own: both number their batches from one, and
/// with one key two batches would have the same nonce.
public struct SessionKey: Hashable, Sendable {
    public static let byteCount = 32
    let bytes: [UInt8]

    /// Derives the key. Allocates; once per channel and epoch.
    public init(_ epochKey: EpochKey, from sender: ChannelEnd, to receiver: ChannelEnd) {
        precondition(
            sender.incarnation != .unknown && receiver.incarnation != .unknown,
            "nothing is sealed before both incarnations are known")
        bytes = KeyDerivation.hkdf(
            secret: epochKey.bytes, salt: Self.salt(sender.nonce, receiver.nonce),
            info: Self.info(epochKey.epoch, sender, receiver), count: Self.byteCount)
    }

    /// Bytes as they are: for known answers.
    init(bytes: [UInt8]) {
        precondition(bytes.count == Self.byteCount)
        self.bytes = bytes
    }

    // RFC 5869 §3.1: the salt may be public, and is best random: both ends' nonces.
    private static func salt(_ sender: UInt64, _ receiver: UInt64) -> [UInt8] {
        var salt = [UInt8](repeating: 0, count: 16)
        var span = salt.mutableRawSpan
        span.store(bigEndian: sender, at: 0)
        span.store(bigEndian: receiver, at: 8)
        return salt
    }

    /// Label, epoch, then for the sender and for the receiver: node, engine, incarnation. Every
    /// field has a fixed length, so no two sets of them give the same bytes.
    private static func info(
        _ epoch: UInt32, _ sender: ChannelEnd, _ receiver: ChannelEnd
    ) -> [UInt8] {
        let label = Array("hyperplane batch 1".utf8)
        var info = label + [UInt8](repeating: 0, count: 4 + 2 * endBytes)
        var span = info.mutableRawSpan
        span.store(bigEndian: epoch, at: label.count)
        span.store(sender, at: label.count + 4)
        span.store(receiver, at: label.count + 4 + endBytes)
        return info
    }

    private static let endBytes = 26
}

extension MutableRawSpan {
    fileprivate mutating func store(_ end: ChannelEnd, at offset: Int) {
        store(bigEndian: end.address.node.rawValue, at: offset)
        store(bigEndian: end.address.engine, at: offset + 8)
        store(bigEndian: end.incarnation.counter, at: offset + 10)
        store(bigEndian: end.incarnation.random, at: offset + 18)
    }
}
