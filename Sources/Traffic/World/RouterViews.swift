// What the emulated routers and edges know of views. Each subscribes for itself with the nodes that
// serve it; what any of them is told, all act by, so that one table does for all.

import Steering
import Configuration
import Wire

/// The table that packets are steered by, and when nodes are asked again.
struct RouterViews: Sendable {
    // DESIGN part 5, rule 21: one message a second to a node.
    static let intervalNanoseconds: UInt64 = 1_000_000_000

    var table: ViewTable
    var nextAsking: Tick

    init(_ topology: Topology, start: Tick) {
        table = ViewTable(cluster: topology.cluster, bucketCount: topology.bucketCount)
        table.use(topology.groups)
        nextAsking = start
    }
}

extension TrafficEngine {
    /// Once a second, from every endpoint to every node that serves it. A packet of the run it is
    /// not: it counts nowhere.
    mutating func subscribe(_ now: Tick, _ pool: inout FramePool) {
        guard now >= views.nextAsking else { return }
        views.nextAsking = now + RouterViews.intervalNanoseconds
        for node in topology.nodes {
            var known = views.table.known(toAsk: node.id)[...]
            while !known.isEmpty {
                let groups = known.prefix(Subscription.mostGroups)
                known = known.dropFirst(groups.count)
                for endpoint in topology.endpoints.indices {
                    guard let frame = pool.take() else { return }
                    send(groups, from: endpoint, to: node.address, frame, &pool)
                }
            }
        }
    }

    private mutating func send(
        _ groups: ArraySlice<KnownView>, from endpoint: Int, to address: IPAddress,
        _ frame: UInt32, _ pool: inout FramePool
    ) {
        let length = Subscription.byteCount(groups: groups.count)
        var bytes = pool.mutableBytes(frame, start: pool.headroomBytes, count: length)
        _ = Subscription.write(cluster: topology.cluster, groups: groups, to: &bytes)
        outbox[endpoint].append(
            Packet(
                frame: frame, start: UInt16(pool.headroomBytes), length: UInt16(length),
                remote: address))
    }

    /// A node tells who leads: packets go there from now on.
    mutating func takeAnnouncement(_ packet: Packet, _ pool: borrowing FramePool) {
        guard topology.nodeOrdinals.ordinal(of: packet.remote) != nil,
            let announcement = try? ViewAnnouncement.parse(pool.bytes(of: packet))
        else {
            counters.malformed += 1
            return
        }
        counters.announcements += 1
        let wasKnown = views.table.isKnown(announcement.group)
        if views.table.apply(announcement) {
            counters.viewsTaken += 1
            if wasKnown { counters.viewChanges += 1 }
            steer(announcement.group)
        }
    }

    /// Sets the leaders of the resources that a group serves, once something was announced of it. A
    /// node that the snapshot doesn't name yet is not sent to.
    mutating func steer(_ group: UInt64) {
        guard views.table.isKnown(group) else { return }
        for service in topology.services.indices where topology.services[service].group == group {
            for bucket in 0..<topology.bucketCount {
                let leader = views.table.leader(of: group, bucket: BucketIndex(bucket))
                if let node = topology.nodes.firstIndex(where: { $0.id == leader }) {
                    topology.services[service].leaders[bucket] = UInt16(node)
                }
            }
        }
    }

    /// Notes a packet of a live flow that came from another node than it would be sent to now.
    mutating func noteHop(_ arrival: Arrival, _ slot: Int) {
        let record = flows[slot]
        let service = workload.streams[Int(record.stream)].service
        if let node = arrival.node, node != leader(service, record.bucket) {
            counters.staleHops += 1
        }
    }
}
