// Ports on loan outlive whoever leads the lender's bucket and the borrower's: both sides of a loan are
// entries. DESIGN part 5, rule 17.

import Configuration
import Testing
import Translation
import Wire

@testable import Consensus
@testable import Node

struct ReplicatedLoanTests {
    static let server: Endpoint = "198.51.100.1:53"

    /// Nodes with one EIP of sixteen ports in four buckets.
    private func cluster(_ count: Int = 3) -> ReplicatedCluster {
        let cluster = ReplicatedCluster(nodes: count, bucketCount: 4, portRange: 2000...2015) {
            $0.snapshot.natGateways[0].eips.removeLast(
                $0.snapshot.natGateways[0].eips.count - 1)
        }
        for node in cluster.nodes {
            node?.engine.exchange.loans.settings.reminderNanoseconds = 300_000_000
        }
        cluster.pass(milliseconds: 1500)
        return cluster
    }

    private func packet(_ number: Int) -> InnerPacket {
        .udp("10.0.0.5:\(4000 + number)".endpoint, to: Self.server)
    }

    private typealias Flow = (packet: Datagram, out: Datagram)

    private func send(_ datagram: Datagram, _ cluster: ReplicatedCluster) throws -> [Datagram] {
        let leader = try #require(cluster.leader(of: datagram.overlay.bucket))
        let sent = cluster.send(datagram, to: leader)
        return sent.isEmpty ? cluster.pass(milliseconds: 5) : sent
    }

    /// A flow on every port there is.
    private func fill(_ cluster: ReplicatedCluster) throws -> [Flow] {
        let flows = try (0..<16).map { number in
            let datagram = cluster.world.outbound(packet(number))
            let sent = try send(datagram, cluster)
            return Flow(datagram, try #require(sent.first))
        }
        #expect(Set(flows.map(\.out.tuple)).count == 16)
        #expect(held(cluster) > 0, "nothing is on loan")
        cluster.pass(milliseconds: 5)
        return flows
    }

    private func held(_ cluster: ReplicatedCluster) -> Int {
        cluster.nodes.reduce(0) { $0 + ($1?.engine.exchange.loans.heldCount ?? 0) }
    }

    private func lent(_ cluster: ReplicatedCluster) -> Int {
        cluster.nodes.reduce(0) { $0 + ($1?.engine.exchange.loans.lentCount ?? 0) }
    }

    private func closedSaid(_ cluster: ReplicatedCluster) -> UInt64 {
        cluster.nodes.reduce(0) { $0 + ($1?.engine.exchange.loans.counters.closedSent ?? 0) }
    }

    /// Every flow goes on as it was, both ways, and there is no port for another one.
    private func expectIntact(
        _ flows: [Flow], _ cluster: ReplicatedCluster,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        for flow in flows {
            let sent = try send(flow.packet, cluster)
            #expect(sent.map(\.tuple) == [flow.out.tuple], sourceLocation: sourceLocation)
            let back = try send(cluster.world.answer(flow.out), cluster)
            #expect(
                back.map(\.tuple) == [flow.packet.tuple.reversed], sourceLocation: sourceLocation)
        }
        for number in 100..<104 {
            let more = cluster.world.outbound(packet(number))
            let sent = try send(more, cluster)
            #expect(sent.isEmpty, sourceLocation: sourceLocation)
        }
        cluster.pass(milliseconds: 300)
        cluster.checkInvariants()
    }

    @Test func `a loan is committed at all copies of both buckets`() throws {
        let cluster = cluster()
        _ = try fill(cluster)
        // Each loan at two of the three, and each flow on loan.
        #expect(lent(cluster) % 2 == 0 && held(cluster) == lent(cluster))
        cluster.checkInvariants()
    }

    @Test(arguments: [0, 1, 2])
    func `no port is given twice, and no flow ends, when a lender's or borrower's leader dies`(
        _ dead: Int
    ) throws {
        let cluster = cluster()
        let flows = try fill(cluster)
        cluster.kill(dead)
        cluster.pass(milliseconds: 400)
        try expectIntact(flows, cluster)
        // Reminders are asked and answered: nobody says that it hasn't what it has.
        let said = closedSaid(cluster)
        cluster.pass(milliseconds: 700)
        #expect(closedSaid(cluster) == said)
        try expectIntact(flows, cluster)
    }

    @Test func `a node that is filled learns of the loans`() throws {
        let cluster = cluster()
        let flows = try fill(cluster)
        for node in [0, 1, 2] {
            cluster.kill(node)
            cluster.pass(milliseconds: 400)
            cluster.start(node)
            cluster.pass(milliseconds: 3000)
            try expectIntact(flows, cluster)
        }
        #expect(closedSaid(cluster) == 0)
    }

    @Test func `loans outlive hand-overs`() throws {
        let cluster = cluster()
        let flows = try fill(cluster)
        for node in [0, 1, 2] {
            cluster.nodes[node]!.engine.setDraining(true)
            cluster.pass(milliseconds: 2000)
            for bucket in 0..<4 { #expect(cluster.leader(of: BucketIndex(bucket)) != node) }
            try expectIntact(flows, cluster)
            cluster.nodes[node]!.engine.setDraining(false)
            cluster.pass(milliseconds: 2000)
            try expectIntact(flows, cluster)
        }
        #expect(closedSaid(cluster) == 0)
    }

    // DESIGN part 5, rule 20.
    @Test(arguments: [nil, 0, 1, 2] as [Int?])
    func `an address is closed when all its loans are back, whoever dies meanwhile`(
        _ dead: Int?
    ) throws {
        let cluster = cluster()
        _ = try fill(cluster)
        var world = cluster.world
        world.snapshot.version += 1
        world.changeEIPs { $0.state = .releasing }
        for node in cluster.nodes { node?.apply(world) }
        cluster.pass(milliseconds: 20)
        if let dead { cluster.kill(dead) }
        func isClosed() -> Bool { cluster.nodes.allSatisfy { $0?.engine.closedVersion ?? 2 == 2 } }
        for _ in 0..<400 where !isClosed() {
            cluster.pass(milliseconds: 50)
            // A node that is filled meanwhile may have given its word before.
            if lent(cluster) + held(cluster) > 0 { #expect(!isClosed()) }
        }
        #expect(isClosed())
        cluster.checkInvariants()
    }

    @Test func `a loan that its borrower's leader never took is given back by the next`() throws {
        let cluster = cluster()
        // One bucket's own ports are used up.
        var numbers = (0..<200).makeIterator()
        var first: BucketIndex?
        var count = 0
        while count < 4, let number = numbers.next() {
            let datagram = cluster.world.outbound(packet(number))
            first = first ?? datagram.overlay.bucket
            guard datagram.overlay.bucket == first else { continue }
            let sent = try send(datagram, cluster)
            #expect(sent.count == 1)
            count += 1
        }
        let borrower = try #require(first)
        let leader = try #require(cluster.leader(of: borrower))
        #expect(lent(cluster) == 0)
        // The next flow's request goes out, and its leader dies before the answer comes.
        while let number = numbers.next() {
            let datagram = cluster.world.outbound(packet(number))
            guard datagram.overlay.bucket == first else { continue }
            cluster.deaf = [leader]
            _ = cluster.send(datagram, to: leader)
            break
        }
        cluster.pass(milliseconds: 3)
        #expect(lent(cluster) > 0, "nothing was lent")
        cluster.deaf = []
        cluster.kill(leader)
        cluster.pass(milliseconds: 400)
        // The lender reminds, the new leader has no such flow, the port rests and is free.
        cluster.pass(milliseconds: 3000)
        #expect(lent(cluster) == 0 && held(cluster) == 0)
        cluster.checkInvariants()
    }
}
