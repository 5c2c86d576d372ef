// The head of each entry in a message. Entries with a place in the bucket's sequence are kept until
// they are committed; the others are taken as they come, in the stream's order.
//
//    0  kind           1
//    1  flags          1    the kind's own; they and the kind give the body's length
//    2  bucket         2
//    4  sequence       4    the low half of its place; of those without a place: of the last entry
//    8  body

/// What an entry is, and where it belongs.
public struct EntryHead: Hashable, Sendable, BitwiseCopyable {
    public static let byteCount = 8

    public var kind: EntryKind
    public var flags: UInt8
    public var bucket: BucketIndex
    public var sequence: UInt32

    public init(kind: EntryKind, flags: UInt8 = 0, bucket: BucketIndex, sequence: UInt64) {
        self.kind = kind
        self.flags = flags
        self.bucket = bucket
        self.sequence = UInt32(truncatingIfNeeded: sequence)
    }

    /// The place that is meant, by one that is near it.
    public func sequence(near place: UInt64) -> UInt64 {
        let distance = Int32(bitPattern: sequence &- UInt32(truncatingIfNeeded: place))
        return place &+ UInt64(bitPattern: Int64(distance))
    }

    /// Reads 8 bytes at `offset`, and checks that the body is there too; where the next entry is.
    public static func parse(
        _ bytes: RawSpan, at offset: Int
    ) throws(PeerMessageError) -> (head: EntryHead, body: Range<Int>) {
        guard bytes.byteCount - offset >= byteCount else { throw .truncated }
        guard let kind = EntryKind(rawValue: bytes.uint8(at: offset)) else { throw .unknownType }
        let head = EntryHead(
            kind: kind, flags: bytes.uint8(at: offset + 1),
            bucket: BucketIndex(rawValue: bytes.bigEndianUInt16(at: offset + 2)),
            sequence: UInt64(bytes.bigEndianUInt32(at: offset + 4)))
        let body = offset + byteCount
        guard let length = kind.bodyBytes(flags: head.flags) else { throw .badValue }
        guard bytes.byteCount - body >= length else { throw .truncated }
        return (head, body..<body + length)
    }

    /// Writes 8 bytes at `offset`.
    public func write(to bytes: inout MutableRawSpan, at offset: Int) {
        bytes.store(kind.rawValue, at: offset)
        bytes.store(flags, at: offset + 1)
        bytes.store(bigEndian: bucket.rawValue, at: offset + 2)
        bytes.store(bigEndian: sequence, at: offset + 4)
    }
}
