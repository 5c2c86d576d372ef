// A new configuration, applied between two turns: what is kept, what ends, what begins no more.

import Configuration
import Node
import Steering
import Testing
import Translation
import Wire

struct SnapshotChangeTests {
    static let client: Endpoint = "10.0.0.5:4000"
    static let server: Endpoint = "198.51.100.1:53"
    static let packet = InnerPacket.udp(client, to: server)

    @Test func `flows go on under a new snapshot that puts their resource elsewhere in its list`()
        throws
    {
        var world = World()
        let node = TestNode(world)
        let out = try #require(node.send(world.outbound(Self.packet)).first)
        var newer = world.snapshot.natGateways[0]
        newer.id = ResourceID(rawValue: 1)
        newer.name = "newer"
        newer.eips = [EIPEntry(id: 9, address: IPv4Address(203, 0, 113, 9), state: .available)]
        world.snapshot.natGateways = [newer] + world.snapshot.natGateways.reversed()
        world.snapshot.loadBalancers.reverse()
        node.apply(world)
        #expect(node.send(world.outbound(Self.packet)).map(\.tuple) == [out.tuple])
        let back = node.send(world.answer(out))
        #expect(back.first?.tuple == Self.packet.tuple.reversed)
        let other = node.send(world.outbound(Self.packet, through: newer.id))
        #expect(other.first?.tuple.source == .v4(IPv4Address(203, 0, 113, 9)))
    }

    @Test func `a draining EIP keeps its flows and takes no new ones`() throws {
        var world = World()
        let node = TestNode(world, capacityFlows: 1024)
        var old: [Datagram] = []
        for port in 4000..<4040 as Range<UInt16> {
            let client = Endpoint(.v4(IPv4Address(10, 0, 1, UInt8(port - 4000))), Port(port))
            old += node.send(world.outbound(.udp(client, to: Self.server)))
        }
        #expect(Set(old.map(\.tuple.source)).count == 2)
        world.changeEIPs { if .v4($0.address) == World.firstEIP { $0.state = .draining } }
        node.apply(world)
        #expect(node.send(old.map { world.answer($0) }).count == 40)
        for port in 5000..<5040 as Range<UInt16> {
            let client = Endpoint(.v4(IPv4Address(10, 0, 1, UInt8(port - 5000))), Port(port))
            let out = try #require(node.send(world.outbound(.udp(client, to: Self.server))).first)
            #expect(out.tuple.source == World.secondEIP)
        }
    }

    @Test func `a removed gateway begins no flow, and its old ones end though they are busy`()
        throws
    {
        var world = World()
        let before = world
        let node = TestNode(world)
        let out = try #require(node.send(world.outbound(Self.packet)).first)
        world.snapshot.natGateways.removeFirst()
        node.apply(world)
        #expect(node.send(before.outbound(Self.packet)).map(\.tuple) == [out.tuple])
        #expect(node.send(before.answer(out)).count == 1)
        #expect(node.send(before.outbound(.udp("10.0.0.5:4001", to: Self.server))).isEmpty)
        #expect(node.drops(.unknownResource, of: World.acmeNAT) == 1)
        // Its address may be another tenant's soon.
        node.sweep()
        #expect(node.send(before.outbound(Self.packet)).isEmpty)
        #expect(node.send(before.answer(out)).isEmpty)
        node.pass(seconds: 3)
        #expect(node.engine.flowCount == 0)
    }

    @Test func `a releasing EIP ends its flows, busy or not, and no others`() throws {
        var world = World()
        let node = TestNode(world)
        let out = try #require(node.send(world.outbound(Self.packet)).first)
        let other = try #require(
            node.send(world.outbound(Self.packet, from: World.boltInstance, through: World.boltNAT))
                .first)
        for index in world.snapshot.natGateways[0].eips.indices
        where .v4(world.snapshot.natGateways[0].eips[index].address) == out.tuple.source {
            world.snapshot.natGateways[0].eips[index].state = .releasing
        }
        node.apply(world)
        #expect(node.send(world.outbound(Self.packet)).count == 1)
        node.sweep()
        #expect(node.send(world.answer(out)).isEmpty)
        #expect(node.drops(.quietFlow) == 1)
        #expect(node.send(world.answer(other)).count == 1)
    }

    @Test func `a resource that comes back goes on in its old slot`() {
        let world = World()
        var without = world
        without.snapshot.natGateways.removeFirst()
        let node = TestNode(world)
        let slot = node.engine.translator.resources.slot(of: World.acmeNAT)
        node.apply(without)
        node.apply(world)
        #expect(node.engine.translator.resources.slot(of: World.acmeNAT) == slot)
        #expect(node.send(world.outbound(Self.packet)).count == 1)
    }

    @Test func `new idle times hold for flows that are there`() {
        var world = World()
        let node = TestNode(world)
        node.send(world.outbound(Self.packet))
        world.snapshot.natGateways[0].timers.timeouts.udpSeconds = 10
        node.apply(world)
        node.pass(seconds: 11)
        #expect(node.counts(World.acmeNAT).flowsEnded == 1)
    }

    @Test func `a bucket's new leader begins its own flows, the old one passes on`() {
        var world = World(leaders: .firstNode)
        let node = TestNode(world)
        #expect(node.send(world.outbound(Self.packet)).first?.machine != World.node2)
        world = World(leaders: .secondNode)
        node.apply(world)
        #expect(node.send(world.outbound(Self.packet)).map(\.machine) == [World.node2])
    }

    @Test func `a node that is in the snapshot no more drops by name`() {
        var world = World()
        let node = TestNode(world)
        world.snapshot.nodes[0].id = NodeID(rawValue: 77)
        world.snapshot.groups[0].members[0] = NodeID(rawValue: 77)
        world.snapshot.groups[1].members[0] = NodeID(rawValue: 77)
        node.apply(world)
        #expect(node.send(world.outbound(Self.packet)).isEmpty)
        #expect(node.drops(.notServedHere) == 1)
    }
}
