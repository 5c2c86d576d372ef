// Records that a bucket's copy gives up go in the end, in steps, whatever else walks the tables.

import Configuration
import Consensus
import Node
import Tables
import Testing
import Translation
import Wire

struct DiscardTests {
    private func client(_ port: UInt16) -> Endpoint { Endpoint(stringLiteral: "10.0.0.5:\(port)") }

    private func walk(_ node: TestNode) -> [ChainWalk] {
        var walks: [ChainWalk] = []
        while let walk = node.engine.flowsV4.beginWalk(ofChain: 0) { walks.append(walk) }
        return walks
    }

    @Test func `a discard that finds no walk free is done later`() throws {
        let cluster = ReplicatedCluster(nodes: 5)
        cluster.pass(milliseconds: 1500)
        for port in 4000..<UInt16(4200) {
            let packet = cluster.world.outbound(.udp(client(port), to: ReplicationTests.server))
            cluster.send(packet, to: try #require(cluster.leader(of: packet.overlay.bucket)))
        }
        // Others take over what it kept, and give it back when it returns.
        cluster.kill(0)
        cluster.pass(milliseconds: 1500)
        cluster.start(0)
        for _ in 0..<4000
        where cluster.nodes[0]!.engine.standing.filling > 0
            || cluster.nodes[0]!.engine.standing.follows == 0
        {
            cluster.pass(milliseconds: 1)
        }
        let walks = cluster.nodes.map { walk($0!) }
        cluster.pass(milliseconds: 2000)
        for (node, walks) in zip(cluster.nodes, walks) {
            for walk in walks { node!.engine.flowsV4.abandon(walk) }
        }
        cluster.pass(milliseconds: 100)
        let copies = cluster.nodes.reduce(0) { $0 + $1!.engine.flowCount }
        #expect(copies == 3 * 200)
        cluster.checkInvariants()
    }

    @Test func `a bucket's many records go over several turns`() throws {
        let cluster = ReplicatedCluster(nodes: 1, bucketCount: 1)
        cluster.pass(milliseconds: 50)
        for port in 4000..<UInt16(5900) {
            cluster.send(
                cluster.world.outbound(.udp(client(port), to: ReplicationTests.server)), to: 0)
        }
        #expect(cluster.nodes[0]!.engine.flowCount == 1900)
        var world = cluster.world
        world.snapshot.groups = []
        cluster.nodes[0]!.apply(world)
        var counts: [Int] = []
        for _ in 0..<40 {
            cluster.pass(milliseconds: 1)
            counts.append(cluster.nodes[0]!.engine.flowCount)
        }
        #expect(counts.last == 0)
        #expect(Set(counts).count > 2, "\(counts)")
    }
}
