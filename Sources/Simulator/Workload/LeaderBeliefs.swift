// Which node routers and edges believe to lead a bucket.

import Configuration
import Wire

/// What one machine believes of each group: by the snapshot's fixed view, until it is told better.
struct LeaderBeliefs: Sendable {
    /// By group and bucket: the node.
    private var leaders: [[Int]]
    /// By group: the nodes that are members.
    let members: [[Int]]

    init(_ world: World) {
        leaders = world.snapshot.groups.map { group in
            group.leaders.map { world.node(group.members[Int($0)]) ?? 0 }
        }
        members = world.snapshot.groups.map { $0.members.compactMap { world.node($0) } }
    }

    func leader(group: Int, bucket: BucketIndex) -> Int { leaders[group][Int(bucket.rawValue)] }
}
