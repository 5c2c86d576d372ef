// What stands before entries in a message: in which view and term of which group their sender leads,
// and by which configuration. Entries of one turn, group and term share it.
//
//    0  group                  8
//    8  ballot: number         8
//   16  ballot: proposer       8
//   24  ballot: generation     4
//   28  term                   4
//   32  configuration version  8    the leader's snapshot
//   40  entries

/// In whose reign entries were sent.
public struct EntriesContext: Hashable, Sendable, BitwiseCopyable {
    public static let byteCount = 40

    public var group: UInt64
    public var ballot: Ballot
    public var term: UInt32
    /// Version of the snapshot that the leader decided by.
    public var version: UInt64

    public init(group: UInt64, ballot: Ballot, term: UInt32, version: UInt64) {
        self.group = group
        self.ballot = ballot
        self.term = term
        self.version = version
    }

    /// Reads 40 bytes at `offset`, which must be there.
    public static func parse(
        _ bytes: RawSpan, at offset: Int
    ) throws(PeerMessageError) -> EntriesContext {
        EntriesContext(
            group: bytes.bigEndianUInt64(at: offset),
            ballot: try Ballot.parse(bytes, at: offset + 8),
            term: bytes.bigEndianUInt32(at: offset + 28),
            version: bytes.bigEndianUInt64(at: offset + 32))
    }

    /// Writes 40 bytes at `offset`.
    public func write(to bytes: inout MutableRawSpan, at offset: Int) {
        bytes.store(bigEndian: group, at: offset)
        ballot.write(to: &bytes, at: offset + 8)
        bytes.store(bigEndian: term, at: offset + 28)
        bytes.store(bigEndian: version, at: offset + 32)
    }
}

extension Ballot {
    /// Reads 20 bytes at `offset`, which must be there.
    public static func parse(
        _ bytes: RawSpan, at offset: Int
    ) throws(PeerMessageError) -> Ballot {
        let ballot = Ballot(
            generation: bytes.bigEndianUInt32(at: offset + 16),
            number: bytes.bigEndianUInt64(at: offset),
            proposer: NodeID(rawValue: bytes.bigEndianUInt64(at: offset + 8)))
        guard ballot.number > 0, ballot.generation > 0, ballot.proposer.rawValue > 0 else {
            throw .badValue
        }
        return ballot
    }

    /// Writes 20 bytes at `offset`.
    public func write(to bytes: inout MutableRawSpan, at offset: Int) {
        bytes.store(bigEndian: number, at: offset)
        bytes.store(bigEndian: proposer.rawValue, at: offset + 8)
        bytes.store(bigEndian: generation, at: offset + 16)
    }
}
