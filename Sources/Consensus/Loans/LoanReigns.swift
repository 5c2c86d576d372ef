// In whose name this engine borrows and lends: the ballot and term of each bucket that it leads. DESIGN
// part 5, rule 17: an id says in which reign it was drawn, so that a later leader can refuse it.

public import Wire

/// This engine's time of leading one bucket.
struct LoanReign: Hashable, Sendable, BitwiseCopyable {
    var ballot: Ballot
    var term: UInt32
    /// An entry of this reign is committed: whatever an earlier one may have committed is known.
    var isOpen = false

    /// How an id stands with this reign.
    func standing(of id: LoanID) -> LoanStanding {
        if id.ballot == ballot && id.term == term { return .own }
        return (id.ballot, id.term) < (ballot, term) ? .older : .newer
    }
}

/// Whose reign an id was drawn in, as against this leader's.
enum LoanStanding {
    case own
    case older
    case newer
}

extension Loans {
    /// The chain of a bucket: its place among all buckets of all groups. Nil of a group that isn't here.
    func chain(_ group: UInt64, _ bucket: BucketIndex) -> Int? {
        guard Int(bucket.rawValue) < settings.bucketCount else { return nil }
        return routes.slot(of: group).map { $0 * settings.bucketCount + Int(bucket.rawValue) }
    }

    /// The reign by which this engine leads a bucket, if it does.
    func reign(_ group: UInt64, _ bucket: BucketIndex) -> LoanReign? {
        chain(group, bucket).flatMap { reigns[$0] }
    }

    /// This engine begins to lead a bucket: it knows all loans that are committed, and perhaps not yet
    /// all that will be. What its earlier reign asked for is void.
    public mutating func begin(
        group: UInt64, bucket: BucketIndex, ballot: Ballot, term: UInt32, at now: Tick
    ) {
        guard let chain = chain(group, bucket) else { return }
        reigns[chain] = LoanReign(ballot: ballot, term: term)
        stopQuiet(chain)
        abandon(now) { _, request in request.id.group == group && request.id.bucket == bucket }
    }

    /// The first entry of the reign is committed. Whoever borrowed is told again, in case the last
    /// leader didn't hear the answer; quiet times begin again.
    // DESIGN part 5, rule 16: a new leader starts them afresh.
    public mutating func open(group: UInt64, bucket: BucketIndex, at now: Tick) {
        guard let chain = chain(group, bucket), reigns[chain] != nil else { return }
        reigns[chain]?.isOpen = true
        startQuiet(chain, now)
        var next = lentOf.first(chain)
        while let slot = next {
            next = lentOf.next(slot)
            let list = lent.lists.list(of: slot)
            guard list == LentList.copied || list == LentList.standing else { continue }
            // Closed while this leader could not decide yet: it is given back now.
            guard lent[slot].closedAs == nil else {
                beginReturn(slot)
                continue
            }
            lent[slot].since = Tick(rawValue: 0)
            lent.moveToFront(slot, of: LentList.standing)
        }
    }

    /// Another engine leads a bucket of which this one keeps a copy, in a reign that may not have opened
    /// yet.
    public mutating func follow(group: UInt64, bucket: BucketIndex) {
        if let chain = chain(group, bucket) { stopQuiet(chain) }
    }

    /// The reign of the bucket's leader is heard to have opened: quiet times begin again here too, so
    /// that the next leader finds all that still rests.
    public mutating func hear(group: UInt64, bucket: BucketIndex, at now: Tick) {
        if let chain = chain(group, bucket) { startQuiet(chain, now) }
    }

    private mutating func stopQuiet(_ chain: Int) {
        areTimed[chain] = false
        var next = lentOf.first(chain)
        while let slot = next {
            next = lentOf.next(slot)
            guard lent.lists.list(of: slot) == LentList.quiet else { continue }
            lent.move(slot, to: LentList.unopened)
        }
    }

    private mutating func startQuiet(_ chain: Int, _ now: Tick) {
        areTimed[chain] = true
        var next = lentOf.first(chain)
        while let slot = next {
            next = lentOf.next(slot)
            guard isQuiet(slot) else { continue }
            lent[slot].since = now
            lent.move(slot, to: LentList.quiet)
        }
    }

    /// Whether a loan's end is committed, and its port rests.
    func isQuiet(_ slot: Int) -> Bool {
        let list = lent.lists.list(of: slot)
        return list == LentList.quiet || list == LentList.unopened
    }

    /// The list of a loan of a chain whose port rests.
    func quietList(_ chain: Int?) -> Int {
        chain.map { areTimed[$0] } ?? true ? LentList.quiet : LentList.unopened
    }

    /// This engine leads a bucket no more. What is not committed may yet be, by another's word.
    public mutating func cease(group: UInt64, bucket: BucketIndex, at now: Tick) {
        guard let chain = chain(group, bucket), reigns[chain] != nil else { return }
        reigns[chain] = nil
        var next = lentOf.first(chain)
        while let slot = next {
            next = lentOf.next(slot)
            // What the borrower said to this leader, its successor will hear again.
            if !isQuiet(slot) { lent[slot].closedAs = nil }
            guard lent.lists.list(of: slot) == LentList.standing else { continue }
            lent.move(slot, to: LentList.copied)
        }
        abandon(now) { _, request in request.id.group == group && request.id.bucket == bucket }
    }

    /// Forgets all loans that a bucket gave and took: its copy goes.
    public mutating func discard(group: UInt64, bucket: BucketIndex) {
        guard let chain = chain(group, bucket) else { return }
        while let slot = lentOf.first(chain) { removeLent(slot) }
        while let slot = heldOf.first(chain) { _ = remove(held: slot) }
    }
}
