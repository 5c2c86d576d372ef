// A packet and its flow's end that cross: the end is proposed, not yet committed, and the client goes on.

import Configuration
import Node
import Tables
import Testing
import Translation
import Wire

struct CrossingTests {
    // DESIGN part 5, rules 7 and 8.
    @Test func `a packet that crosses its flow's end waits for it, and the flow goes on`() throws {
        let cluster = ReplicatedCluster(nodes: 3, capacities: [256, 256, 256]) {
            $0.snapshot.natGateways[0].timers.timeouts.udpSeconds = 1
        }
        cluster.pass(milliseconds: 1500)
        let packet = cluster.world.outbound(.udp("10.0.0.5:4000", to: "198.51.100.1:53"))
        let leader = try #require(cluster.leader(of: packet.overlay.bucket))
        let first = try #require(cluster.send(packet, to: leader).first)
        cluster.pass(milliseconds: 990)
        cluster.mute = Set(0..<3).subtracting([leader])
        cluster.pass(milliseconds: 30)
        #expect(cluster.nodes[leader]!.counts(World.acmeNAT).flowsEnded == 0, "nobody answered")
        #expect(cluster.send(packet, to: leader).isEmpty)
        #expect(cluster.nodes[leader]!.engine.parkedCount == 1)
        cluster.mute = []
        let sent = cluster.pass(milliseconds: 20)
        #expect(sent.map(\.tuple) == [first.tuple])
        let counts = cluster.nodes[leader]!.counts(World.acmeNAT)
        #expect(counts.flowsEnded == 1 && counts.flowsCreated == 2)
        #expect(cluster.nodes.count { $0!.engine.flowsV4.count == 1 } == 2)
        #expect(cluster.send(packet, to: leader).count == 1, "it lives")
        cluster.checkInvariants()
    }
}
