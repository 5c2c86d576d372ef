// Fields of the messages between members, read and written one after the other: their bodies are of
// many lengths. A reader never looks beyond its body.

/// Reads a body front to back. Throws `badLength` at its end.
struct FieldReader: ~Escapable {
    let bytes: RawSpan
    private(set) var offset: Int
    let end: Int

    @_lifetime(copy bytes)
    init(_ bytes: RawSpan, at offset: Int, length: Int) {
        self.bytes = bytes
        self.offset = offset
        end = offset + length
    }

    private mutating func advance(_ count: Int) throws(PeerMessageError) -> Int {
        guard end - offset >= count else { throw .badLength }
        defer { offset += count }
        return offset
    }

    mutating func uint8() throws(PeerMessageError) -> UInt8 { bytes.uint8(at: try advance(1)) }
    mutating func uint16() throws(PeerMessageError) -> UInt16 {
        bytes.bigEndianUInt16(at: try advance(2))
    }
    mutating func uint32() throws(PeerMessageError) -> UInt32 {
        bytes.bigEndianUInt32(at: try advance(4))
    }
    mutating func uint64() throws(PeerMessageError) -> UInt64 {
        bytes.bigEndianUInt64(at: try advance(8))
    }
    mutating func node() throws(PeerMessageError) -> NodeID { NodeID(rawValue: try uint64()) }
    mutating func seats() throws(PeerMessageError) -> SeatSet { SeatSet(rawValue: try uint8()) }

    mutating func ballot() throws(PeerMessageError) -> Ballot {
        let number = try uint64()
        let proposer = try node()
        return Ballot(generation: try uint32(), number: number, proposer: proposer)
    }

    mutating func incarnation() throws(PeerMessageError) -> Incarnation {
        let counter = try uint64()
        return Incarnation(counter: counter, random: try uint64())
    }

    mutating func buckets() throws(PeerMessageError) -> BucketSet {
        let count = Int(try uint16())
        var set = BucketSet(bucketCount: count)
        for index in set.words.indices { set.words[index] = try uint64() }
        guard set.isWithinCount else { throw .badValue }
        return set
    }
}

extension MutableRawSpan {
    mutating func put(_ value: UInt8, _ offset: inout Int) {
        store(value, at: offset)
        offset += 1
    }
    mutating func put(_ value: UInt16, _ offset: inout Int) {
        store(bigEndian: value, at: offset)
        offset += 2
    }
    mutating func put(_ value: UInt32, _ offset: inout Int) {
        store(bigEndian: value, at: offset)
        offset += 4
    }
    mutating func put(_ value: UInt64, _ offset: inout Int) {
        store(bigEndian: value, at: offset)
        offset += 8
    }
    mutating func put(_ ballot: Ballot, _ offset: inout Int) {
        put(ballot.number, &offset)
        put(ballot.proposer.rawValue, &offset)
        put(ballot.generation, &offset)
    }
    mutating func put(_ incarnation: Incarnation, _ offset: inout Int) {
        put(incarnation.counter, &offset)
        put(incarnation.random, &offset)
    }
    mutating func put(_ buckets: BucketSet, _ offset: inout Int) {
        put(UInt16(buckets.bucketCount), &offset)
        for word in buckets.words { put(word, &offset) }
    }
}

extension Ballot {
    /// Number, proposer, generation.
    static let byteCount = 20
}

extension Incarnation {
    /// Counter and random number.
    static let byteCount = 16
}
