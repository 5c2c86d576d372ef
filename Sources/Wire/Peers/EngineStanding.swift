// How far an engine's copy of one bucket reaches, at the moment when it was frozen: what a promise
// tells of it. DESIGN part 5, rule 4.
//
//    0  bucket           2
//    2  marks            1
//    3  reserved, zero   1
//    4  stamp           32    ballot, term, sequence

/// One bucket of a promise.
public struct BucketStanding: Hashable, Sendable, BitwiseCopyable {
    static let byteCount = 36

    public var bucket: BucketIndex
    /// Of the last entry held.
    public var stamp: Stamp
    /// Whether the copy is full as of the newest view installed.
    public var isFull: Bool
    /// Whether anything was acknowledged or, as leader, appended in the newest view installed.
    public var hasAcknowledged: Bool

    public init(bucket: BucketIndex, stamp: Stamp, isFull: Bool, hasAcknowledged: Bool) {
        self.bucket = bucket
        self.stamp = stamp
        self.isFull = isFull
        self.hasAcknowledged = hasAcknowledged
    }

    /// Holds nothing: a promise leaves it out.
    public var isBlank: Bool { stamp == .none && !isFull && !hasAcknowledged }

    var marks: UInt8 { (isFull ? 1 : 0) | (hasAcknowledged ? 2 : 0) }

    static func parse(_ reader: inout FieldReader) throws(PeerMessageError) -> BucketStanding {
        let bucket = BucketIndex(rawValue: try reader.uint16())
        let marks = try reader.uint8()
        _ = try reader.uint8()
        let ballot = try reader.ballot()
        let term = try reader.uint32()
        let stamp = Stamp(ballot: ballot, term: term, sequence: try reader.uint64())
        return BucketStanding(
            bucket: bucket, stamp: stamp, isFull: marks & 1 != 0, hasAcknowledged: marks & 2 != 0)
    }

    func write(to bytes: inout MutableRawSpan, _ offset: inout Int) {
        bytes.put(bucket.rawValue, &offset)
        bytes.put(marks, &offset)
        bytes.put(0 as UInt8, &offset)
        bytes.put(stamp.ballot, &offset)
        bytes.put(stamp.term, &offset)
        bytes.put(stamp.sequence, &offset)
    }
}
