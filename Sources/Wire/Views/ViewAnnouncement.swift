// What routers and edges are told of a view: who leads which bucket of a group, and no more;
// incarnations, copies and full holders stay among nodes. A datagram of its own, to a subscriber.
//
//    0  magic 'HPVA'              4     a Geneve reader sees version 1 and refuses it
//    4  version                   1
//    5  reserved, zero            1
//    6  total length              2     seal included
//    8  key epoch                 4     of the configuration, for the seal
//   12  zero                      2     where a packet's bucket is: the socket's filter gives it to
//   14  buckets                   2     engine 0
//   16  cluster                   8
//   24  group                     8
//   32  ballot: number            8
//   40  ballot: proposer          8
//   48  ballot: generation        4
//   52  members                   1     1 to 8
//   53  live members, by seat     1
//   54  reserved, zero            2
//   56  members, 8 each, then of each bucket the leader's seat, 1, and the term, 4; then the seal, 16

/// Who leads a bucket, in which of the view's terms.
public struct BucketLead: Hashable, Sendable, BitwiseCopyable {
    /// Place among the members; `BucketSeats.nobody` while the bucket waits for a full member.
    public var seat: UInt8
    /// Raised by each hand-over within the view.
    public var term: UInt32

    public init(seat: UInt8, term: UInt32) {
        self.seat = seat
        self.term = term
    }
}

/// The leaders of one group, as a view and the hand-overs in it made them.
public struct ViewAnnouncement: Hashable, Sendable {
    public static let magic: UInt32 = 0x4850_5641
    public static let version: UInt8 = 1
    /// Buckets of a cluster whose views can be announced: all must fit into one datagram. With up
    /// to 265 it needs no fragments on a network of 1,500 bytes.
    public static let mostBuckets = 8192
    static let headerBytes = 56
    static let leadBytes = 5

    public var cluster: UInt64
    public var keyEpoch: UInt32
    public var group: UInt64
    public var ballot: Ballot
    /// In the group's rendezvous order; seats are places in it.
    public var members: [NodeID]
    /// The members that take part.
    public var live: SeatSet
    /// By bucket.
    public var leads: [BucketLead]

    public init(
        cluster: UInt64, keyEpoch: UInt32 = 0, group: UInt64, ballot: Ballot, members: [NodeID],
        live: SeatSet, leads: [BucketLead]
    ) {
        self.cluster = cluster
        self.keyEpoch = keyEpoch
        self.group = group
        self.ballot = ballot
        self.members = members
        self.live = live
        self.leads = leads
    }

    /// What a view says, before any hand-over.
    public init(cluster: UInt64, keyEpoch: UInt32 = 0, _ view: View) {
        self.init(
            cluster: cluster, keyEpoch: keyEpoch, group: view.group, ballot: view.ballot,
            members: view.members, live: view.live,
            leads: view.buckets.map { BucketLead(seat: $0.leader, term: 0) })
    }

    /// Hand-overs in the view: of two announcements of one ballot, the one with more is newer.
    public var change: UInt64 { leads.reduce(0) { $0 + UInt64($1.term) } }

    /// On the wire, seal included.
    public var byteCount: Int {
        Self.byteCount(members: members.count, buckets: leads.count)
    }

    public static func byteCount(members: Int, buckets: Int) -> Int {
        headerBytes + members * 8 + buckets * leadBytes + AnnouncementSeal.byteCount
    }

    /// Longest announcement in a cluster of so many buckets.
    public static func maximumBytes(buckets: Int) -> Int {
        byteCount(members: View.mostSeats, buckets: buckets)
    }
}
