// Packets too long for the way ahead: RFC 4787 §10 REQ-13, RFC 1191, RFC 791 §3.2.

import Node
import Testing
import Translation
import Wire

struct PathMTUTests {
    static let client: Endpoint = "10.0.0.5:4000"
    static let server: Endpoint = "198.51.100.1:53"

    static func packet(bytes: Int) -> InnerPacket {
        var packet = InnerPacket.udp(client, to: server)
        packet.payload = (0..<bytes - 28).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        return packet
    }

    /// With DF set, its checksum right.
    static func whole(_ datagram: Datagram) -> Datagram { datagram.inner { $0[6] |= 0x40 } }

    // RFC 4787 §10 REQ-13, RFC 8926 §4.4.1, RFC 1812 §4.3.2.3.
    @Test(arguments: [(1500, true), (1501, false)])
    func `a packet that may not be cut passes up to the MTU and not beyond`(
        bytes: Int, passes: Bool
    ) throws {
        let world = World()
        let node = TestNode(world)
        let datagram = Self.whole(world.outbound(Self.packet(bytes: bytes)))
        #expect(node.send(datagram).count == (passes ? 1 : 0))
        #expect(node.drops(.packetTooBig) == (passes ? 0 : 1))
        #expect(node.answers.count == (passes ? 0 : 1))
        guard let answer = node.answers.first else { return }
        // RFC 1191 §4: type 3, code 4, the MTU in the low half.
        #expect(answer.machine == World.host1)
        #expect(answer.overlay.eni == World.acmeInstance.eni)
        #expect(answer.overlay.marks == .inbound)
        #expect(answer.summary.icmpType == ICMPType.destinationUnreachable)
        #expect(answer.summary.icmpCode == 4)
        #expect(Array(answer.inner[24..<28]) == [0, 0, 0x05, 0xDC])
        #expect(answer.summary.tuple.destination == Self.client.address)
        #expect(answer.inner.count == 576)
        // The packet that it is about stands in it as the instance sent it.
        #expect(Array(answer.inner[28...]) == Array(datagram.inner.prefix(548)))
        #expect(node.engine.counters.answersMade == 1)
    }

    // RFC 4787 §10 REQ-13 (a), RFC 791 §3.2.
    @Test(arguments: [1501, 1508, 1800])
    func `a packet that may be cut leaves in fragments that make the whole again`(
        bytes: Int
    ) throws {
        let world = World()
        let node = TestNode(world)
        let small = try #require(node.send(world.outbound(Self.packet(bytes: 100))).first)
        let sent = node.send(world.outbound(Self.packet(bytes: bytes)))
        #expect(sent.count == 2)
        #expect(sent.allSatisfy { $0.inner.count <= 1500 && $0.machine == small.machine })
        #expect(Set(sent.map(\.summary.identification)).count == 1)
        #expect(sent.map(\.summary.moreFragments) == [true, false])
        // Put together, they are a packet with right checksums.
        var whole = sent[0].inner
        #expect(sent[1].summary.fragmentOffset == whole.count - 20)
        whole += sent[1].inner[20...]
        whole[2] = UInt8(whole.count >> 8)
        whole[3] = UInt8(whole.count & 255)
        whole[6] = 0
        whole[10] = 0
        whole[11] = 0
        var span = whole.mutableRawSpan
        let sum = InternetChecksum.sum(span, from: 0, count: 20)
        span.store(bigEndian: InternetChecksum.fold(sum), at: 10)
        let summary = try PacketSummary.parse(whole.rawSpan)
        #expect(ChecksumVerdict.verify(whole.rawSpan, summary) == .valid)
        #expect(summary.tuple == small.tuple)
        #expect(summary.payloadBytes == bytes - 28)
        #expect(node.engine.counters.packetsFragmented == 1)
    }

    // RFC 7857 §10, RFC 6864 §5.3.1.
    @Test func `two instances with one identification don't share it outside`() throws {
        let world = World()
        let node = TestNode(world)
        var seen: Set<UInt32> = []
        for port in 4000..<4064 as Range<UInt16> {
            let packet = InnerPacket.udp(
                Endpoint(Self.client.address, Port(port)), to: Self.server)
            let out = try #require(node.send(world.outbound(packet)).first)
            #expect(seen.insert(out.summary.identification).inserted)
        }
    }

    // RFC 6864 §4.1: an atomic datagram keeps its own.
    @Test func `a packet that may not be cut keeps its identification`() throws {
        let world = World()
        let node = TestNode(world)
        let datagram = world.outbound(Self.packet(bytes: 100)).inner {
            $0[4] = 0x12
            $0[5] = 0x34
            $0[6] |= 0x40
        }
        let out = try #require(node.send(datagram).first)
        #expect(out.summary.identification == 0x1234)
    }

    // RFC 1812 §5.3.1; RFC 1812 §4.3.2.7: not about an error.
    @Test func `a packet whose hop limit ends here is answered, an error is not`() throws {
        let world = World()
        let node = TestNode(world)
        var packet = Self.packet(bytes: 100)
        packet.timeToLive = 1
        #expect(node.send(world.outbound(packet)).isEmpty)
        let answer = try #require(node.answers.first)
        #expect(answer.machine == World.host1)
        #expect(answer.summary.icmpType == ICMPType.timeExceeded)
        #expect(answer.summary.tuple.destination == Self.client.address)
        packet.timeToLive = 64
        let out = try #require(node.send(world.outbound(packet)).first)
        var error = ErrorPacket(about: out.inner, from: ErrorTests.onPath)
        error.timeToLive = 1
        #expect(node.send(world.error(error, about: out)).isEmpty)
        #expect(node.answers.isEmpty)
        #expect(node.drops(.timeToLiveExpired) == 2)
    }

    // Invariant 5: no inner address leaves by the outside face, not even as an answer's source.
    @Test func `what the outside sends to an address that is not the gateway's is not answered`() {
        let world = World()
        let node = TestNode(world)
        var packet = InnerPacket.udp("198.51.100.9:53", to: "10.0.0.5:2000")
        packet.timeToLive = 1
        #expect(node.send(world.inbound(packet)).isEmpty)
        #expect(node.answers.isEmpty)
        packet.tuple.destination = World.firstEIP
        node.send(world.inbound(packet))
        #expect(node.answers.map(\.tuple.source) == [World.firstEIP])
    }

    // RFC 4443 §2.4 (f), RFC 1812 §4.3.2.8.
    @Test func `answers are made at a bounded rate`() {
        let world = World()
        let node = TestNode(world)
        var packet = Self.packet(bytes: 60)
        packet.timeToLive = 1
        for _ in 0..<12 { node.send(Array(repeating: world.outbound(packet), count: 100)) }
        #expect(node.engine.counters.answersMade == 1000)
        #expect(node.engine.counters.answersSuppressed == 200)
        node.pass(seconds: 1)
        node.send(world.outbound(packet))
        #expect(node.answers.count == 1)
    }
}
