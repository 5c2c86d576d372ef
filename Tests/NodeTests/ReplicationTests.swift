// A flow's decision is known to others before its first packet leaves, and outlives whoever made it.

import Configuration
import Consensus
import Node
import Tables
import Testing
import Translation
import Wire

struct ReplicationTests {
    static let server: Endpoint = "198.51.100.1:53"

    private func client(_ port: UInt16) -> Endpoint { Endpoint(stringLiteral: "10.0.0.5:\(port)") }

    @Test(arguments: [1, 2, 3, 4, 5])
    func `a group's members agree on one view, and every bucket has its leader`(_ count: Int) {
        let cluster = ReplicatedCluster(nodes: count)
        cluster.pass(milliseconds: 1500)
        for bucket in 0..<64 {
            #expect(cluster.leader(of: BucketIndex(bucket)) == bucket % count)
        }
        let installed = cluster.nodes.map { $0!.engine.exchange.replica.counters.viewsInstalled }
        #expect(installed.allSatisfy { $0 == 2 }, "one view for each of two groups: \(installed)")
        cluster.checkInvariants()
    }

    @Test(arguments: [100, 400, 900])
    func `nodes that start one after the other end in one view, full and in their places`(
        _ apart: Int
    ) {
        let cluster = ReplicatedCluster(nodes: 5, apart: apart)
        cluster.pass(milliseconds: 5000)
        for node in cluster.nodes {
            let standing = node!.engine.standing
            #expect(standing.filling == 0 && standing.opening == 0, "\(standing)")
        }
        for bucket in 0..<64 {
            #expect(cluster.leader(of: BucketIndex(bucket)) == bucket % 5)
        }
        cluster.checkInvariants()
    }

    @Test func `a packet leaves only when the followers have its flow`() throws {
        let cluster = ReplicatedCluster(nodes: 3)
        cluster.pass(milliseconds: 1500)
        let packet = cluster.world.outbound(.udp(client(4000), to: Self.server))
        let leader = try #require(cluster.leader(of: packet.overlay.bucket))
        let left = cluster.nodes[leader]!.send(packet)
        #expect(left.isEmpty, "the followers know nothing yet")
        #expect(cluster.nodes[leader]!.engine.parkedCount == 1)
        let sent = cluster.pass(milliseconds: 5)
        #expect(sent.count == 1)
        let copies = cluster.nodes.count { $0!.engine.flowsV4.count == 1 }
        #expect(copies == 2)
        cluster.checkInvariants()
    }

    @Test func `flows live on, untranslated anew, when their leader dies`() throws {
        let cluster = ReplicatedCluster(nodes: 5)
        cluster.pass(milliseconds: 1500)
        var flows: [(packet: Datagram, translated: FlowTuple)] = []
        for port in 4000..<UInt16(4100) {
            let packet = cluster.world.outbound(.udp(client(port), to: Self.server))
            let leader = try #require(cluster.leader(of: packet.overlay.bucket))
            let sent = cluster.send(packet, to: leader)
            flows.append((packet, try #require(sent.first).tuple))
        }
        cluster.pass(milliseconds: 20)
        for dead in [1, 3] {
            cluster.kill(dead)
            cluster.pass(milliseconds: 250)
            for flow in flows {
                let leader = try #require(cluster.leader(of: flow.packet.overlay.bucket))
                #expect(leader != dead)
                let sent = cluster.send(flow.packet, to: leader)
                #expect(sent.map(\.tuple) == [flow.translated])
            }
            cluster.pass(milliseconds: 500)
            cluster.checkInvariants()
        }
    }

    @Test func `a node that comes back is filled, and leads its share again`() throws {
        let cluster = ReplicatedCluster(nodes: 3)
        cluster.pass(milliseconds: 1500)
        var flows: [(packet: Datagram, translated: FlowTuple)] = []
        for port in 4000..<UInt16(4200) {
            let packet = cluster.world.outbound(.udp(client(port), to: Self.server))
            let leader = try #require(cluster.leader(of: packet.overlay.bucket))
            flows.append((packet, try #require(cluster.send(packet, to: leader).first).tuple))
        }
        for node in [0, 1, 2] {
            cluster.kill(node)
            cluster.pass(milliseconds: 400)
            cluster.start(node)
            cluster.pass(milliseconds: 3000)
            #expect(cluster.nodes[node]!.engine.standing.filling == 0)
            #expect(cluster.nodes[node]!.engine.standing.leads > 30)
            for flow in flows {
                let leader = try #require(cluster.leader(of: flow.packet.overlay.bucket))
                let sent = cluster.send(flow.packet, to: leader)
                #expect(sent.map(\.tuple) == [flow.translated])
            }
            cluster.checkInvariants()
        }
    }

    // RFC 6888 §3 REQ-8: after a loss of state ports rest too.
    @Test func `with one copy a flow dies with its node`() throws {
        let cluster = ReplicatedCluster(nodes: 1)
        cluster.pass(milliseconds: 50)
        let packet = cluster.world.outbound(.udp(client(4000), to: Self.server))
        #expect(cluster.send(packet, to: 0).count == 1)
        cluster.kill(0)
        cluster.start(0)
        cluster.pass(milliseconds: 50)
        #expect(cluster.nodes[0]!.engine.flowCount == 0)
        #expect(cluster.send(packet, to: 0).isEmpty, "ports rest after all copies were lost")
        #expect(cluster.nodes[0]!.drops(.portsQuiet) == 1)
    }
}
