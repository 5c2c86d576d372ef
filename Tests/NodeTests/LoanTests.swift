// Ports on loan through whole engines: every port of an EIP toward one destination, whichever bucket
// asks. DESIGN part 5, rule 17.

import Configuration
import Consensus
import Node
import Steering
import Testing
import Translation
import Wire

struct LoanTests {
    static let server: Endpoint = "198.51.100.1:53"

    /// One EIP of sixteen ports in four buckets, led in turn by two nodes.
    private func world(_ leaders: World.Leaders) -> World {
        var world = World(bucketCount: 4, portRange: 2000...2015, leaders: leaders)
        world.snapshot.natGateways[0].eips.removeLast(
            world.snapshot.natGateways[0].eips.count - 1)
        world.snapshot.cluster.lossQuietSeconds = 0
        return world
    }

    private func packet(_ number: Int, to server: Endpoint = server) -> InnerPacket {
        .udp("10.0.0.5:\(4000 + number)".endpoint, to: server)
    }

    // RFC 6888 §5 REQ-13.
    @Test(arguments: [World.Leaders.firstNode, .alternating])
    func `flows of whatever buckets use every port, and the next is refused`(
        leaders: World.Leaders
    ) throws {
        let world = world(leaders)
        let cluster = TestCluster(world)
        var tuples: Set<FlowTuple> = []
        for number in 0..<16 {
            let sent = cluster.send(world.outbound(packet(number)))
            let out = try #require(sent.first, "flow \(number) got no port")
            #expect(tuples.insert(out.tuple).inserted, "a port was given twice")
        }
        #expect(tuples.count == 16)
        for number in 16..<24 { #expect(cluster.send(world.outbound(packet(number))).isEmpty) }
        cluster.pass(milliseconds: 300)
        let refused = cluster.nodes.reduce(0) {
            $0 + $1.drops(.portsExhausted, of: World.acmeNAT)
        }
        #expect(refused == 8)
        // Another destination is not touched by it.
        let other = packet(30, to: "198.51.100.2:53")
        #expect(cluster.send(world.outbound(other)).count == 1)
    }

    @Test func `answers to a port on loan reach its borrower, wherever they come in`() throws {
        let world = world(.alternating)
        let cluster = TestCluster(world)
        var outs: [(InnerPacket, Datagram)] = []
        for number in 0..<16 {
            let out = try #require(cluster.send(world.outbound(packet(number))).first)
            outs.append((packet(number), out))
        }
        for index in [nil, 0, 1] as [Int?] {
            for (packet, out) in outs {
                let back = cluster.send(world.answer(out), to: index)
                #expect(back.count == 1)
                #expect(back.first?.tuple == packet.tuple.reversed)
                #expect(back.first?.machine == World.host1)
            }
        }
        #expect(cluster.nodes.contains { $0.engine.counters.packetsOverLoan > 0 })
        // And packets of the flow keep the translation.
        for (packet, out) in outs {
            #expect(cluster.send(world.outbound(packet)).first?.tuple == out.tuple)
        }
    }

    @Test func `a port comes back to its bucket, and rests there`() throws {
        let world = world(.alternating)
        let cluster = TestCluster(world)
        for number in 0..<16 { cluster.send(world.outbound(packet(number))) }
        for node in cluster.nodes { node.now = node.now + 351_000_000_000 }
        cluster.pass(milliseconds: 7000)
        for node in cluster.nodes {
            #expect(node.engine.flowCount == 0)
            #expect(node.engine.exchange.loans.heldCount == 0)
            #expect(node.engine.exchange.loans.lentCount == 0)
        }
        for number in 100..<116 {
            #expect(cluster.send(world.outbound(packet(number))).count == 1)
        }
    }

    @Test func `with a second EIP as many again, and no port twice`() throws {
        var world = World(bucketCount: 4, portRange: 2000...2015, leaders: .alternating)
        world.snapshot.natGateways[0].eips.removeLast(
            world.snapshot.natGateways[0].eips.count - 2)
        let cluster = TestCluster(world)
        var tuples: Set<FlowTuple> = []
        for number in 0..<32 {
            let out = try #require(cluster.send(world.outbound(packet(number))).first)
            #expect(tuples.insert(out.tuple).inserted)
        }
        #expect(cluster.send(world.outbound(packet(40))).isEmpty)
    }

    @Test func `one loan is sought for a flow, however many packets of it wait`() throws {
        let world = world(.alternating)
        let cluster = TestCluster(world)
        for number in 0..<12 { cluster.send(world.outbound(packet(number))) }
        let held = { cluster.nodes.reduce(0) { $0 + $1.engine.exchange.loans.heldCount } }
        let asked = {
            cluster.nodes.reduce(UInt64(0)) { sum, node in
                LoanDistance.allCases.reduce(sum) {
                    $0 + node.engine.exchange.loans.counters.taken($1)
                }
            }
        }
        // Flows go on until one has to wait for a port of the other node.
        for number in 12..<16 {
            let before = (held: held(), taken: asked())
            var burst: [Datagram] = []
            for byte in 0..<5 as Range<UInt8> {
                var packet = packet(number)
                packet.payload = [byte]
                burst.append(world.outbound(packet))
            }
            let out = cluster.send(burst)
            #expect(out.count == 5)
            #expect(out.compactMap(\.inner.last) == [0, 1, 2, 3, 4], "they overtook each other")
            #expect(Set(out.map(\.tuple)).count == 1)
            #expect(held() <= before.held + 1)
            #expect(asked() - before.taken <= 1)
        }
        #expect(asked() > 0)
        for node in cluster.nodes { node.engine.checkInvariants() }
    }

    @Test func `fragments wait behind their datagram's first for a port on loan`() throws {
        let world = world(.alternating)
        let cluster = TestCluster(world)
        for number in 0..<15 {
            #expect(cluster.send(world.outbound(packet(number))).count == 1)
        }
        var last = packet(15)
        last.payload = (0..<300).map { UInt8(truncatingIfNeeded: $0) }
        let out = cluster.send(world.outbound(last).fragments(step: 80))
        #expect(out.count == 4)
        #expect(Set(out.map(\.tuple.source)).count == 1)
    }

    @Test func `an address with a port on loan is not closed`() throws {
        var world = world(.alternating)
        let cluster = TestCluster(world)
        for number in 0..<16 { cluster.send(world.outbound(packet(number))) }
        #expect(cluster.nodes.contains { $0.engine.exchange.loans.lentCount > 0 })
        world.snapshot.version += 1
        world.changeEIPs { $0.state = .releasing }
        for node in cluster.nodes { node.apply(world) }
        var closed = false
        for _ in 0..<200 where !closed {
            cluster.pass(milliseconds: 50)
            closed = cluster.nodes.allSatisfy { $0.engine.closedVersion == 2 }
            for node in cluster.nodes where node.engine.closedVersion == 2 {
                #expect(node.engine.exchange.loans.heldCount == 0)
                #expect(node.engine.exchange.loans.lentCount == 0)
            }
        }
        #expect(closed)
    }

    @Test func `a lender that is silent costs the packet, in time and by name`() throws {
        let world = world(.alternating)
        let cluster = TestCluster(world)
        // Node 1 alone, node 2 hears nothing: its own eight ports are used, the rest can't be.
        let node = cluster.nodes[0]
        var passed = 0
        for number in 0..<40 {
            let datagram = world.outbound(packet(number))
            guard datagram.overlay.bucket.rawValue % 2 == 0 else { continue }
            passed += node.send(datagram).count
        }
        #expect(passed == 8)
        #expect(node.engine.parkedCount > 0)
        for _ in 0..<400 {
            node.now = node.now + 1_000_000
            _ = node.step()
        }
        #expect(node.engine.parkedCount == 0)
        #expect(node.drops(.loanTimeout, of: World.acmeNAT) > 0)
        #expect(node.engine.frames.freeCount == node.engine.frames.count)
    }
}
