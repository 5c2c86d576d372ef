// ICMP errors through a whole engine, both ways: RFC 5508 §4, RFC 4787 §9, RFC 5382 §7.3.

import Node
import Testing
import Translation
import Wire

struct ErrorTests {
    static let client: Endpoint = "10.0.0.5:4000"
    static let server: Endpoint = "198.51.100.1:53"
    static let onPath = IPAddress("192.0.2.77")!
    static let inVPC = IPAddress("10.0.0.1")!

    static let packets: [InnerPacket] = [
        .udp(client, to: server), .tcp(client, to: server), .ping(client, to: server.address),
    ]

    /// What an error's embedded packet says, read by the product's own parser and by offsets.
    static func embedded(_ datagram: Datagram) throws -> EmbeddedPacket {
        try EmbeddedPacket.parse(in: datagram.inner.rawSpan, of: datagram.summary)
    }

    // RFC 5508 §4.2.1 REQ-4: type and code stay, the source stays, the destination is the inside
    // address, the embedded packet is as the inside host sent it.
    @Test(arguments: packets.indices, [28, 40, 60])
    func `an error from outside reaches the instance, about the packet that it sent`(
        index: Int, embeddedBytes: Int
    ) throws {
        let world = World()
        let node = TestNode(world)
        let packet = Self.packets[index]
        let out = try #require(node.send(world.outbound(packet)).first)
        var error = ErrorPacket(about: out.inner, from: Self.onPath)
        error.embeddedBytes = min(embeddedBytes, out.inner.count)
        let back = try #require(node.send(world.error(error, about: out)).first)
        #expect(back.machine == World.host1)
        #expect(back.overlay.vni == World.acmeNetwork)
        #expect(back.overlay.eni == World.acmeInstance.eni)
        let summary = back.summary
        #expect(summary.icmpType == ICMPType.destinationUnreachable)
        #expect(summary.icmpCode == 1)
        #expect(summary.timeToLive == 63)
        #expect(summary.tuple.source == Self.onPath)
        #expect(summary.tuple.destination == Self.client.address)
        #expect(back.checksums == .valid)
        #expect(try Self.embedded(back).tuple == packet.tuple)
        // RFC 4787 §9 REQ-12, REQ-12 (a), (b), RFC 5382 §7.3 REQ-9, REQ-10: the flow lives on.
        #expect(node.send(world.outbound(packet)).first?.tuple == out.tuple)
    }

    // RFC 3022 §4.3, RFC 4443 §2.3, RFC 5508 §4.1 REQ-3 (c).
    // The embedded packet is, byte for byte, what the instance sent, but for the hop limit, the
    // identification and the checksums over them: what it compares its own by is right.
    @Test(arguments: packets.indices)
    func `a whole embedded packet has right checksums again`(index: Int) throws {
        let world = World()
        let node = TestNode(world)
        let out = try #require(node.send(world.outbound(Self.packets[index])).first)
        var error = ErrorPacket(about: out.inner, from: Self.onPath)
        error.embeddedBytes = out.inner.count
        let back = try #require(node.send(world.error(error, about: out)).first)
        let inside = Array(back.inner[28...])
        let summary = try PacketSummary.parse(inside.rawSpan)
        #expect(ChecksumVerdict.verify(inside.rawSpan, summary) == .valid)
        #expect(summary.tuple == Self.packets[index].tuple)
    }

    // RFC 5508 §4.2.2 REQ-5: the source becomes an outside address of the translator.
    @Test(arguments: packets.indices)
    func `an error from inside shows the EIP, about the packet that came`(index: Int) throws {
        let world = World()
        let node = TestNode(world)
        let out = try #require(node.send(world.outbound(Self.packets[index])).first)
        let answer = world.answer(out)
        let delivered = try #require(node.send(answer).first)
        let error = ErrorPacket(about: delivered.inner, from: Self.inVPC)
        var datagram = world.error(error, about: delivered)
        datagram = datagram.with { $0.eni = World.acmeInstance.eni }
        let sent = try #require(node.send(datagram).first)
        #expect([World.edge1, World.edge2].contains(sent.machine))
        #expect(sent.summary.tuple.source == out.tuple.source)
        #expect(sent.summary.tuple.destination == Self.server.address)
        #expect(try Self.embedded(sent).tuple == answer.tuple)
        #expect(sent.checksums == .valid)
    }

    // RFC 5508 §4.1 REQ-3 (d); RFC 4884.
    @Test func `extensions and padding behind the embedded packet stay as they are`() throws {
        let world = World()
        let node = TestNode(world)
        let out = try #require(node.send(world.outbound(Self.packets[0])).first)
        var error = ErrorPacket(about: out.inner, from: Self.onPath)
        error.embeddedBytes = out.inner.count
        let padding = [UInt8](repeating: 0, count: 128 - out.inner.count)
        let extensions: [UInt8] = [0x20, 0, 0, 0, 0, 8, 1, 1, 0xAB, 0xCD, 0x11, 0x22]
        error.trailer = padding + extensions
        error.rest = 32 << 16
        let back = try #require(node.send(world.error(error, about: out)).first)
        #expect(Array(back.inner.suffix(extensions.count)) == extensions)
        #expect(back.checksums == .valid)
    }

    // RFC 5508 §4.1 REQ-3 (b).
    @Test func `IP options of the embedded packet are walked over`() throws {
        let world = World()
        let node = TestNode(world)
        let packet = world.outbound(Self.packets[0]).withOptions([1, 1, 1, 0])
        let out = try #require(node.send(packet).first)
        var error = ErrorPacket(about: out.inner, from: Self.onPath)
        error.embeddedBytes = 32
        let back = try #require(node.send(world.error(error, about: out)).first)
        #expect(try Self.embedded(back).tuple == Self.packets[0].tuple)
    }

    // RFC 5508 §4.3 REQ-6, RFC 7857 §7.1.
    @Test func `an error does not keep a flow alive`() throws {
        let world = World()
        let node = TestNode(world)
        let out = try #require(node.send(world.outbound(Self.packets[0])).first)
        let error = world.error(ErrorPacket(about: out.inner, from: Self.onPath), about: out)
        node.pass(seconds: 300)
        #expect(node.send(error).count == 1)
        node.pass(seconds: 60)
        #expect(node.send(error).isEmpty)
        #expect(node.drops(.errorOfNoFlow) == 1)
    }

    @Test func `errors about a load balancer's flows show the balancer to the client`() throws {
        let world = World()
        let node = TestNode(world)
        let packet = InnerPacket.tcp("10.0.0.5:4000", to: Endpoint(World.balancerAddress, Port(80)))
        let toTarget = try #require(node.send(world.toBalancer(packet)).first)
        var error = ErrorPacket(about: toTarget.inner, from: toTarget.tuple.destination)
        error.code = 3
        let datagram = world.error(error, about: toTarget).from(World.host2)
        let back = try #require(node.send(datagram).first)
        #expect(back.machine == World.host1)
        #expect(back.summary.tuple.source == World.balancerAddress)
        #expect(back.summary.tuple.destination == packet.tuple.source)
        #expect(try Self.embedded(back).tuple == packet.tuple)
    }
}
