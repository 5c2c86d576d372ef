// When a configuration is closed: once no flow lives any more that it has ended.

import Configuration
import Testing
import Wire

@testable import Node

struct ClosingTests {
    static let server: Endpoint = "198.51.100.1:53"

    private func busyNode(_ world: World, flows: Int = 20) -> TestNode {
        let node = TestNode(world, capacityFlows: 64_000)
        for port in 0..<flows {
            let client = Endpoint(.v4(IPv4Address(10, 0, 0, 5)), Port(UInt16(4000 + port)))
            node.send(world.outbound(.udp(client, to: Self.server)))
        }
        return node
    }

    private func without(_ eip: IPAddress, _ world: World) -> World {
        var world = world
        world.snapshot.version += 1
        world.changeEIPs { if .v4($0.address) == eip { $0.state = .releasing } }
        return world
    }

    @Test func `a version is closed only when the sweep has been round, not when it is applied`() {
        let world = World()
        let node = busyNode(world)
        #expect(node.engine.closedVersion == 1)
        node.apply(without(World.firstEIP, world))
        #expect(node.engine.closedVersion == 1)
        var ticks = 0
        while node.engine.closedVersion == 1, ticks < 10_000 {
            #expect(node.engine.counters.turns > 0)
            node.now = node.now + 10_000_000
            node.engine.tick(node.now)
            ticks += 1
        }
        #expect(node.engine.closedVersion == 2)
        // In steps: 64,000 slots at 640 a tick.
        #expect(ticks >= 64_000 / 640 - 1 && ticks < 1000, "\(ticks)")
    }

    @Test func `when it is closed no packet leaves by the released address`() throws {
        let world = World()
        let node = TestNode(world)
        let out = try #require(
            node.send(world.outbound(.udp("10.0.0.5:4000", to: Self.server))).first)
        let newer = without(out.tuple.source, world)
        node.apply(newer)
        while node.engine.closedVersion < 2 {
            node.now = node.now + 10_000_000
            node.engine.tick(node.now)
        }
        #expect(node.send(newer.outbound(.udp("10.0.0.5:4000", to: Self.server))).isEmpty)
        #expect(node.send(newer.answer(out)).isEmpty)
    }

    @Test func `an engine without flows closes a version at its next tick`() {
        let world = World()
        let node = TestNode(world, capacityFlows: 64_000)
        node.apply(without(World.firstEIP, world))
        node.now = node.now + 10_000_000
        node.engine.tick(node.now)
        #expect(node.engine.closedVersion == 2)
    }

    @Test func `a storm of changes delays the closing and doesn't put it off for ever`() {
        var world = World()
        let node = busyNode(world)
        for _ in 0..<300 {
            world = without(World.firstEIP, world)
            node.apply(world)
            node.now = node.now + 10_000_000
            node.engine.tick(node.now)
        }
        #expect(node.engine.closedVersion > 100)
        #expect(node.engine.closedVersion < world.snapshot.version)
    }

    @Test func `a removed balancer's flows end, and its public address is silent`() throws {
        var world = World()
        let before = world
        let node = TestNode(world)
        let toTarget = try #require(
            node.send(
                world.toBalancer(
                    .udp("192.0.2.55:4000", to: "203.0.113.80:53"), from: World.outside)
            ).first)
        world.snapshot.loadBalancers.removeFirst()
        world.snapshot.version += 1
        node.apply(world)
        node.sweep()
        #expect(node.engine.closedVersion == 2)
        #expect(node.send(before.targetAnswer(toTarget)).isEmpty)
    }
}
