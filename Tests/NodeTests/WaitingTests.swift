// Packets that wait for a leader, a lease or a commitment, and what becomes of those that waited for too
// long or in vain.

import Node
import Testing
import Translation
import Wire

struct WaitingTests {
    private let cluster: ReplicatedCluster
    private let packet: Datagram
    private let leader: Int

    init() throws {
        cluster = ReplicatedCluster(nodes: 3)
        cluster.pass(milliseconds: 1500)
        packet = cluster.world.outbound(.udp("10.0.0.5:4000", to: "198.51.100.1:53"))
        leader = try #require(cluster.leader(of: packet.overlay.bucket))
    }

    private var node: TestNode { cluster.nodes[leader]! }

    @Test func `without a lease a packet waits for a second, and is dropped`() {
        #expect(cluster.send(packet, to: leader).count == 1)
        let others = cluster.nodes.indices.filter { $0 != leader }
        for other in others { cluster.kill(other) }
        cluster.pass(milliseconds: 60)
        #expect(cluster.send(packet, to: leader).isEmpty)
        cluster.pass(milliseconds: 900)
        #expect(node.engine.parkedCount == 1 && node.drops(.leaderUnknown) == 0)
        cluster.pass(milliseconds: 200)
        #expect(node.engine.parkedCount == 0 && node.drops(.leaderUnknown) == 1)
    }

    @Test func `what a lease's end overtook on the way out is not sent`() {
        #expect(cluster.send(packet, to: leader).count == 1)
        node.engine.handle([node.frame(packet)], at: node.now)
        #expect(node.engine.outgoing.count > 0)
        node.engine.dropUnleased(at: node.now + 1)
        #expect(node.drops(.leaseEnded) == 0, "the lease runs")
        node.engine.dropUnleased(at: node.now + 60_000_000)
        #expect(node.drops(.leaseEnded) == 1)
        #expect(node.drain().isEmpty)
    }

    @Test func `a packet held for a decision that another leader never heard of is dropped`() {
        let sleeper = node
        #expect(sleeper.send(packet).isEmpty && sleeper.engine.parkedCount == 1)
        // What it has to say lies in its sockets while it stands still.
        cluster.nodes[leader] = nil
        cluster.pass(milliseconds: 300)
        cluster.nodes[leader] = sleeper
        #expect(cluster.pass(milliseconds: 500).isEmpty)
        #expect(sleeper.engine.parkedCount == 0 && sleeper.drops(.leaderChanged) == 1)
        cluster.checkInvariants()
    }

    @Test func `of what came while a node stood still it takes what peers said alone`() throws {
        #expect(cluster.send(packet, to: leader).count == 1)
        let other = (leader + 1) % 3
        let before = node.engine.counters
        cluster.nodes[other]!.now = cluster.now + 20_000_000
        cluster.nodes[other]!.engine.tick(cluster.nodes[other]!.now)
        _ = cluster.nodes[other]!.drain()
        let said = cluster.nodes[other]!.takeBatches()
            .filter { $0.machine == ReplicatedCluster.address(leader) }
            .map { $0.from(ReplicatedCluster.address(other)) }
        try #require(!said.isEmpty)
        node.engine.handleLate(([packet] + said).map(node.frame), at: node.now)
        #expect(node.drain().isEmpty)
        let after = node.engine.counters
        #expect(node.drops(.stoodStill) == 1)
        #expect(after.packetsIn == before.packetsIn + 1)
        #expect(after.batchesIn == before.batchesIn + UInt64(said.count))
    }
}
