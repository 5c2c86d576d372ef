// A packet that waited for a port on loan is decided only by who leads its bucket still, may decide, and
// has the lease. DESIGN part 5, rules 11 and 13.

import Configuration
import Testing
import Translation
import Wire

@testable import Consensus
@testable import Node

struct LoanWaitTests {
    private let server: Endpoint = "198.51.100.1:53"

    /// Two nodes with one EIP of eight ports in two buckets, and a packet that waits at the first for a
    /// port of the second, whose answer is on its way.
    private func waiting() throws -> (cluster: TestCluster, answer: [Datagram]) {
        var world = World(bucketCount: 2, portRange: 2000...2007, leaders: .alternating)
        world.snapshot.natGateways[0].eips.removeLast(
            world.snapshot.natGateways[0].eips.count - 1)
        let cluster = TestCluster(world)
        var sent = 0
        for port in 4000..<5000 {
            let datagram = world.outbound(.udp("10.0.0.5:\(port)".endpoint, to: server))
            guard datagram.overlay.bucket == BucketIndex(0) else { continue }
            guard sent < 4 else {
                #expect(cluster.nodes[0].send(datagram).isEmpty)
                break
            }
            #expect(cluster.send(datagram).count == 1)
            sent += 1
        }
        let (one, two) = (cluster.nodes[0], cluster.nodes[1])
        for batch in one.takeBatches() { _ = two.send(batch.from(TestCluster.addresses[0])) }
        #expect(one.engine.parkedCount == 1 && two.engine.exchange.loans.lentCount == 1)
        return (cluster, two.takeBatches())
    }

    private func hear(_ answer: [Datagram], _ cluster: TestCluster) -> [Datagram] {
        answer.flatMap { cluster.nodes[0].send($0.from(TestCluster.addresses[1])) }
    }

    @Test func `who may decide takes the port that it waited for`() throws {
        let (cluster, answer) = try waiting()
        #expect(hear(answer, cluster).count == 1)
        #expect(cluster.nodes[0].engine.exchange.loans.heldCount == 1)
    }

    @Test func `who promised another view takes nothing, and the port goes back`() throws {
        let (cluster, answer) = try waiting()
        let node = cluster.nodes[0]
        let flows = node.engine.flowCount
        let higher = Ballot(generation: 1, number: 1 << 40, proposer: NodeID(rawValue: 2))
        node.engine.exchange.replica.handle(.freeze(group: 1, ballot: higher))
        #expect(hear(answer, cluster).isEmpty)
        #expect(node.engine.flowCount == flows && node.engine.exchange.loans.heldCount == 0)
        #expect(node.engine.parkedCount == 1, "it waits for a view")
        cluster.pass(milliseconds: 5)
        #expect(cluster.nodes[1].engine.exchange.loans.lentCount == 0, "nobody used it")
        cluster.pass(milliseconds: 1000)
        #expect(node.engine.parkedCount == 0)
        #expect(node.drops(.leaderChanged) == 1 && node.told.isEmpty)
    }

    @Test func `without a lease it waits, and asks again`() throws {
        let (cluster, answer) = try waiting()
        let node = cluster.nodes[0]
        let flows = node.engine.flowCount
        node.engine.exchange.leases.take(
            .withdraw(
                group: 1, node: NodeID(rawValue: 2),
                ballot: Ballot(generation: 1, number: 1 << 40, proposer: NodeID(rawValue: 2))))
        _ = hear(answer, cluster)
        #expect(node.engine.exchange.leases.end(of: 1).map { $0 > node.now } ?? false == false)
        #expect(node.engine.flowCount == flows && node.engine.parkedCount == 1)
    }

    @Test func `who leads the bucket no more drops it by name`() throws {
        let (cluster, answer) = try waiting()
        let node = cluster.nodes[0]
        node.engine.exchange.replica.handle(.drop(group: 1))
        #expect(hear(answer, cluster).isEmpty)
        cluster.pass(milliseconds: 1)
        #expect(node.engine.parkedCount == 0 && node.drops(.leaderChanged) == 1)
        #expect(node.told.isEmpty)
    }
}
