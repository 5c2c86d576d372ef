// Who serves whom. Pure arithmetic on identifiers: the same question always has the same answer,
// on every machine and in every release, so neither the hash nor the order of its words may change.

/// Chooses the nodes of a shard, their order in a group, and the leader of each bucket.
public enum Placement {
    /// The `size` nodes (all, if they are fewer) that rank highest for a tenant, by rendezvous
    /// hashing: a node that comes or goes changes the shards it is in, or would be in, and no
    /// other. Highest rank first; the order of `nodes` doesn't matter.
    public static func shard(tenant: UInt64, nodes: [UInt64], size: Int) -> [UInt64] {
        precondition(size > 0, "a shard has at least one node")
        return Array(ranked(nodes, by: tenant, purpose: .shard).prefix(size))
    }

    /// The members of a group in its rendezvous order. A router that knows no view sends to the
    /// first of them.
    public static func order(group: UInt64, members: [UInt64]) -> [UInt64] {
        ranked(members, by: group, purpose: .order)
    }

    /// For each bucket the index in `members` of its leader, in a view where all live.
    ///
    /// Buckets are dealt in rounds of one for each member, every round in an order of its own, so
    /// that no member leads more than one bucket more than another, and a lost member's buckets
    /// lie spread among all others'.
    public static func leaders(group: UInt64, members: [UInt64], bucketCount: Int) -> [UInt8] {
        precondition((1...256).contains(members.count), "a leader's index is one byte")
        var leaders: [UInt8] = []
        leaders.reserveCapacity(bucketCount)
        var round: UInt64 = 0
        while leaders.count < bucketCount {
            let key = RendezvousHash.mix(group, round)
            let order = members.indices.sorted {
                let left = RendezvousHash.score(key, members[$0], purpose: .leader)
                let right = RendezvousHash.score(key, members[$1], purpose: .leader)
                return left == right ? $0 < $1 : left > right
            }
            leaders += order.prefix(bucketCount - leaders.count).map { UInt8($0) }
            round += 1
        }
        return leaders
    }

    private static func ranked(
        _ nodes: [UInt64], by key: UInt64, purpose: RendezvousHash.Purpose
    ) -> [UInt64] {
        nodes.map { (score: RendezvousHash.score(key, $0, purpose: purpose), node: $0) }
            .sorted { $0.score == $1.score ? $0.node < $1.node : $0.score > $1.score }
            .map(\.node)
    }
}
