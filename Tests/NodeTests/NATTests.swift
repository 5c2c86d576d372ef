// NAT44 through a whole engine: what comes out for what goes in.

import Configuration
import Node
import Steering
import Testing
import Translation
import Wire

struct NATTests {
    static let client: Endpoint = "10.0.0.5:4000"
    static let server: Endpoint = "198.51.100.1:53"

    /// A first packet, and what must be true of its way out and back.
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var packet: InnerPacket
    }

    static let cases = [
        Case(testDescription: "UDP", packet: .udp(client, to: server)),
        Case(testDescription: "TCP SYN", packet: .tcp(client, to: server)),
        Case(testDescription: "ICMP echo", packet: .ping(client, to: server.address)),
        Case(
            testDescription: "UDP without checksum",
            packet: {
                var packet = InnerPacket.udp(client, to: server)
                packet.hasChecksum = false
                return packet
            }()),
    ]

    // RFC 3022 §2.2; RFC 5508 §3.1 REQ-1 for the identifier.
    @Test(arguments: cases)
    func `a first packet leaves by the edge with an EIP and a port of its bucket`(_ test: Case) {
        let world = World()
        let node = TestNode(world)
        let packet = world.outbound(test.packet)
        let sent = node.send(packet)
        #expect(sent.count == 1)
        guard let out = sent.first else { return }
        #expect([World.edge1, World.edge2].contains(out.machine))
        #expect(out.overlay.vni == .outside)
        #expect(out.overlay.resource == World.acmeNAT)
        #expect(out.overlay.bucket == packet.overlay.bucket)
        #expect(out.overlay.marks == [])
        #expect([World.firstEIP, World.secondEIP].contains(out.tuple.source))
        #expect(world.portSets.bucket(of: out.tuple.sourcePort) == packet.overlay.bucket)
        #expect(out.tuple.destination == Self.server.address)
        #expect(out.tuple.destinationPort == packet.tuple.destinationPort)
        #expect(out.payload == test.packet.payload)
        #expect(out.checksums == packet.checksums)
        // RFC 1812 §5.3.1.
        #expect(out.summary.timeToLive == 63)
    }

    @Test(arguments: cases)
    func `the answer comes back to the instance at its host`(_ test: Case) throws {
        let world = World()
        let node = TestNode(world)
        let out = try #require(node.send(world.outbound(test.packet)).first)
        let back = try #require(node.send(world.answer(out)).first)
        #expect(back.machine == World.host1)
        #expect(back.overlay.vni == World.acmeNetwork)
        #expect(back.overlay.eni == World.acmeInstance.eni)
        #expect(back.overlay.resource == World.acmeNAT)
        #expect(back.overlay.marks == .inbound)
        #expect(back.tuple == test.packet.tuple.reversed)
    }

    @Test(arguments: cases)
    func `the translation stays the same for all packets of a flow`(_ test: Case) throws {
        let world = World()
        let node = TestNode(world)
        let first = try #require(node.send(world.outbound(test.packet)).first)
        for _ in 0..<20 {
            node.pass(seconds: 7)
            let next = try #require(node.send(world.outbound(test.packet)).first)
            #expect(next.tuple == first.tuple)
            #expect(next.machine == first.machine)
        }
        #expect(node.engine.flowCount == 1)
        #expect(node.counts(World.acmeNAT).flowsCreated == 1)
    }

    // RFC 768: 0 says that there is none.
    @Test func `a UDP checksum of 0 stays 0 in both directions`() throws {
        let world = World()
        let node = TestNode(world)
        let out = try #require(node.send(world.outbound(Self.cases[3].packet)).first)
        #expect(out.checksums == .absent)
        var answer = InnerPacket.answer(out.tuple)
        answer.hasChecksum = false
        let back = try #require(node.send(world.inbound(answer)).first)
        #expect(back.checksums == .absent)
    }

    // RFC 4787 §4.1 REQ-2, RFC 6888 §3 REQ-2.
    @Test func `all flows of an inside address share an EIP`() {
        let world = World()
        let node = TestNode(world, capacityFlows: 1024)
        var pairs: [IPAddress: Set<IPAddress>] = [:]
        for inside in 1...40 as ClosedRange<UInt8> {
            let address = IPAddress.v4(IPv4Address(10, 0, 1, inside))
            let batch = (5000..<5020 as Range<UInt16>).map { port in
                world.outbound(.udp(Endpoint(address, Port(port)), to: Self.server))
            }
            pairs[address] = Set(node.send(batch).map(\.tuple.source))
        }
        #expect(pairs.count == 40)
        #expect(pairs.values.allSatisfy { $0.count == 1 })
        #expect(Set(pairs.values.flatMap { $0 }).count == 2, "both EIPs are used")
    }

    @Test func `a known flow's answer may come in by any edge`() throws {
        let world = World()
        let node = TestNode(world)
        let out = try #require(node.send(world.outbound(Self.cases[0].packet)).first)
        for edge in [World.edge1, World.edge2] {
            let back = node.send(world.inbound(.answer(out.tuple), by: edge))
            #expect(back.first?.tuple == Self.cases[0].packet.tuple.reversed)
        }
    }

    // RFC 4787 §5 REQ-8: address and port dependent filtering.
    @Test func `only the destination of a flow can answer it`() throws {
        let world = World()
        let node = TestNode(world)
        let out = try #require(node.send(world.outbound(Self.cases[0].packet)).first)
        for stranger in ["198.51.100.1:54", "198.51.100.2:53"] as [Endpoint] {
            let forged = InnerPacket.udp(
                stranger, to: Endpoint(out.tuple.source, out.tuple.sourcePort))
            #expect(node.send(world.inbound(forged)).isEmpty)
        }
        #expect(node.drops(.unknownFlow) == 2)
        #expect(node.drops(.unknownFlow, of: World.acmeNAT) == 2)
    }

    @Test func `padding behind the inner packet is not sent on`() throws {
        let world = World()
        let node = TestNode(world)
        var padded = world.outbound(Self.cases[0].packet)
        padded.bytes += [0xAA, 0xBB, 0xCC]
        let out = try #require(node.send(padded).first)
        #expect(out.inner.count == Self.cases[0].packet.bytes.count)
    }
}
