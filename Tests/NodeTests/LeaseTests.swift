// What may leave by a lease, and what needs none.

import Configuration
import Consensus
import Node
import Testing
import Translation
import Wire

struct LeaseTests {
    static let server: Endpoint = "198.51.100.1:53"

    @Test func `a packet that waited for its leader is decided in the tick that gives one`() {
        let cluster = ReplicatedCluster(nodes: 1)
        let packet = cluster.world.outbound(.udp("10.0.0.5:4000", to: Self.server))
        #expect(cluster.send(packet, to: 0).isEmpty, "there is no view yet")
        var left: [Datagram] = []
        for _ in 0..<10 {
            left += cluster.pass(milliseconds: 1)
            cluster.checkInvariants()
        }
        #expect(left.count == 1)
    }

    // DESIGN part 5, rule 13.
    @Test func `of what was decided before a pause only that leaves which needs no lease`()
        throws
    {
        let cluster = ReplicatedCluster(nodes: 3)
        cluster.pass(milliseconds: 1500)
        var own: [Datagram] = []
        var others: [Datagram] = []
        for port in 4000..<UInt16(4040) {
            let client = Endpoint(stringLiteral: "10.0.0.5:\(port)")
            let packet = cluster.world.outbound(.udp(client, to: Self.server))
            let leader = try #require(cluster.leader(of: packet.overlay.bucket))
            cluster.send(packet, to: leader)
            if leader == 0 { own.append(packet) } else { others.append(packet) }
        }
        cluster.pass(milliseconds: 20)
        let node = try #require(cluster.nodes[0])
        let sent = node.send(own + others, stalled: 1_000_000_000)
        #expect(sent.count == others.count, "they are passed on: their leaders have leases")
        #expect(node.drops(.leaseEnded) == UInt64(own.count))
        cluster.checkInvariants()
    }
}
