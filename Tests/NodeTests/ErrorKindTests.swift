// Which ICMP messages cross a translator, and what stays in them.

import Node
import Testing
import Translation
import Wire

struct ErrorKindTests {
    static let client: Endpoint = "10.0.0.5:4000"
    static let server: Endpoint = "198.51.100.1:53"

    /// An error about a packet that left, as a router on the way makes it.
    private func carried(
        type: UInt8, code: UInt8, rest: UInt32 = 0
    ) throws -> (TestNode, [Datagram]) {
        let world = World()
        let node = TestNode(world)
        let out = try #require(
            node.send(world.outbound(.udp(Self.client, to: Self.server))).first)
        var error = ErrorPacket(about: out.inner, from: ErrorTests.onPath)
        error.type = type
        error.code = code
        error.rest = rest
        return (node, node.send(world.error(error, about: out)))
    }

    // RFC 5508 §7 REQ-10, RFC 4787 §9 REQ-12 (b), RFC 5382 §7.3 REQ-9.
    @Test(arguments: [(3, 0), (3, 1), (3, 2), (3, 3), (3, 13), (11, 0), (11, 1), (12, 0)])
    func `errors of these types are carried with type and code`(type: UInt8, code: UInt8) throws {
        let (_, sent) = try carried(type: type, code: code)
        let back = try #require(sent.first)
        #expect(back.summary.icmpType == type)
        #expect(back.summary.icmpCode == code)
        #expect(back.summary.tuple.destination == Self.client.address)
    }

    // RFC 5508 §8 REQ-11: redirect, source quench, router advertisement, address mask and unassigned.
    @Test(arguments: [4, 5, 9, 10, 17, 18, 30, 40, 255] as [UInt8])
    func `messages of other types are dropped by name, both ways`(type: UInt8) throws {
        let (node, sent) = try carried(type: type, code: 0)
        #expect(sent.isEmpty)
        #expect(node.answers.isEmpty)
        var packet = InnerPacket.ping(Self.client, to: Self.server.address)
        packet.icmpType = type
        #expect(node.send(World().outbound(packet)).isEmpty)
        #expect(node.drops(.unsupportedProtocol) == 2)
    }

    // RFC 1191 §4: what the way takes reaches its sender as it was said.
    @Test(arguments: [68, 576, 1400, 1499] as [UInt32])
    func `the MTU of an error from outside is carried`(mtu: UInt32) throws {
        let (_, sent) = try carried(type: 3, code: 4, rest: mtu)
        let back = try #require(sent.first)
        #expect(back.inner.rawSpan.bigEndianUInt32(at: 24) == mtu)
        #expect(back.checksums == .valid)
    }

    // RFC 5508 §4.1 REQ-3 (c): only 8 bytes of it are there, or it is wrong, and who looks?
    @Test func `a wrong checksum of the embedded transport is no reason to drop an error`() throws {
        let world = World()
        let node = TestNode(world)
        let out = try #require(
            node.send(world.outbound(.udp(Self.client, to: Self.server))).first)
        var about = out.inner
        about[26] ^= 0x5A
        var error = ErrorPacket(about: about, from: ErrorTests.onPath)
        error.embeddedBytes = about.count
        #expect(node.send(world.error(error, about: out)).count == 1)
    }

    // RFC 7857 §7.1, RFC 5508 §4.3 REQ-6: what answers a packet from outside refreshes nothing.
    @Test(arguments: [(IPProtocol.udp, 300.0, 51.0), (.icmp, 50.0, 11.0)])
    func `an error from inside does not keep a flow alive`(
        ipProtocol: IPProtocol, before: Double, after: Double
    ) throws {
        let world = World()
        let node = TestNode(world)
        let packet: InnerPacket =
            ipProtocol == .udp
            ? .udp(Self.client, to: Self.server) : .ping(Self.client, to: Self.server.address)
        let out = try #require(node.send(world.outbound(packet)).first)
        let delivered = try #require(node.send(world.answer(out)).first)
        let error = ErrorPacket(about: delivered.inner, from: ErrorTests.inVPC)
        let datagram = world.error(error, about: delivered)
            .with { $0.eni = World.acmeInstance.eni }
        node.pass(seconds: before)
        #expect(node.send(datagram).count == 1)
        #expect(node.counts(World.acmeNAT).flowsEnded == 0)
        node.pass(seconds: after)
        #expect(node.counts(World.acmeNAT).flowsEnded == 1)
    }
}
