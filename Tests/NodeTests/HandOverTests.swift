// A hand-over becomes known to every member, whether or not it keeps a copy of the bucket. DESIGN part
// 5, rules 10 and 21.

import Configuration
import Consensus
import Node
import Testing
import Translation
import Wire

struct HandOverTests {
    private func client(_ port: UInt16) -> Endpoint { Endpoint(stringLiteral: "10.0.0.5:\(port)") }

    @Test func `packets find the new leader by way of any member`() throws {
        let cluster = ReplicatedCluster(nodes: 5)
        cluster.pass(milliseconds: 1500)
        cluster.nodes[0]!.engine.setDraining(true)
        cluster.pass(milliseconds: 1000)
        for bucket in 0..<64 {
            let leader = cluster.leader(of: BucketIndex(bucket))
            #expect(leader != nil && leader != 0, "bucket \(bucket): all know who leads")
        }
        for port in 4000..<UInt16(4040) {
            let packet = cluster.world.outbound(.udp(client(port), to: ReplicationTests.server))
            var sent = cluster.send(packet, to: Int(port) % 5)
            sent += cluster.pass(milliseconds: 3)
            #expect(sent.count == 1, "by way of \(port % 5)")
        }
        for node in cluster.nodes { #expect(node!.drops(.looping) == 0) }
        cluster.checkInvariants()
    }
}
