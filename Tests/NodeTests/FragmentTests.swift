// Fragments through a whole engine: RFC 4787 §11 REQ-14, RFC 5722, RFC 7857 §10.

import Configuration
import Node
import Testing
import Translation
import Wire

struct FragmentTests {
    static let client: Endpoint = "10.0.0.5:4000"
    static let server: Endpoint = "198.51.100.1:53"

    static let packets: [InnerPacket] = [
        InnerPacket.udp(client, to: server), InnerPacket.tcp(client, to: server),
        InnerPacket.ping(client, to: server.address),
    ].map { (packet: InnerPacket) in
        var packet = packet
        packet.payload = (0..<300).map { UInt8(truncatingIfNeeded: $0 &* 11) }
        return packet
    }

    static let orders: [[Int]] = [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]]

    private func expectWhole(
        _ sent: [Datagram], _ packet: InnerPacket, isOutbound: Bool = true
    ) throws -> PacketSummary {
        let whole = sent.reassembled()
        #expect(!whole.isEmpty, "bytes are missing")
        let summary = try PacketSummary.parse(whole.rawSpan)
        #expect(ChecksumVerdict.verify(whole.rawSpan, summary) == .valid)
        #expect(Array(whole.suffix(300)) == packet.payload)
        #expect(Set(sent.map(\.summary.identification)).count == 1)
        return summary
    }

    // RFC 4787 §11 REQ-14.
    @Test(arguments: packets.indices, orders)
    func `a datagram's fragments leave translated, in whatever order they came`(
        index: Int, order: [Int]
    ) throws {
        let world = World()
        let node = TestNode(world)
        let packet = Self.packets[index]
        let fragments = world.outbound(packet).fragments(step: 96)
        #expect(fragments.count == 4)
        var sent: [Datagram] = []
        for position in order { sent += node.send(fragments[position]) }
        #expect(sent.count == 4)
        let summary = try expectWhole(sent, packet)
        #expect([World.firstEIP, World.secondEIP].contains(summary.tuple.source))
        #expect(summary.tuple.destination == Self.server.address)
        // Later packets of the flow, whole, have the same translation.
        var again = packet
        again.payload = [1]
        if packet.tuple.ipProtocol != .tcp {
            #expect(node.send(world.outbound(again)).first?.tuple == summary.tuple)
        }
        #expect(node.engine.flowCount == 1)
    }

    @Test(arguments: packets.indices, orders)
    func `and so do the fragments of the answer`(index: Int, order: [Int]) throws {
        let world = World()
        let node = TestNode(world)
        var first = Self.packets[index]
        first.payload = [1, 2, 3]
        let out = try #require(node.send(world.outbound(first)).first)
        var answer = InnerPacket.answer(out.tuple)
        answer.payload = Self.packets[index].payload
        let fragments = world.inbound(answer, by: out.machine).fragments(step: 96)
        var sent: [Datagram] = []
        for position in order { sent += node.send(fragments[position]) }
        let summary = try expectWhole(sent, answer)
        #expect(summary.tuple == first.tuple.reversed)
        #expect(sent.allSatisfy { $0.machine == World.host1 })
        #expect(sent.allSatisfy { $0.overlay.eni == World.acmeInstance.eni })
    }

    // DESIGN part 3: the collector passes all of them on once, with the ports in an option.
    @Test(arguments: orders)
    func `two nodes share the work of collecting and translating`(order: [Int]) throws {
        let world = World(leaders: .alternating)
        var lengths: Set<Int> = []
        for number in 0..<16 as Range<UInt16> {
            let nodes = [TestNode(world, node: 1), TestNode(world, node: 2)]
            var packet = Self.packets[0]
            packet.tuple.sourcePort = Port(4000 + number)
            let fragments = world.outbound(packet)
                .fragments(step: 96, identification: 100 + number)
            var sent: [Datagram] = []
            var hops = 0
            for position in order {
                // From node to node until it leaves the cluster.
                var waiting = [(fragments[position], 0)]
                while !waiting.isEmpty {
                    let (datagram, at) = waiting.removeFirst()
                    for out in nodes[at].send(datagram) {
                        let next = [World.node1, World.node2].firstIndex(of: out.machine)
                        guard let next else {
                            sent.append(out)
                            continue
                        }
                        hops += 1
                        waiting.append((out.from(at == 0 ? World.node1 : World.node2), next))
                    }
                }
            }
            #expect(hops <= 8)
            lengths.insert(hops)
            _ = try expectWhole(sent, packet)
            #expect(nodes.map { $0.engine.flowCount }.reduce(0, +) == 1)
        }
        #expect(lengths.count > 1, "some were collected where their flow is, some not")
    }

    // RFC 7857 §10.
    @Test func `two instances' datagrams of one identification leave with two`() throws {
        let world = World()
        let node = TestNode(world)
        var seen: Set<UInt32> = []
        for host in 5..<13 as Range<UInt8> {
            var packet = Self.packets[0]
            packet.tuple.source = .v4(IPv4Address(10, 0, 0, host))
            let sent = world.outbound(packet).fragments(step: 96).flatMap { node.send($0) }
            _ = try expectWhole(sent, packet)
            seen.insert(try #require(sent.first).summary.identification)
        }
        #expect(seen.count == 8)
    }

    @Test func `fragments without a first are dropped when their time is over`() {
        let world = World()
        let node = TestNode(world)
        let fragments = world.outbound(Self.packets[0]).fragments(step: 96)
        for fragment in fragments.dropFirst() { #expect(node.send(fragment).isEmpty) }
        #expect(node.engine.parkedCount == 3)
        node.pass(seconds: 6)
        #expect(node.engine.parkedCount == 0)
        #expect(node.drops(.fragmentTimeout, of: World.acmeNAT) == 3)
        #expect(node.engine.frames.freeCount == node.engine.frames.count)
    }

    // RFC 4787 §11 REQ-14 (a), RFC 6888 §3 REQ-5.
    @Test func `one tenant cannot use up what waits for all`() {
        let world = World()
        let node = TestNode(world)
        for number in 0..<300 as Range<UInt16> {
            let fragments = world.outbound(Self.packets[0])
                .fragments(step: 96, identification: number)
            node.send(fragments[1])
        }
        #expect(node.drops(.fragmentQuota, of: World.acmeNAT) > 0)
        let other = world.outbound(
            Self.packets[0], from: World.boltInstance, through: World.boltNAT)
        let sent = other.fragments(step: 96).reversed().flatMap { node.send($0) }
        #expect(sent.count == 4)
    }
}
