// Which node each router and edge believes to lead a bucket: by what nodes announced to it; before
// anything was, by the snapshot.

import Configuration
import Steering
import Wire

/// What all hosts and edges believe.
struct LeaderBeliefs: Sendable {
    /// By group and bucket: the node that the snapshot names.
    private let named: [[Int]]
    private let groups: [UInt64]
    /// By group: the nodes that are members.
    private(set) var members: [[Int]]
    /// By host or edge.
    private var tables: [ViewTable]
    private let firstMachine: Machine

    init(_ world: World) {
        let snapshot = world.snapshot
        named = snapshot.groups.map { group in
            group.leaders.map { world.node(group.members[Int($0)]) ?? 0 }
        }
        groups = snapshot.groups.map(\.id)
        members = snapshot.groups.map { $0.members.compactMap { world.node($0) } }
        firstMachine = world.nodeCount
        var table = ViewTable(
            cluster: snapshot.cluster.id, bucketCount: snapshot.cluster.bucketCount)
        table.use(snapshot.groups.map { ViewTable.Group(id: $0.id, members: $0.members) })
        tables = Array(repeating: table, count: world.machineCount - world.nodeCount)
    }

    func leader(for machine: Machine, group: Int, bucket: BucketIndex, in world: World) -> Int {
        let table = tables[machine - firstMachine]
        guard table.isKnown(groups[group]),
            let leader = table.leader(of: groups[group], bucket: bucket),
            let node = world.node(leader)
        else { return named[group][Int(bucket.rawValue)] }
        return node
    }

    /// All learn that groups have other members.
    mutating func use(_ snapshot: Snapshot, in world: World) {
        members = snapshot.groups.map { $0.members.compactMap { world.node($0) } }
        let groups = snapshot.groups.map { ViewTable.Group(id: $0.id, members: $0.members) }
        for index in tables.indices { tables[index].use(groups) }
    }

    /// A machine was told. True if it knows more than before.
    mutating func hear(_ announcement: ViewAnnouncement, at machine: Machine) -> Bool {
        tables[machine - firstMachine].apply(announcement)
    }

    /// What a machine asks a node, once a second; nil if that serves nobody.
    func subscription(of machine: Machine, to node: NodeID) -> [UInt8]? {
        let table = tables[machine - firstMachine]
        let known = table.known(toAsk: node)
        guard !known.isEmpty else { return nil }
        var bytes = [UInt8](repeating: 0, count: Subscription.byteCount(groups: known.count))
        var span = bytes.mutableRawSpan
        _ = Subscription.write(cluster: table.cluster, groups: known[...], to: &span)
        return bytes
    }
}

extension Simulation {
    /// A host or an edge asks all nodes for the views of the groups that they serve.
    func subscribe(_ machine: Machine) {
        queue.plan(.subscribe, at: now + 1_000_000_000, machine)
        for node in 0..<world.nodeCount {
            guard let bytes = beliefs.subscription(of: machine, to: world.nodeID(node)) else {
                continue
            }
            send(Datagram(from: machine, to: node, bytes: bytes))
        }
    }

    /// A node tells a host or an edge.
    func arriveAnnouncement(_ datagram: Datagram) {
        guard let announcement = try? ViewAnnouncement.parse(datagram.bytes.rawSpan) else { return }
        if beliefs.hear(announcement, at: datagram.to) {
            note(.learned, from: datagram.to, announcement.group)
        }
    }
}
