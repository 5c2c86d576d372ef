// A batch is nothing but its packets: the same ones alone, together and cut anyhow have the same
// results.

import Node
import Steering
import Testing
import Translation
import Wire

struct BatchTests {
    /// Flows of every kind, further packets of each, and some to be dropped.
    static func packets(_ world: World) -> [Datagram] {
        var packets: [Datagram] = []
        for port in 4000..<4012 as Range<UInt16> {
            let inside = "10.0.0.5:\(port)".endpoint
            let inside6 = "[fd00:a::5]:\(port)".endpoint
            packets += [
                world.outbound(.udp(inside, to: "198.51.100.1:53")),
                world.outbound(.tcp(inside, to: "198.51.100.1:80")),
                world.outbound(.ping(inside, to: IPAddress("198.51.100.1")!)),
                world.outbound(
                    .udp(inside, to: "198.51.100.1:53"), from: World.boltInstance,
                    through: World.boltNAT),
                world.toBalancer(.udp(inside, to: "10.0.9.10:53")),
                world.toBalancer(.tcp(inside, to: "10.0.9.10:8080")),
                world.toBalancer(
                    .tcp(inside6, to: "[fd00:a::10]:443"), from: World.acmeInstance6,
                    through: World.acmeBalancer6),
                world.outbound(.tcp(inside, to: "198.51.100.9:80", .ack)),
                world.inbound(.udp("198.51.100.1:53", to: "203.0.113.1:\(port)".endpoint)),
            ]
        }
        return packets + packets
    }

    private func key(_ datagram: Datagram) -> String { "\(datagram.machine) \(datagram.bytes)" }

    private func expectSame(_ node: TestNode, _ other: TestNode) {
        #expect(node.engine.counters.drops == other.engine.counters.drops)
        #expect(node.engine.flowCount == other.engine.flowCount)
        for id in [World.acmeNAT, World.boltNAT, World.acmeBalancer, World.acmeBalancer6] {
            #expect(node.counts(id).flowsCreated == other.counts(id).flowsCreated)
            #expect(node.counts(id).bytesOutbound == other.counts(id).bytesOutbound)
            #expect(node.counts(id).packetsInbound == other.counts(id).packetsInbound)
        }
    }

    @Test func `packets one by one and in one batch have the same results`() {
        let world = World()
        let packets = Self.packets(world)
        let alone = TestNode(world)
        let one = packets.flatMap { alone.send($0) }
        let together = TestNode(world)
        let all = together.send(packets)
        // Packets that wait for their flow's commitment leave after those that don't.
        #expect(one.map(key).sorted() == all.map(key).sorted())
        expectSame(alone, together)
    }

    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func `a stream cut into batches anyhow has the same results`(seed: UInt64) {
        let world = World()
        let packets = Self.packets(world)
        let whole = TestNode(world)
        let expected = whole.send(packets).map(key).sorted()
        var random = SplitMix(seed: seed)
        let node = TestNode(world)
        var sent: [Datagram] = []
        var rest = packets[...]
        while !rest.isEmpty {
            let batch = rest.prefix(1 + random.below(40))
            rest = rest.dropFirst(batch.count)
            sent += node.send(Array(batch))
        }
        #expect(sent.map(key).sorted() == expected)
        expectSame(whole, node)
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func `a batch in another order creates the same flows on as many ports`(seed: UInt64) {
        let world = World()
        var packets = Self.packets(world)
        let node = TestNode(world)
        let expected = node.send(packets)
        var random = SplitMix(seed: seed)
        packets.shuffle(using: &random)
        let shuffled = TestNode(world)
        let sent = shuffled.send(packets)
        #expect(sent.count == expected.count)
        #expect(Set(sent.map(\.tuple)).count == Set(expected.map(\.tuple)).count)
        expectSame(node, shuffled)
    }
}
