// The last port of a destination, with so few that a test can use them all.

import Configuration
import Node
import Steering
import Testing
import Translation
import Wire

struct PortExhaustionTests {
    static let server: Endpoint = "198.51.100.1:53"

    /// One EIP of 16 ports, in as many buckets as told.
    static func world(buckets: Int) -> World {
        var world = World(bucketCount: buckets, portRange: 1024...1039)
        world.snapshot.natGateways[0].eips.removeLast()
        return world
    }

    static func packet(_ number: Int, to server: Endpoint = server) -> InnerPacket {
        .udp("10.0.0.5:\(5000 + number)".endpoint, to: server)
    }

    // RFC 6888 §5 REQ-13, §3 REQ-11 (a); every port of every EIP can be in use at once toward
    // one destination, and the next flow fails cleanly (life of a packet).
    @Test func `all ports of an EIP are used toward one destination, then the next is refused`() {
        let world = Self.world(buckets: 1)
        let node = TestNode(world)
        var ports: Set<Port> = []
        for number in 0..<16 {
            let out = node.send(world.outbound(Self.packet(number)))
            #expect(out.count == 1)
            ports.formUnion(out.map(\.tuple.sourcePort))
        }
        #expect(ports == Set((1024...1039).map { Port($0) }))
        for number in 16..<24 {
            #expect(node.send(world.outbound(Self.packet(number))).isEmpty)
        }
        #expect(node.drops(.portsExhausted, of: World.acmeNAT) == 8)
        #expect(node.counts(World.acmeNAT).flowsCreated == 16)
    }

    @Test func `an exhausted destination leaves others all their ports`() {
        let world = Self.world(buckets: 1)
        let node = TestNode(world)
        for number in 0..<20 { node.send(world.outbound(Self.packet(number))) }
        let others: [Endpoint] = ["198.51.100.1:54", "198.51.100.2:53"]
        for server in others {
            for number in 0..<16 {
                let out = node.send(world.outbound(Self.packet(number, to: server)))
                #expect(out.count == 1)
            }
        }
        // Another protocol is another destination too.
        #expect(node.send(world.outbound(.tcp("10.0.0.5:5000", to: Self.server))).count == 1)
        #expect(node.drops(.portsExhausted) == 4)
    }

    @Test func `a bucket uses its own port set, and others' only when that is used up`() {
        let world = Self.world(buckets: 4)
        let node = TestNode(world)
        var used: Set<Port> = []
        for number in 0..<200 {
            let packet = world.outbound(Self.packet(number))
            let own = world.portSets.ports(of: packet.overlay.bucket).map { Port($0) }
            let hasOwn = !used.isSuperset(of: own)
            for out in node.send(packet) {
                #expect(own.contains(out.tuple.sourcePort) == hasOwn)
                #expect(used.insert(out.tuple.sourcePort).inserted, "a port was given twice")
            }
        }
        #expect(used.count == 16)
        #expect(node.drops(.portsExhausted) == 200 - 16)
    }

    @Test func `a second EIP takes over when the first has no port left`() {
        let world = World(bucketCount: 1, portRange: 1024...1039)
        let node = TestNode(world)
        var sources: Set<Endpoint> = []
        for number in 0..<40 {
            for out in node.send(world.outbound(Self.packet(number))) {
                sources.insert(Endpoint(out.tuple.source, out.tuple.sourcePort))
            }
        }
        #expect(sources.count == 32)
        #expect(node.drops(.portsExhausted) == 8)
    }

    @Test func `ports come back after the quiet time, every one of them`() {
        let world = Self.world(buckets: 1)
        let node = TestNode(world)
        for round in 0..<3 {
            for number in 0..<16 {
                let packet = world.outbound(Self.packet(100 * round + number))
                #expect(node.send(packet).count == 1)
            }
            #expect(node.send(world.outbound(Self.packet(99))).isEmpty)
            node.pass(seconds: 351)
            #expect(node.send(world.outbound(Self.packet(99))).isEmpty)
            node.pass(seconds: 3)
            #expect(node.engine.flowCount == 0)
        }
    }

    // RFC 6056 §3.3, §3.3.1, RFC 7857 §9, RFC 6888 §5 REQ-15.
    @Test func `the ports that flows get are in no order`() {
        var world = World(bucketCount: 1, portRange: 1024...2047)
        world.snapshot.natGateways[0].eips.removeLast()
        let node = TestNode(world)
        let ports = (0..<64).flatMap { number in
            node.send(world.outbound(Self.packet(number))).map { Int($0.tuple.sourcePort.rawValue) }
        }
        let rises = zip(ports, ports.dropFirst()).count { $0 < $1 }
        #expect((16...47).contains(rises))
        #expect(ports.max()! - ports.min()! > 512)
    }
}

extension String {
    var endpoint: Endpoint { Endpoint(stringLiteral: self) }
}
