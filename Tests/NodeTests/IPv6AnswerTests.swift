// ICMPv6 errors through a whole engine: those of the node's own making, and those that it carries.

import Configuration
import Node
import Testing
import Translation
import Wire

struct IPv6AnswerTests {
    static let client: Endpoint = "[fd00:a::5]:4000"

    private func packet(payloadBytes: Int, hopLimit: UInt8 = 64) -> InnerPacket {
        var packet = InnerPacket.udp(Self.client, to: Endpoint(World.balancerAddress6, Port(443)))
        packet.payload = [UInt8](repeating: 0x2A, count: payloadBytes)
        packet.timeToLive = hopLimit
        return packet
    }

    private func toBalancer(_ world: World, _ packet: InnerPacket) -> Datagram {
        world.toBalancer(packet, from: World.acmeInstance6, through: World.acmeBalancer6)
    }

    private func world(mtu: UInt16) -> World {
        var world = World()
        world.snapshot.cluster.overlayMTU = mtu
        return world
    }

    // RFC 4443 §3.2, §2.4 (c), §2.3; RFC 4787 §10 REQ-13: never cut on the way.
    @Test(arguments: [(1400, true), (1401, false)])
    func `a packet up to the MTU passes, a longer one is answered with it`(
        bytes: Int, passes: Bool
    ) throws {
        let world = world(mtu: 1400)
        let node = TestNode(world)
        let datagram = toBalancer(world, packet(payloadBytes: bytes - 48))
        #expect(node.send(datagram).count == (passes ? 1 : 0))
        #expect(node.answers.count == (passes ? 0 : 1))
        guard let answer = node.answers.first else { return }
        #expect(answer.machine == World.host1)
        #expect(answer.summary.icmpType == ICMPv6Type.packetTooBig)
        #expect(answer.summary.icmpCode == 0)
        #expect(answer.inner.rawSpan.bigEndianUInt32(at: 44) == 1400)
        #expect(answer.inner.count == 1280)
        #expect(Array(answer.inner[48...]) == Array(datagram.inner.prefix(1232)))
        #expect(answer.summary.tuple.destination == Self.client.address)
        #expect(answer.checksums == .valid)
    }

    // RFC 8200 §3, RFC 4443 §2.3.
    @Test func `a packet whose hop limit ends here is answered`() throws {
        let world = World()
        let node = TestNode(world)
        #expect(node.send(toBalancer(world, packet(payloadBytes: 20, hopLimit: 1))).isEmpty)
        let answer = try #require(node.answers.first)
        #expect(answer.summary.icmpType == ICMPv6Type.timeExceeded)
        #expect(answer.inner.count == 48 + 68, "all of it fits")
        #expect(answer.checksums == .valid)
    }

    // RFC 4443 §2.4 (f).
    @Test func `answers are made at a bounded rate`() {
        let world = World()
        let node = TestNode(world)
        let last = toBalancer(world, packet(payloadBytes: 20, hopLimit: 1))
        for _ in 0..<12 { node.send(Array(repeating: last, count: 100)) }
        #expect(node.engine.counters.answersMade == 1000)
    }

    // RFC 4443 §2.3, §3.2: what a target's network says of its way is carried to the client.
    @Test func `an error of a target's network reaches the client, about what it sent`() throws {
        let world = World()
        let node = TestNode(world)
        let sent = packet(payloadBytes: 100)
        let out = try #require(node.send(toBalancer(world, sent)).first)
        var error = ErrorPacket(about: out.inner, from: out.tuple.destination)
        error.type = ICMPv6Type.packetTooBig
        error.code = 0
        error.rest = 1300
        error.embeddedBytes = out.inner.count
        let back = try #require(
            node.send(world.error(error, about: out).from(World.host2)).first)
        #expect(back.machine == World.host1)
        #expect(back.summary.icmpType == ICMPv6Type.packetTooBig)
        #expect(back.inner.rawSpan.bigEndianUInt32(at: 44) == 1300)
        #expect(back.summary.tuple.source == World.balancerAddress6)
        let embedded = try EmbeddedPacket.parse(in: back.inner.rawSpan, of: back.summary)
        #expect(embedded.tuple == sent.tuple)
        #expect(back.checksums == .valid)
    }
}
