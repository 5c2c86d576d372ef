// How far a member's copy of a bucket reaches: the place of the last entry that it holds, decided in
// which view and term. Of two copies the one with the greater stamp holds more.

/// The place of an entry in a bucket's one sequence. 32 bytes on the wire.
public struct Stamp: Hashable, Comparable, Sendable, BitwiseCopyable {
    public static let byteCount = 32

    /// The view that the entry was last sent in.
    public var ballot: Ballot
    /// The leader's term within that view: raised by each hand-over.
    public var term: UInt32
    /// From 1; 0 if there is no entry yet.
    public var sequence: UInt64

    public init(ballot: Ballot, term: UInt32, sequence: UInt64) {
        self.ballot = ballot
        self.term = term
        self.sequence = sequence
    }

    /// Before all entries.
    public static var none: Stamp { Stamp(ballot: .none, term: 0, sequence: 0) }

    public static func < (left: Self, right: Self) -> Bool {
        if left.ballot != right.ballot { return left.ballot < right.ballot }
        return (left.term, left.sequence) < (right.term, right.sequence)
    }
}

extension Ballot {
    /// Before all views.
    public static var none: Ballot {
        Ballot(generation: 0, number: 0, proposer: NodeID(rawValue: 0))
    }
}
