// IPv4 options of a packet that leaves in pieces.

import Node
import Testing
import Wire

struct CutOptionsTests {
    // RFC 791 §3.1: what has the copied flag (router alert, 148) stands in every fragment, what has
    // not (record route, 7) in the first.
    @Test func `options that are not copied stand in the first fragment only`() throws {
        let world = World()
        let node = TestNode(world)
        let datagram = world.outbound(PathMTUTests.packet(bytes: 1700)).inner { packet in
            packet.insert(contentsOf: [7, 3, 4, 148, 4, 0, 0, 1], at: 20)
            packet[0] += 2
            packet[2] = UInt8(packet.count >> 8)
            packet[3] = UInt8(packet.count & 255)
        }
        let sent = node.send(datagram)
        #expect(sent.count == 2)
        guard sent.count == 2 else { return }
        #expect(Array(sent[0].inner[20..<28]) == [7, 3, 4, 148, 4, 0, 0, 1])
        #expect(Array(sent[1].inner[20..<28]) == [1, 1, 1, 148, 4, 0, 0, 1])
        #expect(sent.map { $0.inner.count - 28 }.reduce(0, +) == 1680)
    }
}
