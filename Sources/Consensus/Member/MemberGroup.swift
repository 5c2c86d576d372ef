// A group, as one of its members keeps it: what it has promised and installed, what the others told,
// and what it is about to do.

import Wire

/// One for each group, never shared: whoever looks at a group copies none of it.
final class MemberGroup {
    var plan: GroupPlan
    /// The snapshot names the group, with this node.
    var isPlanned = true
    /// The snapshot names the group, whoever its members are.
    var isNamed = true
    /// This node has nothing to do with it any more.
    var isOver = false
    /// The view whose copies this start has given up: it can't be full in that generation but by a
    /// transfer.
    var gaveUp: Ballot?
    /// The other nodes of the plan's and the views' members.
    var roster: [Associate] = []
    /// On disk.
    var record: GroupRecord?
    /// No earlier start was a member, or about to be one: there was no record when this one began.
    var isNew = false
    /// On its way to the disk.
    var awaitedRecord: GroupRecord?

    // Views.
    /// The newest that all engines have; nil: this member is empty.
    var installed: FoundedView?
    /// Ordered, and engines that have it.
    var installing: FoundedView?
    var enginesInstalled: UInt64 = 0
    /// Copies that it names full and that aren't.
    var lost: BucketSet
    /// The newest that somebody wants installed and that isn't yet.
    var offered: FoundedView?
    /// The newest that was told, for building on it.
    var known: FoundedView?
    /// One that comes in parts, and from whom.
    var arriving: (part: ViewPart, from: Int)?
    var isActive = false
    /// Until when ports rest of the buckets that began in one view.
    var rests: [(beginning: Ballot, until: Tick)] = []
    /// By bucket: the beginnings that the engines know; empty before the first.
    var begun: [Ballot] = []

    // The promise.
    var promised = Ballot.none
    /// All engines have frozen the group for it.
    var isPromiseComplete = false
    var enginesFrozen: UInt64 = 0
    /// By engine: standings that it has reported.
    var frozenCounts: [Int] = []
    var standings: [BucketStanding] = []

    // The installed view, as it went on.
    var full: BucketSet
    var led: BucketSet
    /// Of those led: the ones that were handed over to this member.
    var leads: [LedBucket] = []
    var ordered: BucketSet
    var orderedAt = Tick(rawValue: 0)
    /// When a bucket was last handed over to this member.
    var ledAt = Tick(rawValue: 0)
    var toldAt = Tick(rawValue: 0)
    var mustTell = false

    // Proposing.
    var proposal: Proposal?
    var highestNumber: UInt64 = 0
    var attempts = 0
    /// Views proposed one after the other because somebody wants to join.
    var joins = 0
    /// When this member last promised, installed or saw activation.
    var progressAt = Tick(rawValue: 0)
    var viewAt = Tick(rawValue: 0)
    var trouble: Trouble?

    // Asking.
    var askAt: Tick?
    var askWait: UInt64 = 0

    var isTouched = false
    var wakeAt = Tick(rawValue: 0)
    var preference: Preference

    init(_ plan: GroupPlan, bucketCount: Int, engineCount: Int) {
        self.plan = plan
        full = BucketSet(bucketCount: bucketCount)
        led = full
        lost = full
        ordered = full
        frozenCounts = Array(repeating: 0, count: engineCount)
        preference = Preference(plan, bucketCount: bucketCount)
    }

    var isEmpty: Bool { installed == nil }
    var installedBallot: Ballot { installed?.view.ballot ?? .none }

    func associate(_ peer: Int) -> Int? { roster.firstIndex { $0.peer == peer } }

    func associate(of node: NodeID) -> Int? { roster.firstIndex { $0.node == node } }

    /// The view of that ballot, if it is at hand.
    func view(_ ballot: Ballot) -> FoundedView? {
        if let installed, installed.view.ballot == ballot { return installed }
        if let known, known.view.ballot == ballot { return known }
        if let offered, offered.view.ballot == ballot { return offered }
        return nil
    }

    func wake(at time: Tick) { wakeAt = min(wakeAt, time) }
}

/// Another member of a group.
struct Associate {
    let node: NodeID
    /// Its place among the peers.
    let peer: Int
    /// What it said last, in the stream that is open.
    var told: GroupStanding?
    /// Its grants count for the installed view.
    var isVouched = false
    /// What it leads by hand-overs, and in which view.
    var leads: [LedBucket] = []
    var leadsIn = Ballot.none
}

/// Why a view is wanted, and since when.
struct Trouble {
    var kind: ViewReason
    var since: Tick
}

/// A ballot of this member's own.
struct Proposal {
    let ballot: Ballot
    let startedAt: Tick
    /// Members without memory open a generation in this configuration.
    let generation: GroupRecord?
    /// It aims at the next configuration.
    var isChange = false
    var promises: [HeldPromise] = []
    /// When promises first sufficed.
    var enoughAt: Tick?
    var built: FoundedView?
    var sentAt: Tick
    var resendNanoseconds: UInt64 = 10_000_000
}

/// A promise, as it comes in parts.
struct HeldPromise {
    let node: NodeID
    let incarnation: Incarnation
    var installed: Ballot
    var generation: UInt32
    var noted: [NotedStart]
    /// By bucket.
    var standings: [BucketStanding]
    var nextPart: UInt8 = 0
    var isComplete = false

    init(_ part: PromisePart, node: NodeID, incarnation: Incarnation, bucketCount: Int) {
        self.node = node
        self.incarnation = incarnation
        installed = part.installed
        generation = part.generation
        noted = part.noted
        standings = (0..<bucketCount).map {
            BucketStanding(
                bucket: BucketIndex($0), stamp: .none, isFull: false, hasAcknowledged: false)
        }
    }

    mutating func take(_ part: PromisePart) {
        guard part.part == nextPart else { return }
        for standing in part.standings where Int(standing.bucket.rawValue) < standings.count {
            standings[Int(standing.bucket.rawValue)] = standing
        }
        nextPart += 1
        isComplete = nextPart == part.parts
    }
}
