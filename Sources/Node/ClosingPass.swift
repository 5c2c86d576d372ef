// Which configuration every flow of an engine lives by. A new one ends flows as the sweep comes to
// them, so it is closed - nothing lives any more that it has ended - once the sweep has been round.
// DESIGN part 5, rule 20: an address is given on only after that.

/// Follows the sweep round the tables after each new configuration. A configuration that comes
/// while an older one's round is under way waits for it: then a storm of changes delays a version
/// by two rounds, and none for ever.
struct ClosingPass {
    /// The newest version that no flow outlives.
    private(set) var closedVersion: UInt64
    /// The version whose round is under way, and the slots that it has still to see.
    private var version: UInt64?
    private var slotsV4 = 0
    private var slotsV6 = 0
    private var next: UInt64?

    /// A version waits to be closed.
    var isOpen: Bool { version != nil }

    /// Of an engine that has no flow yet.
    init(version: UInt64) { closedVersion = version }

    mutating func begin(_ version: UInt64, slotsV4: Int, slotsV6: Int) {
        guard self.version == nil else {
            next = version
            return
        }
        self.version = version
        self.slotsV4 = slotsV4
        self.slotsV6 = slotsV6
    }

    /// The sweep has gone on. True if it has been round: the version is closed once nothing else,
    /// a loan, lives by an older one.
    mutating func sweep(v4: Int, v6: Int) -> Bool {
        guard version != nil else { return false }
        slotsV4 -= v4
        slotsV6 -= v6
        return slotsV4 <= 0 && slotsV6 <= 0
    }

    /// Something lived by an older version still: the round is made again.
    mutating func again(capacityV4: Int, capacityV6: Int) {
        slotsV4 = capacityV4
        slotsV6 = capacityV6
    }

    /// Closes the version whose round is over; `capacity` is of the tables, for the round that may
    /// begin.
    mutating func close(capacityV4: Int, capacityV6: Int) {
        guard let version else { return }
        closedVersion = version
        self.version = nil
        guard let waiting = next else { return }
        next = nil
        begin(waiting, slotsV4: capacityV4, slotsV6: capacityV6)
    }

    /// Something that should be over came in by an entry: no version is closed before the sweep has been
    /// round once more. An older version waits for it than the newest, so that a storm of changes doesn't
    /// put that off for ever.
    mutating func reopen(capacityV4: Int, capacityV6: Int) {
        if version == nil {
            version = closedVersion
        }
        closedVersion = 0
        again(capacityV4: capacityV4, capacityV6: capacityV6)
    }

    /// There is no flow at all.
    mutating func finish() {
        closedVersion = next ?? version ?? closedVersion
        version = nil
        next = nil
    }
}
