// The name of one loan, drawn by the leader of the bucket that borrows. It says in whose reign it was
// drawn, so that a later leader can refuse what an earlier one asked for.
//
//    0  group               8
//    8  ballot: number      8
//   16  ballot: proposer    8
//   24  ballot: generation  4
//   28  term                4
//   32  counter             8    from 1
//   40  bucket              2    the borrower
//   42  reserved, zero      2

/// The number of a view: generation first, then number, then who proposed it.
public struct Ballot: Hashable, Comparable, Sendable, BitwiseCopyable {
    public var generation: UInt32
    public var number: UInt64
    public var proposer: NodeID

    public init(generation: UInt32, number: UInt64, proposer: NodeID) {
        self.generation = generation
        self.number = number
        self.proposer = proposer
    }

    public static func < (left: Self, right: Self) -> Bool {
        (left.generation, left.number, left.proposer)
            < (right.generation, right.number, right.proposer)
    }
}

/// A loan's name: borrower, ballot and term in which it was drawn, counter.
public struct LoanID: Hashable, Sendable, BitwiseCopyable {
    public static let byteCount = 44

    public var group: UInt64
    public var bucket: BucketIndex
    public var ballot: Ballot
    public var term: UInt32
    public var counter: UInt64

    public init(group: UInt64, bucket: BucketIndex, ballot: Ballot, term: UInt32, counter: UInt64) {
        self.group = group
        self.bucket = bucket
        self.ballot = ballot
        self.term = term
        self.counter = counter
    }

    /// Reads 44 bytes at `offset`, which must be there.
    static func parse(_ bytes: RawSpan, at offset: Int) throws(PeerMessageError) -> LoanID {
        let ballot = Ballot(
            generation: bytes.bigEndianUInt32(at: offset + 24),
            number: bytes.bigEndianUInt64(at: offset + 8),
            proposer: NodeID(rawValue: bytes.bigEndianUInt64(at: offset + 16)))
        let id = LoanID(
            group: bytes.bigEndianUInt64(at: offset),
            bucket: BucketIndex(rawValue: bytes.bigEndianUInt16(at: offset + 40)), ballot: ballot,
            term: bytes.bigEndianUInt32(at: offset + 28),
            counter: bytes.bigEndianUInt64(at: offset + 32))
        guard id.counter > 0, ballot.proposer.rawValue > 0 else { throw .badValue }
        return id
    }

    /// Writes 44 bytes at `offset`.
    func write(to bytes: inout MutableRawSpan, at offset: Int) {
        bytes.store(bigEndian: group, at: offset)
        bytes.store(bigEndian: ballot.number, at: offset + 8)
        bytes.store(bigEndian: ballot.proposer.rawValue, at: offset + 16)
        bytes.store(bigEndian: ballot.generation, at: offset + 24)
        bytes.store(bigEndian: term, at: offset + 28)
        bytes.store(bigEndian: counter, at: offset + 32)
        bytes.store(bigEndian: bucket.rawValue, at: offset + 40)
        bytes.store(bigEndian: 0 as UInt16, at: offset + 42)
    }
}
