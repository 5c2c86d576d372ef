// A copy that could not take a committed record is full no more, and nobody leads with it.

import Configuration
import Consensus
import Node
import Testing
import Translation
import Wire

struct CopyLossTests {
    private func client(_ port: UInt16) -> Endpoint { Endpoint(stringLiteral: "10.0.0.5:\(port)") }

    /// Five nodes, of which the last has little room, and more flows than it can copy.
    private func crowded() throws -> (
        cluster: ReplicatedCluster, flows: [(packet: Datagram, translated: FlowTuple)]
    ) {
        let cluster = ReplicatedCluster(nodes: 5, capacities: [2048, 2048, 2048, 2048, 64])
        cluster.pass(milliseconds: 1500)
        var flows: [(packet: Datagram, translated: FlowTuple)] = []
        for port in 4000..<UInt16(4300) {
            let packet = cluster.world.outbound(
                .udp(client(port), to: ReplicationTests.server))
            let leader = try #require(cluster.leader(of: packet.overlay.bucket))
            guard leader != 4 else { continue }
            let sent = cluster.send(packet, to: leader)
            flows.append((packet, try #require(sent.first).tuple))
        }
        return (cluster, flows)
    }

    // DESIGN part 5, rule 9: full is who holds every committed record.
    @Test func `a node without room for a bucket's records never leads it`() throws {
        let (cluster, flows) = try crowded()
        cluster.pass(milliseconds: 100)
        let small = cluster.nodes[4]!
        #expect(small.engine.consensusReport(at: cluster.now).copiesLost > 0)
        #expect(small.engine.standing.filling > 0, "its copies are not full, and it says so")
        for dead in [0, 1] {
            cluster.kill(dead)
            cluster.pass(milliseconds: 400)
            for flow in flows {
                let leader = try #require(cluster.leader(of: flow.packet.overlay.bucket))
                let sent = cluster.send(flow.packet, to: leader)
                #expect(sent.map(\.tuple) == [flow.translated], "led by \(leader)")
            }
            cluster.checkInvariants()
        }
    }

    @Test func `a node without room is filled again and again, but ever more seldom`() throws {
        let (cluster, _) = try crowded()
        func begun() -> UInt64 {
            cluster.nodes.reduce(0) {
                $0 + $1!.engine.exchange.replica.counters.transfersBegun
            }
        }
        cluster.pass(milliseconds: 100)
        let filling = UInt64(cluster.nodes[4]!.engine.standing.filling)
        try #require(filling > 0)
        let before = begun()
        cluster.pass(milliseconds: 10_000)
        let after = begun() - before
        #expect(after > 0 && after <= 4 * filling, "\(after) transfers for \(filling) copies")
        cluster.checkInvariants()
    }

    @Test func `a copy is full again once there is room`() throws {
        let (cluster, flows) = try crowded()
        cluster.pass(milliseconds: 100)
        try #require(cluster.nodes[4]!.engine.standing.filling > 0)
        // As a node with more memory.
        cluster.kill(4)
        cluster.capacities[4] = 2048
        cluster.pass(milliseconds: 300)
        cluster.start(4)
        cluster.pass(milliseconds: 3000)
        #expect(cluster.nodes[4]!.engine.standing.filling == 0)
        #expect(cluster.nodes[4]!.engine.flowCount > 64)
        for flow in flows {
            let leader = try #require(cluster.leader(of: flow.packet.overlay.bucket))
            #expect(cluster.send(flow.packet, to: leader).map(\.tuple) == [flow.translated])
        }
    }
}
