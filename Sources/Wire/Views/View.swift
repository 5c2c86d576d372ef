// What a group runs by: who is in it, by which of his starts, and for each bucket who leads and who
// keeps copies. A view is made by a proposer, sent to members as a whole, and never changed; hand-overs
// within it raise a bucket's term.

/// Members by their places in a view's or a configuration's list. At most eight: k of 5, and one that
/// joins before another leaves.
public struct SeatSet: OptionSet, Hashable, Sendable, BitwiseCopyable {
    public let rawValue: UInt8
    @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }
    @inlinable public init(seat: Int) { rawValue = 1 << UInt8(seat) }

    @inlinable public var count: Int { rawValue.nonzeroBitCount }
    @inlinable public func contains(seat: Int) -> Bool { rawValue & 1 << UInt8(seat) != 0 }
    /// The lowest seat; nil if there is none.
    @inlinable public var first: Int? { rawValue == 0 ? nil : rawValue.trailingZeroBitCount }
    /// The same seats without one.
    @inlinable public func without(_ seat: Int) -> SeatSet { subtracting(SeatSet(seat: seat)) }
}

/// One bucket's seats in a view.
public struct BucketSeats: Hashable, Sendable, BitwiseCopyable {
    /// Nobody leads: the bucket waits for a full member.
    public static let nobody: UInt8 = 255

    /// The leader's seat when the view begins, or `nobody`.
    public var leader: UInt8
    /// All that keep copies, the leader included: an entry is committed when each of them has it.
    public var replicas: SeatSet
    /// Of those, the ones that hold every committed record when the view begins.
    public var full: SeatSet

    public init(leader: UInt8, replicas: SeatSet, full: SeatSet) {
        self.leader = leader
        self.replicas = replicas
        self.full = full
    }

    public var isOpen: Bool { leader != Self.nobody }
}

/// A view of one group.
public struct View: Hashable, Sendable {
    public static let mostSeats = 8
    /// So that a view with all its buckets is one message within a node.
    public static let mostBuckets = 256

    public var group: UInt64
    public var ballot: Ballot
    /// Number of the configuration that it belongs to.
    public var configuration: UInt32
    /// The configuration's members, in the group's rendezvous order; seats are places in it.
    public var members: [NodeID]
    /// By seat: the start of the member that takes part, `unknown` if it doesn't: only that start
    /// installs the view.
    public var incarnations: [Incarnation]
    /// By bucket.
    public var buckets: [BucketSeats]

    public init(
        group: UInt64, ballot: Ballot, configuration: UInt32, members: [NodeID],
        incarnations: [Incarnation], buckets: [BucketSeats]
    ) {
        precondition(members.count == incarnations.count && members.count <= Self.mostSeats)
        self.group = group
        self.ballot = ballot
        self.configuration = configuration
        self.members = members
        self.incarnations = incarnations
        self.buckets = buckets
    }

    public func seat(of node: NodeID) -> Int? { members.firstIndex(of: node) }

    /// The members that take part.
    public var live: SeatSet {
        incarnations.indices.reduce(into: []) { set, seat in
            if incarnations[seat] != .unknown { set.formUnion(SeatSet(seat: seat)) }
        }
    }

    /// Whether what its fields say of each other holds; a view from the wire is checked by it.
    public var isConsistent: Bool {
        let live = live
        return ballot.number > 0 && !members.isEmpty && Set(members).count == members.count
            && buckets.allSatisfy { bucket in
                bucket.replicas.isSubset(of: live) && bucket.full.isSubset(of: bucket.replicas)
                    && (!bucket.isOpen
                        || Int(bucket.leader) < members.count
                            && bucket.full.contains(seat: Int(bucket.leader)))
            }
    }
}
