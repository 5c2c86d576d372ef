// Quiet times when leaders change: a new leader counts them again, and so does whoever follows it. DESIGN
// part 5, rule 16.

import Configuration
import Node
import Testing
import Translation
import Wire

struct QuietTimeTests {
    private static let server: Endpoint = "198.51.100.1:53"

    private func packet(_ number: Int) -> InnerPacket {
        .udp(Endpoint(stringLiteral: "10.0.0.5:\(4000 + number)"), to: Self.server)
    }

    /// Five nodes with four ports in all, each of which a flow has just left.
    private func ended() throws -> ReplicatedCluster {
        let cluster = ReplicatedCluster(nodes: 5, bucketCount: 1, portRange: 2000...2003) {
            let eips = $0.snapshot.natGateways[0].eips.count
            $0.snapshot.natGateways[0].eips.removeLast(eips - 1)
            $0.snapshot.natGateways[0].timers.timeouts.udpSeconds = 1
        }
        cluster.pass(milliseconds: 1500)
        for number in 0..<4 { #expect(try begin(number, cluster), "port \(number)") }
        let leader = try #require(cluster.leader(of: BucketIndex(0)))
        func endings() -> UInt64 { cluster.nodes[leader]!.counts(World.acmeNAT).flowsEnded }
        for _ in 0..<300 where endings() < 4 { cluster.pass(milliseconds: 10) }
        #expect(endings() == 4)
        return cluster
    }

    /// Whether a new flow gets a port.
    private func begin(_ number: Int, _ cluster: ReplicatedCluster) throws -> Bool {
        let datagram = cluster.world.outbound(packet(number))
        let leader = try #require(cluster.leader(of: datagram.overlay.bucket))
        let sent = cluster.send(datagram, to: leader)
        return !sent.isEmpty || !cluster.pass(milliseconds: 5).isEmpty
    }

    private func replaceLeader(_ cluster: ReplicatedCluster) throws {
        let leader = try #require(cluster.leader(of: BucketIndex(0)))
        cluster.kill(leader)
        cluster.pass(milliseconds: 300)
        #expect(cluster.leader(of: BucketIndex(0)) != nil)
    }

    @Test func `a port rests for two seconds when nobody dies`() throws {
        let cluster = try ended()
        cluster.pass(milliseconds: 1800)
        #expect(try !begin(10, cluster))
        cluster.pass(milliseconds: 400)
        #expect(try begin(11, cluster))
    }

    @Test func `of two leaders that die in one quiet time each leaves its ports resting`() throws {
        let cluster = try ended()
        cluster.pass(milliseconds: 1600)
        try replaceLeader(cluster)
        cluster.pass(milliseconds: 200)
        // Two seconds after the end, and half a second after the second leader began.
        try replaceLeader(cluster)
        for number in 20..<35 {
            #expect(try !begin(number, cluster), "\(300 + 100 * (number - 20)) ms after it died")
            cluster.pass(milliseconds: 95)
        }
        cluster.pass(milliseconds: 700)
        #expect(try begin(40, cluster))
        cluster.checkInvariants()
    }
}
