// Two tenants with the same inner addresses: nothing of one shows in the other.

import Configuration
import Node
import Steering
import Testing
import Translation
import Wire

struct TenantIsolationTests {
    static let server: Endpoint = "198.51.100.1:53"

    // Invariant 5.
    // RFC 4787 §4.4 REQ-7.
    @Test func `two tenants with the same inner addresses never mix`() {
        let world = World()
        let node = TestNode(world)
        let acme = Set([World.firstEIP, World.secondEIP])
        for port in 4000..<4032 as Range<UInt16> {
            let packet = InnerPacket.udp(
                Endpoint(.v4(IPv4Address(10, 0, 0, 5)), Port(port)), to: Self.server)
            let batch = [
                world.outbound(packet),
                world.outbound(packet, from: World.boltInstance, through: World.boltNAT),
            ]
            let sent = node.send(batch)
            #expect(sent.count == 2)
            guard sent.count == 2 else { continue }
            #expect(acme.contains(sent[0].tuple.source))
            #expect(sent[1].tuple.source == World.boltEIP)
            let back = node.send(sent.map { world.answer($0) })
            #expect(back.map(\.overlay.vni) == [World.acmeNetwork, World.boltNetwork])
            #expect(back.map(\.machine) == [World.host1, World.host2])
            #expect(
                back.map(\.overlay.eni) == [World.acmeInstance.eni, World.boltInstance.eni])
            #expect(back.map(\.tuple) == [packet.tuple.reversed, packet.tuple.reversed])
        }
        #expect(node.counts(World.acmeNAT).packetsIn == 64)
        #expect(node.counts(World.boltNAT).packetsIn == 64)
        #expect(node.counts(World.acmeNAT).flowsCreated == 32)
    }

    @Test func `one tenant's answer is no answer to the other`() throws {
        let world = World()
        let node = TestNode(world)
        let packet = InnerPacket.udp("10.0.0.5:4000", to: Self.server)
        let out = try #require(node.send(world.outbound(packet)).first)
        let forged = world.answer(out).with { $0.resource = World.boltNAT }
        #expect(node.send(forged).isEmpty)
        #expect(node.drops(.addressOfNoResource, of: World.boltNAT) == 1)
    }

    @Test func `the same ENI named in two networks is two interfaces`() throws {
        let world = World()
        let node = TestNode(world)
        let packet = InnerPacket.udp("10.0.0.5:4000", to: Self.server)
        let twin = Instance(
            vni: World.boltNetwork, eni: World.acmeInstance.eni, host: World.host2)
        let sent = node.send([
            world.outbound(packet),
            world.outbound(packet, from: twin, through: World.boltNAT),
        ])
        #expect(sent.count == 2)
        #expect(
            node.send(sent.map { world.answer($0) }).map(\.machine) == [
                World.host1, World.host2,
            ])
    }

    @Test func `an instance that moves to another host is followed, all its flows at once`() {
        let world = World()
        let node = TestNode(world)
        let packets = (4000..<4004 as Range<UInt16>).map { port in
            InnerPacket.udp(Endpoint(.v4(IPv4Address(10, 0, 0, 5)), Port(port)), to: Self.server)
        }
        let sent = node.send(packets.map { world.outbound($0) })
        node.send(world.outbound(packets[0], from: World.acmeInstance.on(World.host2)))
        let back = node.send(sent.map { world.answer($0) })
        #expect(back.map(\.machine) == Array(repeating: World.host2, count: 4))
    }

    @Test func `an interface that takes over another's address takes over that flow only`() {
        let world = World()
        let node = TestNode(world)
        let first = InnerPacket.udp("10.0.0.5:4000", to: Self.server)
        let second = InnerPacket.udp("10.0.0.5:4001", to: Self.server)
        let sent = node.send([world.outbound(first), world.outbound(second)])
        let heir = Instance(
            vni: World.acmeNetwork, eni: ENI(rawValue: 0xBEEF), host: World.host2)
        node.send(world.outbound(first, from: heir))
        let back = node.send(sent.map { world.answer($0) })
        #expect(back.map(\.overlay.eni) == [heir.eni, World.acmeInstance.eni])
        #expect(back.map(\.machine) == [World.host2, World.host1])
        node.pass(seconds: 351)
        node.pass(seconds: 3)
        #expect(node.engine.translator.attachments.count == 0, "every use was given back")
    }
}
