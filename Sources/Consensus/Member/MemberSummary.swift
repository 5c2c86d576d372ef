// What the status page shows of a group.

public import Wire

/// Where this node stands in a group.
public struct MemberSummary: Hashable, Sendable {
    public var group: UInt64
    public var generation: UInt32
    public var configuration: UInt32
    /// Of the newest view installed; `none`: it has none since it started.
    public var installed: Ballot
    public var promised: Ballot
    public var isActive: Bool
    /// Members of the view that take part.
    public var live: [NodeID]
    /// Buckets whose copy here is full, and that this node leads.
    public var fullBuckets: Int
    public var ledBuckets: Int
    /// Buckets that wait for a full member.
    public var waitingBuckets: Int
}

extension Member {
    /// Where this node stands in a group; nil if it isn't in it.
    public func summary(of id: UInt64) -> MemberSummary? {
        guard let place = place(of: id) else { return nil }
        let group = groups[place]
        let view = group.installed?.view
        return MemberSummary(
            group: id, generation: group.record?.generation ?? 0,
            configuration: group.record?.configuration ?? 0, installed: group.installedBallot,
            promised: group.promised, isActive: group.isActive,
            live: view?.members.indices.filter { view?.incarnations[$0] != .unknown }
                .compactMap { view?.members[$0] } ?? [],
            fullBuckets: group.full.count, ledBuckets: group.led.count,
            waitingBuckets: view?.buckets.count { !$0.isOpen } ?? 0)
    }
}
