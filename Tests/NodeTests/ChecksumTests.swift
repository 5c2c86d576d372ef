// Damaged packets: what would begin a flow, or change a connection, is dropped; data is carried with
// its damage, translated, for its receiver to judge. docs/decisions/016.

import Configuration
import Node
import Testing
import Translation
import Wire

struct ChecksumTests {
    static let client: Endpoint = "10.0.0.5:4000"
    static let server: Endpoint = "198.51.100.1:53"

    /// Of each, the last byte but one of its payload, or of its header, flipped.
    static let firsts: [InnerPacket] = [
        .udp(client, to: server), .tcp(client, to: server), .ping(client, to: server.address),
    ]

    private func damaged(_ datagram: Datagram) -> Datagram {
        datagram.inner { $0[$0.count - 2] ^= 0x40 }
    }

    // RFC 5508 §4.1 REQ-3 for the query.
    @Test(arguments: firsts)
    func `a damaged packet begins nothing, and is counted`(packet: InnerPacket) {
        let world = World()
        let node = TestNode(world)
        #expect(node.send(damaged(world.outbound(packet))).isEmpty)
        #expect(node.drops(.badTransportChecksum, of: World.acmeNAT) == 1)
        #expect(node.engine.flowCount == 0)
        #expect(node.send(world.outbound(packet)).count == 1)
    }

    @Test func `damaged data of a flow is carried, and stays damaged`() throws {
        let world = World()
        let node = TestNode(world)
        var packet = InnerPacket.udp(Self.client, to: Self.server)
        packet.payload = Array(0..<40)
        let first = try #require(node.send(world.outbound(packet)).first)
        node.expectsRightChecksums = false
        let out = try #require(node.send(damaged(world.outbound(packet))).first)
        #expect(out.tuple == first.tuple)
        #expect(ChecksumVerdict.verify(out.inner.rawSpan, out.summary) == .badTransport)
    }

    @Test func `a damaged packet brings no ended flow back`() {
        let world = World()
        let node = TestNode(world)
        let packet = InnerPacket.udp(Self.client, to: Self.server)
        node.send(world.outbound(packet))
        node.pass(seconds: 351)
        #expect(node.send(damaged(world.outbound(packet))).isEmpty)
        #expect(node.drops(.badTransportChecksum, of: World.acmeNAT) == 1)
        #expect(node.send(world.outbound(packet)).count == 1)
    }
}
