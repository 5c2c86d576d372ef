// After a loss of all copies no port of the group is given for a time, whoever leads meanwhile; other
// groups' are. DESIGN part 5, rule 16.

import Configuration
import Consensus
import Node
import Testing
import Translation
import Wire

struct PortRestTests {
    private func client(_ port: UInt16) -> Endpoint { Endpoint(stringLiteral: "10.0.0.5:\(port)") }

    /// What a packet that begins a flow comes to at the leader of its bucket.
    private func begin(_ port: UInt16, in cluster: ReplicatedCluster) throws -> (
        isSent: Bool, isResting: Bool, leader: Int
    ) {
        let packet = cluster.world.outbound(.udp(client(port), to: ReplicationTests.server))
        let leader = try #require(cluster.leader(of: packet.overlay.bucket))
        let before = cluster.nodes[leader]!.drops(.portsQuiet)
        let sent = cluster.send(packet, to: leader)
        let drops = cluster.nodes[leader]!.drops(.portsQuiet) - before
        return (!sent.isEmpty, drops > 0, leader)
    }

    @Test func `whoever leads after the loss lets ports rest`() throws {
        let cluster = ReplicatedCluster(nodes: 3) { $0.snapshot.cluster.lossQuietSeconds = 5 }
        cluster.pass(milliseconds: 1000)
        for node in 0..<3 { cluster.kill(node) }
        for node in 0..<3 { cluster.start(node) }
        cluster.pass(milliseconds: 1000)
        let first = try begin(4000, in: cluster)
        #expect(first.isResting && !first.isSent)
        // Another takes over, and one that knows of the loss only by hearsay.
        cluster.kill(first.leader)
        cluster.pass(milliseconds: 500)
        cluster.start(first.leader)
        cluster.pass(milliseconds: 1500)
        for port in 4000..<UInt16(4100) {
            let next = try begin(port, in: cluster)
            #expect(next.isResting && !next.isSent, "led by \(next.leader)")
        }
        cluster.pass(milliseconds: 2500)
        for port in 4000..<UInt16(4100) {
            let next = try begin(port, in: cluster)
            #expect(next.isSent && !next.isResting, "led by \(next.leader)")
        }
        // Who comes later has nothing to wait for.
        cluster.kill(first.leader)
        cluster.pass(milliseconds: 500)
        cluster.start(first.leader)
        cluster.pass(milliseconds: 2000)
        for port in 4100..<UInt16(4200) {
            #expect(try begin(port, in: cluster).isSent)
        }
    }

    @Test func `another group's ports don't rest`() throws {
        let cluster = ReplicatedCluster(nodes: 5) { world in
            let ids = world.snapshot.nodes.map(\.id)
            // The second group is of the others, and of one in common.
            world.snapshot.groups[0].members = [ids[2], ids[3], ids[4]]
            world.snapshot.groups[1].members = [ids[0], ids[1], ids[2]]
            for group in 0..<2 {
                world.snapshot.groups[group].leaders = (0..<64).map { UInt8($0 % 3) }
            }
        }
        cluster.pass(milliseconds: 1500)
        // Two of the second group's three lose what they held.
        for node in 0..<2 { cluster.kill(node) }
        for node in 0..<2 { cluster.start(node) }
        cluster.pass(milliseconds: 2500)
        let resting = cluster.nodes[2]!.engine.portsRestNanoseconds(at: cluster.now)
        #expect(resting > 100_000_000_000, "it leads buckets of both")
        var sent = 0
        for port in 4000..<UInt16(4100) {
            let packet = cluster.world.outbound(.udp(client(port), to: ReplicationTests.server))
            guard
                cluster.nodes[2]!.engine.exchange.replica.leader(
                    group: 0, packet.overlay.bucket)?.node == NodeID(rawValue: 3)
            else { continue }
            sent += cluster.send(packet, to: 2).count
        }
        #expect(sent > 10)
        #expect(cluster.nodes[2]!.drops(.portsQuiet) == 0)
    }
}
