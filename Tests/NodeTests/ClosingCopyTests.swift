// A node's word that nothing stands on an address any more counts for its copies too: what a leader begins
// that doesn't know yet that the address is given up. DESIGN part 5, rule 20.

import Configuration
import Node
import Tables
import Testing
import Translation
import Wire

struct ClosingCopyTests {
    private static let server: Endpoint = "198.51.100.1:53"

    private func packet(_ port: Int) -> InnerPacket {
        .udp(Endpoint(stringLiteral: "10.0.0.5:\(port)"), to: Self.server)
    }

    /// Three nodes with one EIP that all but the leader of the packet's bucket know to be given up, and have
    /// closed.
    private func closed(_ packet: InnerPacket) throws -> (
        cluster: ReplicatedCluster, newer: World, leader: Int
    ) {
        let cluster = ReplicatedCluster(nodes: 3) {
            let eips = $0.snapshot.natGateways[0].eips.count
            $0.snapshot.natGateways[0].eips.removeLast(eips - 1)
        }
        cluster.pass(milliseconds: 1500)
        let leader = try #require(
            cluster.leader(of: cluster.world.outbound(packet).overlay.bucket))
        var newer = cluster.world
        newer.snapshot.version += 1
        newer.changeEIPs { $0.state = .releasing }
        for node in 0..<3 where node != leader { cluster.nodes[node]!.apply(newer) }
        cluster.pass(milliseconds: 100)
        for node in 0..<3 where node != leader { #expect(word(node, cluster) == 2) }
        return (cluster, newer, leader)
    }

    private func word(_ node: Int, _ cluster: ReplicatedCluster) -> UInt64 {
        cluster.nodes[node]!.engine.closedVersion
    }

    private func copies(_ cluster: ReplicatedCluster) -> [Int] {
        (0..<3).filter { cluster.nodes[$0].map { $0.engine.flowsV4.count > 0 } ?? false }
    }

    @Test func `a follower takes its word back when a flow on the address comes`() throws {
        let (cluster, newer, leader) = try closed(packet(4000))
        #expect(cluster.send(cluster.world.outbound(packet(4000)), to: leader).count == 1)
        cluster.pass(milliseconds: 20)
        let followers = copies(cluster).filter { $0 != leader }
        #expect(followers.count == 1)
        for node in followers { #expect(word(node, cluster) < 2) }
        // Until the leader has heard of it, and the flow has ended at every copy.
        cluster.pass(milliseconds: 3000)
        for node in followers { #expect(word(node, cluster) < 2) }
        cluster.nodes[leader]!.apply(newer)
        cluster.pass(milliseconds: 6000)
        for node in 0..<3 { #expect(word(node, cluster) == 2) }
        cluster.checkInvariants()
    }

    @Test func `nor does it give it while the flow's creation is on its way`() throws {
        let (cluster, _, leader) = try closed(packet(4000))
        // Both others store it; the leader hears of neither, and commits nothing.
        cluster.deaf = [leader]
        #expect(cluster.send(cluster.world.outbound(packet(4000)), to: leader).isEmpty)
        cluster.pass(milliseconds: 20)
        #expect(copies(cluster) == [leader])
        let words = (0..<3).filter { $0 != leader }.map { word($0, cluster) }
        #expect(words.contains { $0 < 2 }, "\(words)")
        // Whoever leads next has the flow, and ends it.
        cluster.kill(leader)
        cluster.pass(milliseconds: 20)
        #expect((0..<3).contains { $0 != leader && word($0, cluster) < 2 })
        cluster.pass(milliseconds: 8000)
        for node in 0..<3 where node != leader {
            #expect(word(node, cluster) == 2)
            #expect(cluster.nodes[node]!.engine.flowsV4.count == 0)
        }
        cluster.checkInvariants()
    }
}
