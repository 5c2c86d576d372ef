// One bucket of one group, as this member holds it: how far its copy reaches, whether that is all of
// it, and, where this engine leads, how far the others have come.

import Wire

/// What a member does for a bucket.
public enum BucketRole: UInt8, Sendable, BitwiseCopyable {
    /// Keeps no copy.
    case none
    /// Stores what the leader sends.
    case follower
    case leader
    /// Leads no more, and waits until its successor has all that it sent.
    case handingOver
}

/// An index into a replica's copies.
public struct CopyIndex: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: Int32
    public init(rawValue: Int32) { self.rawValue = rawValue }
    var index: Int { Int(rawValue) }
}

struct BucketCopy {
    var role = BucketRole.none
    /// Raised each time this engine begins or ceases to lead: packets that wait for a commitment wait
    /// for that of one reign.
    var reign: UInt32 = 0
    /// The bucket's number within the view, raised by each hand-over.
    var term: UInt32 = 0
    var leaderSeat = BucketSeats.nobody
    /// Of the last entry: the view and term that it was sent in, and its place.
    var stamp = Stamp.none
    /// The newest configuration by which an entry of the bucket was made.
    var version: UInt64 = 0
    /// All up to this place are in the tables.
    var committed: UInt64 = 0
    var tail = TailList()
    /// Whether every committed record is here.
    var isFull = false
    /// Appended or acknowledged something in the newest view installed.
    var hasActed = false
    /// Nothing of this view was taken yet: what is here, of an older one, goes with the first entry.
    var isStale = false
    /// Records are coming.
    var isFilling = false
    /// The transfer is over: the copy is full when it reaches this place.
    var fullAt: UInt64?
    /// Discards that the engine has not done yet: until then it leads nothing here.
    var discards: UInt16 = 0
    /// The tables could not take a committed record: the copy isn't full before it is filled anew.
    var hasLost = false

    /// Where this engine follows: the place of the reign's first entry, until that is committed.
    var hearing: UInt64?

    // Where this engine leads:
    /// The place that must be committed before anything is decided; nil when it is.
    var opening: UInt64?
    var acknowledged = InlineArray<8, UInt64>(repeating: 0)
    /// By seat: the next entry to be sent.
    var cursors = InlineArray<8, TailSlot>(repeating: .none)
    /// Others that hold every committed record.
    var fullSeats = SeatSet()
    /// Followers that are to be filled.
    var wanting = SeatSet()
    /// By seat: how often in this reign a full copy was full no more.
    var refills = InlineArray<8, UInt8>(repeating: 0)
    /// The last mark that followers were told.
    var told: UInt64 = 0
    var successor = BucketSeats.nobody
    var resendAt: Tick?
    var resendWait: UInt64 = 0

    var last: UInt64 { stamp.sequence }
}

/// The view in which all copies of a bucket began with nothing, and until when its ports rest since.
struct Beginning: Hashable, Sendable, BitwiseCopyable {
    var ballot = Ballot.none
    var restUntil = Tick(rawValue: 0)
}

/// A group that this node is a member of. One for each, never shared: whoever looks at a group copies
/// none of it.
final class ReplicaGroup {
    let id: UInt64
    var isServed = true
    /// Copies whose role isn't `none`.
    var heldCount = 0
    var view: View?
    var seat: Int?
    var isActive = false
    /// Who leads each bucket, and since which term: hand-overs that this engine knows of count.
    var leads: [BucketLead] = []
    /// `leads`, or whether the view is active, changed since somebody asked.
    var isChanged = false
    /// By bucket; empty as long as nothing is known of any.
    var beginnings: [Beginning] = []
    /// Nothing is accepted, acknowledged, decided or committed in views below it.
    var promised = Ballot.none

    init(id: UInt64) { self.id = id }

    /// The view takes entries: nothing higher is promised.
    var isThawed: Bool {
        guard let ballot = view?.ballot else { return false }
        return promised <= ballot
    }
}
