// How far buckets have come: acknowledgements, from a follower to the leader, and commit marks, from
// the leader to its followers. One message has many buckets of one group.
//
//    0  group          8
//    8  ballot        20
//   28  marks          8 each: bucket 2, flags 1, reserved 1, sequence, low half 4

/// How far one bucket has come.
public struct BucketMark: Hashable, Sendable, BitwiseCopyable {
    public static let byteCount = 8

    public var bucket: BucketIndex
    /// The term, modulo 128, in which it was said.
    public var term: UInt8
    /// Of an acknowledgement: the sender holds every committed record.
    public var isFull: Bool
    public var sequence: UInt32

    public init(bucket: BucketIndex, term: UInt32, isFull: Bool, sequence: UInt64) {
        self.bucket = bucket
        self.term = UInt8(truncatingIfNeeded: term) & 0x7F
        self.isFull = isFull
        self.sequence = UInt32(truncatingIfNeeded: sequence)
    }

    /// The place that is meant, by one that is near it.
    public func sequence(near place: UInt64) -> UInt64 {
        let distance = Int32(bitPattern: sequence &- UInt32(truncatingIfNeeded: place))
        return place &+ UInt64(bitPattern: Int64(distance))
    }

    /// Reads 8 bytes at `offset`, which must be there.
    public static func parse(_ bytes: RawSpan, at offset: Int) -> BucketMark {
        let flags = bytes.uint8(at: offset + 2)
        var mark = BucketMark(
            bucket: BucketIndex(rawValue: bytes.bigEndianUInt16(at: offset)), term: 0,
            isFull: flags & 1 != 0, sequence: UInt64(bytes.bigEndianUInt32(at: offset + 4)))
        mark.term = flags >> 1
        return mark
    }

    /// Writes 8 bytes at `offset`.
    public func write(to bytes: inout MutableRawSpan, at offset: Int) {
        bytes.store(bigEndian: bucket.rawValue, at: offset)
        bytes.store(term << 1 | (isFull ? 1 : 0), at: offset + 2)
        bytes.store(0 as UInt8, at: offset + 3)
        bytes.store(bigEndian: sequence, at: offset + 4)
    }
}

/// In which view marks are given.
public struct MarksContext: Hashable, Sendable, BitwiseCopyable {
    public static let byteCount = 8 + Ballot.byteCount

    public var group: UInt64
    public var ballot: Ballot

    public init(group: UInt64, ballot: Ballot) {
        self.group = group
        self.ballot = ballot
    }

    /// Reads 28 bytes at `offset`, which must be there.
    public static func parse(
        _ bytes: RawSpan, at offset: Int
    ) throws(PeerMessageError) -> MarksContext {
        MarksContext(
            group: bytes.bigEndianUInt64(at: offset),
            ballot: try Ballot.parse(bytes, at: offset + 8))
    }

    /// Writes 28 bytes at `offset`.
    public func write(to bytes: inout MutableRawSpan, at offset: Int) {
        bytes.store(bigEndian: group, at: offset)
        ballot.write(to: &bytes, at: offset + 8)
    }
}
