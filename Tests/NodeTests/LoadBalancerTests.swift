// Load balancers through a whole engine, in both directions, by both families.

import Configuration
import Node
import Steering
import Testing
import Translation
import Wire

struct LoadBalancerTests {
    /// A listener, a client of it, and how its targets see the client.
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var packet: InnerPacket
        var client = World.acmeInstance
        var balancer = World.acmeBalancer
        var preserves: Bool
    }

    static let cases = [
        Case(
            testDescription: "UDP, preserved", packet: .udp("10.0.0.5:4000", to: "10.0.9.10:53"),
            preserves: true),
        Case(
            testDescription: "TCP, preserved", packet: .tcp("10.0.0.5:4000", to: "10.0.9.10:80"),
            preserves: true),
        Case(
            testDescription: "UDP, translated",
            packet: .udp("10.0.0.5:4000", to: "10.0.9.10:5353"), preserves: false),
        Case(
            testDescription: "TCP, translated",
            packet: .tcp("10.0.0.5:4000", to: "10.0.9.10:8080"), preserves: false),
        Case(
            testDescription: "TCP from outside, preserved",
            packet: .tcp("198.51.100.7:4000", to: "203.0.113.80:80"), client: World.outside,
            preserves: true),
        Case(
            testDescription: "UDP from outside, translated",
            packet: .udp("198.51.100.7:4000", to: "203.0.113.80:5353"), client: World.outside,
            preserves: false),
        Case(
            testDescription: "IPv6 TCP, preserved",
            packet: .tcp("[fd00:a::5]:4000", to: "[fd00:a::10]:443"),
            client: World.acmeInstance6, balancer: World.acmeBalancer6, preserves: true),
        Case(
            testDescription: "IPv6 UDP, translated",
            packet: .udp("[fd00:a::5]:4000", to: "[fd00:a::10]:8443"),
            client: World.acmeInstance6, balancer: World.acmeBalancer6, preserves: false),
        Case(
            testDescription: "IPv6 UDP, preserved",
            packet: .udp("[fd00:a::5]:4000", to: "[fd00:a::10]:443"),
            client: World.acmeInstance6, balancer: World.acmeBalancer6, preserves: true),
        Case(
            testDescription: "IPv6 TCP, translated",
            packet: .tcp("[fd00:a::5]:4000", to: "[fd00:a::10]:8443"),
            client: World.acmeInstance6, balancer: World.acmeBalancer6, preserves: false),
    ]

    private static func group(_ test: Case, _ world: World) -> TargetGroupEntry {
        let balancer = world.snapshot.loadBalancers.first { $0.id == test.balancer }!
        let listener = balancer.listeners.first {
            $0.ipProtocol == test.packet.tuple.ipProtocol
                && $0.port == test.packet.tuple.destinationPort
        }
        return world.snapshot.targetGroups.first { $0.id == listener!.targetGroup }!
    }

    @Test(arguments: cases)
    func `a first packet goes to a target by the node's own router`(_ test: Case) throws {
        let world = World()
        let node = TestNode(world)
        let packet = world.toBalancer(test.packet, from: test.client, through: test.balancer)
        let out = try #require(node.send(packet).first)
        let group = Self.group(test, world)
        #expect(out.machine == World.router, "the target was never heard from")
        #expect(out.overlay.vni == group.vni)
        #expect(out.overlay.resource == test.balancer)
        #expect(out.overlay.listener == packet.overlay.listener)
        #expect(out.overlay.bucket == packet.overlay.bucket)
        #expect(out.overlay.marks == [])
        #expect(out.summary.timeToLive == 63)
        let isTarget = group.targets.contains {
            $0.address == out.tuple.destination && $0.port == out.tuple.destinationPort
        }
        #expect(isTarget)
        let seen = Endpoint(out.tuple.source, out.tuple.sourcePort)
        if test.preserves {
            #expect(seen == Endpoint(packet.tuple.source, packet.tuple.sourcePort))
        } else {
            let balancer = world.snapshot.loadBalancers.first { $0.id == test.balancer }
            #expect(seen.address == balancer?.address)
            #expect(world.portSets.bucket(of: seen.port) == packet.overlay.bucket)
        }
    }

    @Test(arguments: cases)
    func `the target's answer reaches the client, as if the balancer had sent it`(
        _ test: Case
    ) throws {
        let world = World()
        let node = TestNode(world)
        let packet = world.toBalancer(test.packet, from: test.client, through: test.balancer)
        let out = try #require(node.send(packet).first)
        let back = try #require(node.send(world.targetAnswer(out)).first)
        #expect(back.machine == test.client.host)
        #expect(back.overlay.vni == test.client.vni)
        #expect(back.overlay.eni == test.client.eni)
        #expect(back.overlay.marks == .inbound)
        #expect(back.tuple == test.packet.tuple.reversed)
    }

    @Test(arguments: cases)
    func `once heard from, a target is reached at its host`(_ test: Case) throws {
        let world = World()
        let node = TestNode(world)
        var packet = test.packet
        let first = world.toBalancer(packet, from: test.client, through: test.balancer)
        let out = try #require(node.send(first).first)
        node.send(world.targetAnswer(out))
        packet.tcpFlags = .ack
        let second = world.toBalancer(packet, from: test.client, through: test.balancer)
        let direct = try #require(node.send(second).first)
        #expect(direct.machine == World.host2)
        #expect(direct.overlay.eni == ENI(rawValue: 0x7A6))
        #expect(direct.tuple == out.tuple)
        // And the next flow to the same target knows it at once.
        for port in 6000..<6064 as Range<UInt16> {
            var next = test.packet
            next.tuple.sourcePort = Port(port)
            let begun = world.toBalancer(next, from: test.client, through: test.balancer)
            guard let sent = node.send(begun).first,
                sent.tuple.destination == out.tuple.destination
            else { continue }
            #expect(sent.machine == World.host2)
        }
    }

    @Test func `an outside client whose packets come by another edge is answered by that one`()
        throws
    {
        let world = World()
        let node = TestNode(world)
        let client = Self.cases[4]
        let first = world.toBalancer(client.packet, from: World.outside)
        let out = try #require(node.send(first).first)
        #expect(node.send(world.targetAnswer(out)).first?.machine == World.edge1)
        var packet = client.packet
        packet.tcpFlags = .ack
        node.send(world.toBalancer(packet, from: World.outside.on(World.edge2)))
        #expect(node.send(world.targetAnswer(out)).first?.machine == World.edge2)
    }

    @Test func `the same client address inside and outside is two clients`() throws {
        var world = World()
        // An edge that routes a private address to the public one.
        world.snapshot.loadBalancers[0].publicAddress = World.balancerPublic
        let node = TestNode(world)
        let inside = InnerPacket.udp("10.0.0.5:4000", to: "10.0.9.10:53")
        let outside = InnerPacket.udp("10.0.0.5:4000", to: "203.0.113.80:53")
        let first = try #require(node.send(world.toBalancer(inside)).first)
        let second = try #require(
            node.send(world.toBalancer(outside, from: World.outside)).first)
        // One target can't tell the two apart, so they have different ones.
        #expect(first.tuple != second.tuple)
        #expect(node.send(world.targetAnswer(first)).first?.machine == World.host1)
        #expect(node.send(world.targetAnswer(second)).first?.machine == World.edge1)
    }

    @Test func `a public client of an IPv6 balancer finds no target, and nothing stops`() {
        var world = World()
        world.snapshot.loadBalancers[1].publicAddress = IPv4Address(203, 0, 113, 86)
        let node = TestNode(world)
        for port in [443, 8443] as [UInt16] {
            let packet = InnerPacket.tcp(
                "198.51.100.7:4000", to: Endpoint(.v4(IPv4Address(203, 0, 113, 86)), Port(port)))
            let datagram = world.toBalancer(
                packet, from: World.outside, through: World.acmeBalancer6)
            #expect(node.send(datagram).isEmpty)
        }
        #expect(node.drops(.noTarget, of: World.acmeBalancer6) == 2)
    }
}
