// The seal at the end of announcements and subscriptions: that they come from a machine that holds
// the cluster's keys. They stand in the clear, since they tell nothing that a machine which may
// hear them doesn't know.

/// Seals what nodes, routers and edges tell each other of views.
public protocol AnnouncementSealer: Sendable {
    /// Fills the last 16 bytes of a whole datagram by all bytes before them. The key epoch stands
    /// at offset 8.
    mutating func seal(_ datagram: inout MutableRawSpan)

    /// Whether the last 16 bytes are what `seal` writes.
    mutating func isGenuine(_ datagram: RawSpan) -> Bool
}

/// Seals nothing: for the simulator, tests, and as long as machines are told apart by address.
public struct IdentityAnnouncementSealer: AnnouncementSealer {
    public init() {}
    public mutating func seal(_ datagram: inout MutableRawSpan) {}
    public mutating func isGenuine(_ datagram: RawSpan) -> Bool { true }
}

/// Where the seal stands, and what announcements and subscriptions begin with alike.
public enum AnnouncementSeal {
    public static let byteCount = 16

    /// Magic, version and length.
    static func checkHead(
        _ bytes: RawSpan, magic: UInt32, version: UInt8, headerBytes: Int
    ) throws(AnnouncementError) {
        guard bytes.byteCount >= headerBytes + byteCount else { throw .tooShort }
        guard bytes.bigEndianUInt32(at: 0) == magic else { throw .badMagic }
        guard bytes.uint8(at: 4) == version else { throw .unknownVersion }
        guard Int(bytes.bigEndianUInt16(at: 6)) == bytes.byteCount else { throw .badLength }
        // Engine 0 takes it, whatever engine counts are.
        guard bytes.bigEndianUInt16(at: 12) == 0 else { throw .badValue }
    }

    static func clear(_ bytes: inout MutableRawSpan, at offset: Int) {
        bytes.store(bigEndian: 0 as UInt64, at: offset)
        bytes.store(bigEndian: 0 as UInt64, at: offset + 8)
    }
}
