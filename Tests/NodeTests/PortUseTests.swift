// Ports in use as people are told of them, beside what was seen to be given: whatever buckets,
// loans and endings there were, each port counts once.

import Configuration
import Node
import Testing
import Translation
import Wire

extension TestNode {
    /// All ports in use, asked for in small pieces.
    func ports(_ filter: PortFilter = PortFilter(), records: Int = 7) -> [PortUse] {
        var found: [PortUse] = []
        var next: Int? = 0
        while let slot = next {
            let before = found.count
            next = engine.portsInUse(
                matching: filter, from: slot, slots: 100, records: records, into: &found)
            #expect(found.count - before <= records)
        }
        return found
    }

    func gateways(_ filter: PortFilter = PortFilter()) -> [GatewayPorts] {
        var found: [GatewayPorts] = []
        var next: Int? = 0
        while let slot = next {
            next = engine.gatewayPorts(matching: filter, from: slot, limit: 1, into: &found)
        }
        return found
    }
}

struct PortUseTests {
    private static let servers: [Endpoint] = [
        "198.51.100.1:53", "198.51.100.2:53", "198.51.100.1:54",
    ]

    /// Where a port is used, as both sides of the test name it.
    private struct Place: Hashable {
        var external: IPAddress
        var remote: Endpoint
        var ipProtocol: IPProtocol

        init(_ tuple: FlowTuple) {
            external = tuple.source
            remote = Endpoint(tuple.destination, tuple.destinationPort)
            ipProtocol = tuple.ipProtocol
        }

        init(_ use: PortUse) {
            external = .v4(use.external)
            remote = Endpoint(.v4(use.remote), use.remotePort)
            ipProtocol = use.ipProtocol
        }
    }

    private func world(eips: Int) -> World {
        var world = World(
            bucketCount: 4, portRange: 2000...2015, leaders: .alternating)
        world.snapshot.natGateways[0].eips.removeLast(
            world.snapshot.natGateways[0].eips.count - eips)
        return world
    }

    private func counts(_ uses: [PortUse]) -> [Place: Int] {
        uses.reduce(into: [:]) { $0[Place($1), default: 0] += 1 }
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func `over all nodes each port in use counts once, and each flow once`(seed: UInt64) {
        let world = world(eips: 2)
        let cluster = TestCluster(world)
        var random = SplitMix(seed: seed)
        var model: [Place: Set<Port>] = [:]
        for number in 0..<150 {
            let server = Self.servers[Int(random.next() % 3)]
            let source = "10.0.0.\(1 + random.next() % 4):\(4000 + number)".endpoint
            let packet: InnerPacket =
                random.next() % 4 == 0 ? .tcp(source, to: server) : .udp(source, to: server)
            for out in cluster.send(world.outbound(packet)) {
                model[Place(out.tuple), default: []].insert(out.tuple.sourcePort)
            }
        }
        #expect(cluster.nodes.contains { $0.engine.loanReport().lentNow > 0 }, "nothing was lent")
        let uses = cluster.nodes.flatMap { $0.ports() }
        #expect(counts(uses.filter { $0.marks.contains(.isOfOwnSet) }) == model.mapValues(\.count))
        let flows = uses.filter { $0.marks.contains(.isOwnFlow) }
        #expect(counts(flows) == model.mapValues(\.count))
        #expect(flows.allSatisfy { (1...4).contains($0.client.rawValue & 0xFF) })
        #expect(uses.allSatisfy { $0.gateway == World.acmeNAT && !$0.marks.contains(.isQuiet) })
        // A loan has two sides: the port's and the flow's.
        let onLoan = uses.filter { $0.marks.contains(.isOnLoan) }
        #expect(
            onLoan.count { $0.marks.contains(.isOwnFlow) }
                == onLoan.count { $0.marks.contains(.isOfOwnSet) })
        // Of 16 ports of each EIP every bucket's leader has four.
        let led = cluster.nodes.flatMap { $0.gateways() }.filter { $0.gateway == World.acmeNAT }
        #expect(led.map(\.portsPerEIP) == [8, 8])
        #expect(led.allSatisfy { $0.tenant == World.acme })
    }

    @Test func `a port in its quiet time is in use, and one whose time is over is not`() {
        let world = World()
        let node = TestNode(world)
        for number in 0..<20 {
            let source = "10.0.0.5:\(5000 + number)".endpoint
            node.send(world.outbound(.udp(source, to: "198.51.100.1:53")))
        }
        #expect(node.ports().count == 20)
        node.pass(seconds: 351)
        #expect(node.ports().count { $0.marks.contains(.isQuiet) } == 20)
        node.pass(seconds: 3)
        #expect(node.ports().isEmpty)
    }

    @Test func `a filter leaves what it names, and balanced flows use no port of a gateway`() {
        let world = World()
        let node = TestNode(world)
        let server: Endpoint = "198.51.100.1:53"
        node.send(world.outbound(.udp("10.0.0.5:5000", to: server)))
        node.send(
            world.outbound(
                .udp("10.0.0.5:5001", to: server), from: World.boltInstance,
                through: World.boltNAT))
        node.send(world.toBalancer(.tcp("10.0.0.5:5002", to: "10.0.9.10:8080")))
        #expect(node.engine.flowCount == 3)
        #expect(node.ports().count == 2)
        var filter = PortFilter()
        filter.gateway = World.boltNAT
        #expect(node.ports(filter).map(\.gateway) == [World.boltNAT])
        #expect(node.gateways(filter).map(\.gateway) == [World.boltNAT])
        filter.gateway = nil
        filter.tenant = World.acme
        #expect(node.ports(filter).map(\.gateway) == [World.acmeNAT])
        filter.tenant = 77
        #expect(node.ports(filter).isEmpty && node.gateways(filter).isEmpty)
    }
}
