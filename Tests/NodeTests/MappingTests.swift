// What is true of every mapping: its kind never changes, nothing else than its own packets uses or
// refreshes it, and what it carries stays as it is.

import Configuration
import Node
import Testing
import Translation
import Wire

struct MappingTests {
    static let client: Endpoint = "10.0.0.5:4000"
    static let server: Endpoint = "198.51.100.1:53"

    /// One EIP with four ports, in one bucket: the kinds of flow can be counted out.
    private static func smallWorld() -> World {
        var world = World(bucketCount: 1, portRange: 1024...1027)
        world.snapshot.natGateways[0].eips.removeLast()
        return world
    }

    // RFC 4787 §8 REQ-11: with ports to spare and with the last, a flow has a mapping for its
    // destination only, and only its destination can answer.
    @Test func `the kind of mapping and filtering is the same to the last port`() throws {
        let world = Self.smallWorld()
        let node = TestNode(world)
        for number in 0..<4 as Range<UInt16> {
            let packet = InnerPacket.udp(
                Endpoint(Self.client.address, Port(4000 + number)), to: Self.server)
            let out = try #require(node.send(world.outbound(packet)).first)
            let elsewhere = InnerPacket.udp(
                Endpoint(Self.client.address, Port(4000 + number)), to: "198.51.100.2:53")
            let other = try #require(node.send(world.outbound(elsewhere)).first)
            #expect(other.tuple.source == out.tuple.source)
            #expect(node.send(world.answer(out)).first?.tuple == packet.tuple.reversed)
            let stranger = InnerPacket.udp(
                "198.51.100.3:53", to: Endpoint(out.tuple.source, out.tuple.sourcePort))
            #expect(node.send(world.inbound(stranger)).isEmpty)
        }
        #expect(node.drops(.unknownFlow) == 4)
        #expect(node.engine.flowCount == 8)
    }

    // RFC 7857 §5: what one protocol has used up is there for the others.
    @Test func `each protocol has ports of its own`() {
        let world = Self.smallWorld()
        let node = TestNode(world)
        func opened(_ packet: (Endpoint) -> InnerPacket) -> Int {
            (0..<5 as Range<UInt16>).count { number in
                let client = Endpoint(Self.client.address, Port(4000 + number))
                return node.send(world.outbound(packet(client))).count == 1
            }
        }
        #expect(opened { .udp($0, to: Self.server) } == 4)
        #expect(opened { .tcp($0, to: Self.server) } == 4)
        #expect(opened { .ping($0, to: Self.server.address) } == 4)
        #expect(node.drops(.portsExhausted, of: World.acmeNAT) == 3)
    }

    // RFC 7857 §6: the same addresses and ports, and another protocol.
    @Test func `an answer of another protocol belongs to no flow`() throws {
        let world = World()
        let node = TestNode(world)
        let out = try #require(
            node.send(world.outbound(.udp(Self.client, to: Self.server))).first)
        let mapped = Endpoint(out.tuple.source, out.tuple.sourcePort)
        #expect(node.send(world.inbound(.tcp(Self.server, to: mapped, .ack))).isEmpty)
        #expect(node.drops(.unknownFlow, of: World.acmeNAT) == 1)
        #expect(node.send(world.answer(out)).count == 1)
    }

    // RFC 7857 §7.
    @Test func `what is filtered does not keep a flow alive`() throws {
        let world = World()
        let node = TestNode(world)
        let out = try #require(
            node.send(world.outbound(.udp(Self.client, to: Self.server))).first)
        let stranger = InnerPacket.udp(
            "198.51.100.1:54", to: Endpoint(out.tuple.source, out.tuple.sourcePort))
        for _ in 0..<3 {
            node.pass(seconds: 100)
            #expect(node.send(world.inbound(stranger)).isEmpty)
        }
        node.pass(seconds: 51)
        #expect(node.counts(World.acmeNAT).flowsEnded == 1)
    }

    // RFC 5382 §4.3 REQ-4, REQ-4 (a): neither at once nor later.
    @Test func `a SYN from outside that nobody asked for is never answered`() {
        let world = World()
        let node = TestNode(world)
        let unasked = InnerPacket.tcp(Self.server, to: "203.0.113.1:2000")
        #expect(node.send(world.inbound(unasked)).isEmpty)
        #expect(node.answers.isEmpty)
        node.pass(seconds: 7)
        #expect(node.resets.isEmpty)
        #expect(node.drops(.unknownFlow, of: World.acmeNAT) == 1)
        #expect(node.engine.flowCount == 0)
    }

    // RFC 4787 §6 REQ-9, RFC 5382 §7.2 REQ-8: by the edge and back, and there is the end of it.
    @Test(arguments: [IPProtocol.udp, .tcp])
    func `what an instance sends to its own EIP does not loop`(ipProtocol: IPProtocol) throws {
        let world = World()
        let node = TestNode(world)
        let other = try #require(
            node.send(world.outbound(.udp("10.0.0.6:5000", to: Self.server))).first)
        let mapped = Endpoint(other.tuple.source, other.tuple.sourcePort)
        let packet: InnerPacket =
            ipProtocol == .udp ? .udp(Self.client, to: mapped) : .tcp(Self.client, to: mapped)
        let out = try #require(node.send(world.outbound(packet)).first)
        #expect([World.edge1, World.edge2].contains(out.machine))
        var back = packet
        back.tuple = out.tuple
        #expect(node.send(world.inbound(back, by: out.machine)).isEmpty)
        #expect(node.answers.isEmpty)
        #expect(node.drops(.unknownFlow, of: World.acmeNAT) == 1)
    }

    // RFC 4787 §7 REQ-10, RFC 5382 §6 REQ-6: words of protocols that others rewrite.
    @Test(arguments: [
        "PORT 10,0,0,5,15,160\r\n", "INVITE sip:a@10.0.0.5:4000 SIP/2.0\r\n",
        "227 Entering Passive Mode (10,0,0,5,15,160)\r\n",
    ])
    func `a payload passes as it is, whatever it says`(text: String) throws {
        let world = World()
        let node = TestNode(world)
        for port in [21, 5060, 53] as [UInt16] {
            var packet = InnerPacket.udp(Self.client, to: Endpoint(Self.server.address, Port(port)))
            packet.payload = Array(text.utf8)
            let out = try #require(node.send(world.outbound(packet)).first)
            #expect(out.payload == packet.payload)
            var answer = InnerPacket.answer(out.tuple)
            answer.payload = packet.payload
            let back = try #require(node.send(world.inbound(answer, by: out.machine)).first)
            #expect(back.payload == packet.payload)
        }
    }

    // RFC 6888 §3 REQ-3: twenty addresses that have nothing in common.
    @Test func `a gateway may have any EIPs, and uses all of them`() throws {
        var world = World(bucketCount: 1, portRange: 1024...1024)
        let addresses = (0..<20 as Range<UInt32>).map {
            IPv4Address(rawValue: 0x2D00_0001 &+ $0 &* 0x0913_57A3)
        }
        world.snapshot.natGateways[0].eips = addresses.enumerated().map { index, address in
            EIPEntry(id: 100 + UInt64(index), address: address, state: .available)
        }
        let node = TestNode(world)
        var used: Set<IPAddress> = []
        for number in 0..<20 as Range<UInt16> {
            let packet = InnerPacket.udp(
                Endpoint(Self.client.address, Port(4000 + number)), to: Self.server)
            used.insert(try #require(node.send(world.outbound(packet)).first).tuple.source)
        }
        #expect(used == Set(addresses.map(IPAddress.v4)))
    }

    // RFC 6888 §3 REQ-11 (a), (b), RFC 5508 §6 REQ-8: unreachable by code 1, and nothing is sent.
    @Test func `who gets no port is told so by a soft error`() throws {
        let world = Self.smallWorld()
        let node = TestNode(world)
        let packets = (0..<5 as Range<UInt16>).map { number in
            InnerPacket.udp(Endpoint(Self.client.address, Port(4000 + number)), to: Self.server)
        }
        #expect(node.send(packets.map { world.outbound($0) }).count == 4)
        let answer = try #require(node.answers.first)
        #expect(node.answers.count == 1)
        #expect(answer.machine == World.host1)
        #expect(answer.overlay.eni == World.acmeInstance.eni)
        #expect(answer.summary.icmpType == ICMPType.destinationUnreachable)
        #expect(answer.summary.icmpCode == 1)
        #expect(answer.summary.tuple.destination == Self.client.address)
    }

    // RFC 8926 §3.3 (source port): one flow, one port; many flows, all that there are.
    @Test func `packets of one flow leave by one outer port, those of many by all`() {
        let world = World()
        let node = TestNode(world, capacityFlows: 512)
        var ports: Set<UInt8> = []
        for number in 0..<64 as Range<UInt16> {
            let packet = world.outbound(
                .udp(Endpoint(Self.client.address, Port(4000 + number)), to: Self.server))
            let sent = (0..<3).map { _ in node.sourcePort(of: packet) }
            #expect(Set(sent).count == 1)
            ports.formUnion(sent)
        }
        #expect(ports.count == node.engine.settings.sourcePorts)
    }
}

extension TestNode {
    /// Which of its outer ports the node sends a packet from.
    func sourcePort(of datagram: Datagram) -> UInt8 {
        engine.handle([packet(datagram)], at: now)
        let index = engine.outgoing[0].sourcePortIndex
        _ = drain()
        return index
    }

    private func packet(_ datagram: Datagram) -> Packet {
        Packet(
            frame: engine.frames.fill(datagram.bytes),
            start: UInt16(engine.frames.headroomBytes),
            length: UInt16(datagram.bytes.count), remote: datagram.machine)
    }
}
