// What the emulated routers and edges were told of views, and how often they were behind.

/// Of any run. Nodes that announce nothing are steered to by the snapshot.
public struct SteeringReport: Hashable, Sendable, Codable {
    /// That came from nodes.
    public var announcements: UInt64
    /// Of these, those that told something new.
    public var viewsTaken: UInt64
    /// Of these, changes of what was known: new views and hand-overs during the run.
    public var viewChanges: UInt64
    /// Packets that came from another node than they would be sent to by then.
    public var staleHops: UInt64
}
