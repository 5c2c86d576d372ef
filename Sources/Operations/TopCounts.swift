// The greatest counts of a long list in bounded memory, after the algorithms for heavy hitters (Misra
// and Gries 1982; Manku and Motwani 2002): what comes up seldom is forgotten, and how much that was is
// known.

/// What is counted: all, and parts of it.
package struct PortTally: Hashable, Sendable {
    package var used: Int
    package var quiet: Int
    package var onLoan: Int

    package init(used: Int = 0, quiet: Int = 0, onLoan: Int = 0) {
        self.used = used
        self.quiet = quiet
        self.onLoan = onLoan
    }

    package static func += (left: inout Self, right: Self) {
        left.used += right.used
        left.quiet += right.quiet
        left.onLoan += right.onLoan
    }
}

/// Counts by key, of which at least the `capacity` greatest are kept.
///
/// A count is exact until something is forgotten; afterwards it is too small by `forgotten` at most.
/// With N counted in all, that is at most N / `capacity`.
package struct TopCounts<Key: Hashable & Sendable>: Sendable {
    private struct Entry {
        var tally = PortTally()
        /// At most so much of it was forgotten before.
        var missed: Int
        var most: Int { tally.used + missed }
    }

    let capacity: Int
    /// No key that is missing has come up more often.
    package private(set) var forgotten = 0
    private var entries: [Key: Entry] = [:]

    package init(capacity: Int) {
        precondition(capacity > 0)
        self.capacity = capacity
        entries.reserveCapacity(min(2 * capacity, 1024))
    }

    /// At most twice the capacity.
    package var count: Int { entries.count }

    package subscript(key: Key) -> PortTally? { entries[key]?.tally }

    /// In constant time, if now and then a call that forgets is not counted.
    package mutating func add(_ tally: PortTally, to key: Key) {
        entries[key, default: Entry(missed: forgotten)].tally += tally
        if entries.count > 2 * capacity { forget() }
    }

    /// Leaves the greatest.
    private mutating func forget() {
        let most = entries.values.map(\.most).sorted(by: >)
        let greatestLost = most[capacity]
        entries = entries.filter { $0.value.most > greatestLost }
        forgotten = max(forgotten, greatestLost)
    }

    /// The greatest, in descending order; those of one count in the order of `name`.
    package func greatest(_ limit: Int, name: (Key) -> String) -> [(key: Key, tally: PortTally)] {
        let sorted = entries.sorted { $0.value.tally.used > $1.value.tally.used }
        guard limit < sorted.count else { return Self.ordered(sorted[...], name) }
        // Names cost: only of those that may be among the first.
        let least = sorted[max(limit - 1, 0)].value.tally.used
        let candidates = sorted.prefix { $0.value.tally.used >= least }
        return Array(Self.ordered(candidates, name).prefix(limit))
    }

    private static func ordered(
        _ entries: ArraySlice<(key: Key, value: Entry)>, _ name: (Key) -> String
    ) -> [(key: Key, tally: PortTally)] {
        entries.map { (key: $0.key, tally: $0.value.tally, name: name($0.key)) }
            .sorted { ($1.tally.used, $0.name) < ($0.tally.used, $1.name) }
            .map { ($0.key, $0.tally) }
    }

    /// Visits all that is kept, in no order.
    func forEach(_ body: (Key, PortTally) -> Void) {
        for (key, entry) in entries { body(key, entry.tally) }
    }
}
