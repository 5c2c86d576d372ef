// What a router or edge sends every second to each node that serves it: of which groups it wants to
// hear, and what it knows of them, so that a node answers only with what is newer. A datagram of its
// own; several, if there are more groups than fit.
//
//    0  magic 'HPVS'              4     a Geneve reader sees version 1 and refuses it
//    4  version                   1
//    5  reserved, zero            1
//    6  total length              2     seal included
//    8  key epoch                 4     of the configuration, for the seal
//   12  zero                      2     where a packet's bucket is: the socket's filter gives it to
//   14  groups                    2     engine 0
//   16  cluster                   8
//   24  for each group: id 8, ballot 20, change 8; then the seal, 16

/// How much is known of a group's leaders.
public struct KnownView: Hashable, Sendable, BitwiseCopyable {
    public static let byteCount = 36

    public var group: UInt64
    /// `.none` if nothing is known.
    public var ballot: Ballot
    /// Hand-overs known within it: the sum of terms.
    public var change: UInt64

    public init(group: UInt64, ballot: Ballot = .none, change: UInt64 = 0) {
        self.group = group
        self.ballot = ballot
        self.change = change
    }

    /// Whether it tells more of the same group than `other`.
    public func isNewer(than other: KnownView) -> Bool {
        ballot == other.ballot ? change > other.change : ballot > other.ballot
    }
}

/// A subscription's head; its groups are read one by one.
public struct Subscription: Hashable, Sendable, BitwiseCopyable {
    public static let magic: UInt32 = 0x4850_5653
    public static let version: UInt8 = 1
    static let headerBytes = 24
    /// Groups in one datagram of 1,472 bytes.
    public static let mostGroups =
        (1472 - headerBytes - AnnouncementSeal.byteCount) / KnownView.byteCount

    public var cluster: UInt64
    public var keyEpoch: UInt32
    public var groupCount: Int

    /// Whether a datagram is one, by its first four bytes.
    public static func isOne(_ bytes: RawSpan) -> Bool {
        bytes.byteCount >= 4 && bytes.bigEndianUInt32(at: 0) == magic
    }

    /// Reads and checks the head, and that all groups are there.
    public static func parse(_ bytes: RawSpan) throws(AnnouncementError) -> Subscription {
        try AnnouncementSeal.checkHead(
            bytes, magic: magic, version: version, headerBytes: headerBytes)
        let subscription = Subscription(
            cluster: bytes.bigEndianUInt64(at: 16), keyEpoch: bytes.bigEndianUInt32(at: 8),
            groupCount: Int(bytes.bigEndianUInt16(at: 14)))
        guard subscription.groupCount > 0 else { throw .badValue }
        guard bytes.byteCount == byteCount(groups: subscription.groupCount) else {
            throw .badLength
        }
        return subscription
    }

    /// The group at a place below `groupCount` of a subscription that `parse` has checked.
    public static func group(_ index: Int, of bytes: RawSpan) -> KnownView {
        let offset = headerBytes + index * KnownView.byteCount
        return KnownView(
            group: bytes.bigEndianUInt64(at: offset), ballot: bytes.ballot(at: offset + 8),
            change: bytes.bigEndianUInt64(at: offset + 28))
    }

    /// On the wire, seal included.
    public static func byteCount(groups: Int) -> Int {
        headerBytes + groups * KnownView.byteCount + AnnouncementSeal.byteCount
    }

    /// Writes a subscription to `groups`, 1 to `mostGroups`, at offset 0, with room for the seal at
    /// its end. Returns its length.
    public static func write(
        cluster: UInt64, keyEpoch: UInt32 = 0, groups: ArraySlice<KnownView>,
        to bytes: inout MutableRawSpan
    ) -> Int {
        precondition((1...mostGroups).contains(groups.count))
        let length = byteCount(groups: groups.count)
        bytes.store(bigEndian: magic, at: 0)
        bytes.store(version, at: 4)
        bytes.store(0 as UInt8, at: 5)
        bytes.store(bigEndian: UInt16(length), at: 6)
        bytes.store(bigEndian: keyEpoch, at: 8)
        bytes.store(bigEndian: 0 as UInt16, at: 12)
        bytes.store(bigEndian: UInt16(groups.count), at: 14)
        bytes.store(bigEndian: cluster, at: 16)
        var offset = headerBytes
        for known in groups {
            bytes.store(bigEndian: known.group, at: offset)
            bytes.store(known.ballot, at: offset + 8)
            bytes.store(bigEndian: known.change, at: offset + 28)
            offset += KnownView.byteCount
        }
        AnnouncementSeal.clear(&bytes, at: offset)
        return length
    }
}
