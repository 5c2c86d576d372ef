// How flows end, and who is told: RFC 5382 §5, RFC 5961 §3.2.

import Configuration
import Node
import Testing
import Translation
import Wire

struct EndingTests {
    static let client: Endpoint = "10.0.0.5:4000"
    static let server: Endpoint = "198.51.100.1:53"

    /// A node with an established connection that was idle for too long.
    private func expired(_ change: (inout World) -> Void = { _ in }) throws -> (
        World, TestNode, Datagram
    ) {
        var world = World()
        world.snapshot.natGateways[0].timers.timeouts.tcpEstablishedSeconds = 2
        change(&world)
        let node = TestNode(world)
        let out = DropCase.established(world, node)
        node.pass(seconds: 2.5)
        return (world, node, out)
    }

    // RFC 5382 §5 (resets).
    @Test func `at idle expiry both ends get the reset that they believe`() throws {
        let (_, node, out) = try expired()
        #expect(node.resets.count == 2)
        let inside = try #require(node.resets.first { $0.machine == World.host1 })
        #expect(inside.tuple.destination == Self.client.address)
        #expect(inside.tuple.source == Self.server.address)
        #expect(inside.overlay.vni == World.acmeNetwork)
        #expect(inside.overlay.eni == World.acmeInstance.eni)
        #expect(inside.overlay.marks == .inbound)
        let outside = try #require(node.resets.first { $0.machine == out.machine })
        #expect(outside.tuple == out.tuple)
        #expect(outside.overlay.vni == .outside)
        // Exactly what each end acknowledged last.
        #expect(inside.summary.tcp.sequence == InnerPacket.targetStart + 1)
        #expect(outside.summary.tcp.sequence == InnerPacket.clientStart + 1)
        #expect(node.resets.allSatisfy { $0.checksums == .valid })
    }

    // RFC 5382 §5 (resets).
    @Test func `after it a packet from inside gets a reset and one from outside nothing`() throws {
        let (world, node, out) = try expired()
        for _ in 0..<2 {
            #expect(node.send(world.outbound(.tcp(Self.client, to: Self.server, .ack))).isEmpty)
            let answer = try #require(node.answers.first)
            #expect(answer.machine == World.host1)
            #expect(answer.summary.tcpFlags == .rst)
            #expect(answer.summary.tcp.sequence == InnerPacket.targetStart + 1)
            #expect(node.send(world.answer(out, flags: .ack)).isEmpty)
            #expect(node.answers.isEmpty)
            // Once in its quiet time, and once when nothing is left of it.
            node.pass(seconds: 3)
        }
        #expect(node.drops(.quietFlow) == 2)
        #expect(node.drops(.notASYN) == 1)
        #expect(node.drops(.unknownFlow) == 1)
    }

    @Test func `a gateway that is told to end flows silently does`() throws {
        let (world, node, _) = try expired {
            $0.snapshot.natGateways[0].timers.resetsOnExpiry = false
        }
        #expect(node.resets.isEmpty)
        #expect(node.counts(World.acmeNAT).flowsEnded == 1)
        node.send(world.outbound(.tcp(Self.client, to: Self.server, .ack)))
        #expect(node.answers.count == 1)
    }

    @Test func `a reset is answered by none, nor is what is illegal`() {
        let world = World()
        let node = TestNode(world)
        for flags: TCPFlags in [.rst, [.rst, .ack], [], [.syn, .fin]] {
            node.send(world.outbound(.tcp(Self.client, to: Self.server, flags)))
            #expect(node.answers.isEmpty, "\(flags)")
        }
    }

    @Test func `a flow that is not yet established, or closing, ends silently`() throws {
        var world = World()
        world.snapshot.natGateways[0].timers.timeouts.tcpOpeningSeconds = 2
        let node = TestNode(world)
        node.send(world.outbound(.tcp(Self.client, to: Self.server)))
        node.pass(seconds: 2.5)
        #expect(node.counts(World.acmeNAT).flowsEnded == 1)
        #expect(node.resets.isEmpty)
    }

    @Test func `a released EIP's connections are reset inside only`() throws {
        var world = World()
        let node = TestNode(world)
        let out = DropCase.established(world, node)
        for index in world.snapshot.natGateways[0].eips.indices
        where .v4(world.snapshot.natGateways[0].eips[index].address) == out.tuple.source {
            world.snapshot.natGateways[0].eips[index].state = .releasing
        }
        node.apply(world)
        node.sweep()
        #expect(node.resets.map(\.machine) == [World.host1])
    }

    // RFC 4787 §4.3 REQ-5 (b), RFC 5508 §3.2 REQ-2 (a): timers may be set; here by destination too.
    @Test func `the longest rule that a destination matches sets the time`() throws {
        var world = World()
        let rules: [(String, UInt32)] = [
            ("198.51.0.0/16", 30), ("198.51.100.0/24", 10), ("203.0.113.0/24", 5),
        ]
        world.snapshot.natGateways[0].timers.rules = rules.map { prefix, seconds in
            TimeoutRule(
                prefix: IPPrefix(prefix)!, timeouts: IdleTimeouts(udpSeconds: seconds))
        }
        let node = TestNode(world)
        for server in ["198.51.100.1:53", "198.51.7.1:53", "192.0.2.55:53"] {
            node.send(world.outbound(.udp(Self.client, to: server.endpoint)))
        }
        var ended: [UInt64] = []
        for _ in 0..<3 {
            node.pass(seconds: 11)
            ended.append(node.counts(World.acmeNAT).flowsEnded)
        }
        #expect(ended == [1, 1, 2])
    }

    @Test func `when a target's drain time is over its connections are reset at both ends`() throws
    {
        var world = World()
        let node = TestNode(world)
        var outs: [Datagram] = []
        for port in 4000..<4016 as Range<UInt16> {
            let packet = InnerPacket.tcp(
                Endpoint(Self.client.address, Port(port)),
                to: Endpoint(World.balancerAddress, Port(80)))
            let out = try #require(node.send(world.toBalancer(packet)).first)
            node.send(world.targetAnswer(out))
            outs.append(out)
        }
        let victim = try #require(outs.first).tuple.destination
        for group in world.snapshot.targetGroups.indices {
            for index in world.snapshot.targetGroups[group].targets.indices
            where world.snapshot.targetGroups[group].targets[index].address == victim {
                world.snapshot.targetGroups[group].targets[index].state = .terminated
            }
        }
        let hit = outs.count { $0.tuple.destination == victim }
        #expect(hit < outs.count)
        node.apply(world)
        node.sweep()
        #expect(node.counts(World.acmeBalancer).flowsEnded == UInt64(hit))
        #expect(node.resets.count == 2 * hit)
        #expect(node.resets.count { $0.machine == World.host2 } == hit)
        // The others go on.
        for out in outs where out.tuple.destination != victim {
            #expect(node.send(world.targetAnswer(out)).count == 1)
        }
    }

    @Test func `a target that ends in one group ends nothing at its address in another`() throws {
        var world = World()
        // tcp/8080 has a group of its own, with the targets of tcp/80's by address and port.
        var twin = world.snapshot.targetGroups[1]
        twin.id = 6
        for index in twin.targets.indices { twin.targets[index].id += 0x100 }
        world.snapshot.targetGroups.append(twin)
        world.snapshot.loadBalancers[0].listeners[3].targetGroup = 6
        let node = TestNode(world)
        var outs: [Port: Datagram] = [:]
        for (port, first) in [(Port(80), 4000), (Port(8080), 4100)] as [(Port, UInt16)] {
            for number in 0..<8 as Range<UInt16> {
                let packet = InnerPacket.tcp(
                    Endpoint(Self.client.address, Port(first + number)),
                    to: Endpoint(World.balancerAddress, port))
                let out = try #require(node.send(world.toBalancer(packet)).first)
                node.send(world.targetAnswer(out))
                outs[Port(first + number)] = out
            }
        }
        for index in world.snapshot.targetGroups[1].targets.indices {
            world.snapshot.targetGroups[1].targets[index].state = .terminated
        }
        node.apply(world)
        node.sweep()
        #expect(node.counts(World.acmeBalancer).flowsEnded == 8)
        for (client, out) in outs where client.rawValue >= 4100 {
            #expect(node.send(world.targetAnswer(out)).count == 1)
        }
    }
}
