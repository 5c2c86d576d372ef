// Two nodes: a packet that reaches the one that doesn't lead its bucket goes to the other, once.

import Configuration
import Node
import Steering
import Testing
import Translation
import Wire

struct PassingOnTests {
    static let client: Endpoint = "10.0.0.5:4000"
    static let server: Endpoint = "198.51.100.1:53"

    /// Both nodes; datagrams between them are delivered until none is left.
    struct Pair {
        let nodes: [IPAddress: TestNode]

        init(_ world: World) {
            nodes = [
                World.node1: TestNode(world, node: 1), World.node2: TestNode(world, node: 2),
            ]
        }

        /// What leaves the two for others, and how many hops between them it took.
        func send(_ datagram: Datagram, to first: IPAddress) -> (sent: [Datagram], hops: Int) {
            var waiting = [(datagram, first)]
            var left: [Datagram] = []
            var hops = 0
            while let (datagram, address) = waiting.popLast() {
                for out in nodes[address]!.send(datagram) {
                    guard nodes[out.machine] != nil else {
                        left.append(out)
                        continue
                    }
                    hops += 1
                    #expect(hops < 4, "a packet goes in circles")
                    waiting.append((out.from(address), out.machine))
                }
            }
            return (left, hops)
        }
    }

    @Test func `a packet for the other node's bucket is passed on as it was, with its origin`() {
        let world = World(leaders: .secondNode)
        let node = TestNode(world)
        let packet = world.outbound(.udp(Self.client, to: Self.server))
        let sent = node.send(packet)
        #expect(sent.count == 1)
        guard let passed = sent.first else { return }
        #expect(passed.machine == World.node2)
        #expect(passed.overlay.origin == World.host1)
        #expect(passed.overlay.marks.leg == .toLeader)
        #expect(passed.overlay.vni == World.acmeNetwork)
        #expect(passed.overlay.eni == World.acmeInstance.eni)
        #expect(passed.overlay.resource == World.acmeNAT)
        #expect(passed.overlay.bucket == packet.overlay.bucket)
        #expect(passed.inner == packet.inner)
        #expect(node.engine.counters.packetsPassedOn == 1)
        #expect(node.engine.flowCount == 0)
        #expect(node.counts(World.acmeNAT).packetsIn == 0, "it counts where it is translated")
    }

    @Test func `a stale sender's packets get the same answer by one hop more`() throws {
        let world = World(leaders: .alternating)
        for port in 4000..<4032 as Range<UInt16> {
            let packet = world.outbound(
                .udp(Endpoint(Self.client.address, Port(port)), to: Self.server))
            let isFirst = packet.overlay.bucket.rawValue % 2 == 0
            let leader = isFirst ? World.node1 : World.node2
            for entry in [World.node1, World.node2] {
                let pair = Pair(world)
                let (sent, hops) = pair.send(packet, to: entry)
                #expect(hops == (entry == leader ? 0 : 1))
                let out = try #require(sent.first)
                // The way back, by a stale edge too.
                for back in [World.node1, World.node2] {
                    let (answers, hops) = pair.send(world.answer(out), to: back)
                    #expect(hops == (back == leader ? 0 : 1))
                    #expect(answers.map(\.machine) == [World.host1])
                    #expect(answers.first?.tuple == packet.tuple.reversed)
                }
            }
        }
    }

    @Test func `a moved instance is followed through a passed on packet`() throws {
        let world = World(leaders: .secondNode)
        let pair = Pair(world)
        let packet = InnerPacket.udp(Self.client, to: Self.server)
        let out = try #require(pair.send(world.outbound(packet), to: World.node1).sent.first)
        let moved = world.outbound(packet, from: World.acmeInstance.on(World.host2))
        _ = pair.send(moved, to: World.node1)
        #expect(pair.send(world.answer(out), to: World.node1).sent.first?.machine == World.host2)
    }

    @Test func `load balancer packets are passed on in both directions`() throws {
        let world = World(leaders: .alternating)
        let packet = world.toBalancer(.udp(Self.client, to: "10.0.9.10:53"))
        let isFirst = packet.overlay.bucket.rawValue % 2 == 0
        let stale = isFirst ? World.node2 : World.node1
        let pair = Pair(world)
        let (sent, hops) = pair.send(packet, to: stale)
        #expect(hops == 1)
        let toTarget = try #require(sent.first)
        #expect(toTarget.overlay.origin == nil)
        let (answers, more) = pair.send(world.targetAnswer(toTarget), to: stale)
        #expect(more == 1)
        #expect(answers.first?.machine == World.host1)
        #expect(answers.first?.tuple == packet.tuple.reversed)
    }

    @Test func `nodes that contradict each other pass a packet once and drop it by name`() {
        let nodes = [
            World.node1: TestNode(World(leaders: .secondNode), node: 1),
            World.node2: TestNode(World(leaders: .firstNode), node: 2),
        ]
        let packet = World().outbound(.udp(Self.client, to: Self.server))
        let passed = nodes[World.node1]!.send(packet)
        #expect(passed.map(\.machine) == [World.node2])
        #expect(nodes[World.node2]!.send(passed[0].from(World.node1)).isEmpty)
        #expect(nodes[World.node2]!.drops(.looping, of: World.acmeNAT) == 1)
    }

    @Test func `a packet with fewer options than a passed on one has is still passed on`() {
        let world = World(leaders: .secondNode)
        let node = TestNode(world)
        var packet = world.inbound(.udp(Self.server, to: "203.0.113.1:2000"))
        // Without its ENI: 32 bytes stand before the inner packet, 64 are written.
        packet.bytes.removeSubrange(16..<28)
        packet.bytes[0] = 0x06
        let sent = node.send(packet)
        #expect(sent.first?.inner == packet.inner)
        #expect(sent.first?.overlay.origin == World.edge1)
    }
}
