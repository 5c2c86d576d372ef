// What a member is told of its groups from outside: by the placement's snapshot, and by its own disk.

public import Wire

/// A group that this node is in, by the snapshot. It says who may be a member, never who is one.
public struct GroupPlan: Hashable, Sendable {
    public var id: UInt64
    /// The configuration's number, from 1.
    public var configuration: UInt32
    /// In rendezvous order.
    public var members: [NodeID]
    /// By bucket: a place in `members`.
    public var preferredLeaders: [UInt8]

    public init(
        id: UInt64, configuration: UInt32, members: [NodeID], preferredLeaders: [UInt8]
    ) {
        precondition(configuration > 0 && !members.isEmpty)
        precondition(members.count <= View.mostSeats)
        self.id = id
        self.configuration = configuration
        self.members = members
        self.preferredLeaders = preferredLeaders
    }
}

/// What is on disk before a member acts under it. DESIGN part 5, rule 19.
public struct GroupRecord: Hashable, Sendable {
    public var group: UInt64
    public var generation: UInt32
    public var configuration: UInt32
    /// Of the configuration, in rendezvous order.
    public var members: [NodeID]

    public init(group: UInt64, generation: UInt32, configuration: UInt32, members: [NodeID]) {
        self.group = group
        self.generation = generation
        self.configuration = configuration
        self.members = members
    }
}
