// How flows begin, idle, end, wait and begin again.

import Configuration
import Node
import Steering
import Tables
import Testing
import Translation
import Wire

struct FlowLifeTests {
    static let client: Endpoint = "10.0.0.5:4000"
    static let server: Endpoint = "198.51.100.1:53"
    static let packet = InnerPacket.udp(client, to: server)

    /// A kind of flow, the packets that bring it into its state, and how long it may idle.
    struct Idle: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var first: InnerPacket
        /// TCP flags of answers and further packets, in turn.
        var answer: TCPFlags?
        var further: TCPFlags?
        var seconds: Double
    }

    static let idles = [
        Idle(testDescription: "UDP", first: packet, seconds: 350),
        Idle(
            testDescription: "ICMP", first: .ping(client, to: server.address), seconds: 60),
        Idle(testDescription: "TCP opening", first: .tcp(client, to: server), seconds: 240),
        Idle(
            testDescription: "TCP established", first: .tcp(client, to: server),
            answer: [.syn, .ack], further: .ack, seconds: 350),
        Idle(
            testDescription: "TCP half closed", first: .tcp(client, to: server),
            answer: [.syn, .ack], further: [.fin, .ack], seconds: 350),
        Idle(
            testDescription: "TCP reset", first: .tcp(client, to: server),
            answer: [.syn, .ack], further: [.rst, .ack], seconds: 240),
        Idle(
            testDescription: "TCP refused", first: .tcp(client, to: server),
            answer: [.rst, .ack], seconds: 240),
    ]

    // RFC 4787 §4.3 REQ-5, RFC 5382 §5 REQ-5, RFC 5508 §3.2 REQ-2.
    @Test(arguments: idles)
    func `a flow ends after its state's idle time and not before`(_ idle: Idle) throws {
        let world = World()
        let node = TestNode(world)
        let out = try #require(node.send(world.outbound(idle.first)).first)
        if let flags = idle.answer { node.send(world.answer(out, flags: flags)) }
        if let flags = idle.further {
            var packet = idle.first
            packet.tcpFlags = flags
            node.send(world.outbound(packet))
        }
        node.pass(seconds: idle.seconds - 1)
        #expect(node.counts(World.acmeNAT).flowsEnded == 0)
        node.pass(seconds: 2)
        #expect(node.counts(World.acmeNAT).flowsEnded == 1)
        #expect(node.engine.flowCount == 1, "quiet, not gone")
        node.pass(seconds: 3)
        #expect(node.engine.flowCount == 0)
        #expect(node.engine.translator.attachments.count == 0)
    }

    // RFC 4787 §4.3 REQ-6, REQ-6 (a).
    @Test func `packets of either direction keep a flow alive`() throws {
        let world = World()
        let node = TestNode(world)
        let out = try #require(node.send(world.outbound(Self.packet)).first)
        for turn in 0..<6 {
            node.pass(seconds: 300)
            let packet = turn % 2 == 0 ? world.answer(out) : world.outbound(Self.packet)
            #expect(node.send(packet).count == 1)
        }
        #expect(node.counts(World.acmeNAT).flowsCreated == 1)
    }

    @Test func `a flow that ended is quiet to answers, and lives again for its client`() throws {
        let world = World()
        let node = TestNode(world)
        let out = try #require(node.send(world.outbound(Self.packet)).first)
        node.pass(seconds: 351)
        #expect(node.send(world.answer(out)).isEmpty)
        #expect(node.drops(.quietFlow, of: World.acmeNAT) == 1)
        let again = try #require(node.send(world.outbound(Self.packet)).first)
        #expect(again.tuple == out.tuple)
        #expect(node.send(world.answer(out)).count == 1)
        let counts = node.counts(World.acmeNAT)
        #expect(counts.flowsCreated == 2)
        #expect(counts.flowsEnded == 1)
        #expect(node.engine.counters.decisions == 2)
        #expect(node.engine.flowCount == 1)
    }

    @Test func `only a SYN revives a TCP flow`() throws {
        let world = World()
        let node = TestNode(world)
        let out = try #require(node.send(world.outbound(.tcp(Self.client, to: Self.server))).first)
        node.pass(seconds: 241)
        #expect(node.send(world.outbound(.tcp(Self.client, to: Self.server, .ack))).isEmpty)
        #expect(node.drops(.quietFlow) == 1)
        let again = node.send(world.outbound(.tcp(Self.client, to: Self.server)))
        #expect(again.first?.tuple == out.tuple)
    }

    @Test func `no quiet flow is revived on an EIP that takes no new flows`() throws {
        var world = World()
        let node = TestNode(world)
        let out = try #require(node.send(world.outbound(Self.packet)).first)
        node.pass(seconds: 351)
        world.changeEIPs { if .v4($0.address) == out.tuple.source { $0.state = .draining } }
        node.apply(world)
        #expect(node.send(world.outbound(Self.packet)).isEmpty)
        #expect(node.drops(.quietFlow) == 1)
        node.pass(seconds: 3)
        let other = try #require(node.send(world.outbound(Self.packet)).first)
        #expect(other.tuple.source != out.tuple.source)
    }

    // RFC 6888 §3 REQ-8 (c).
    @Test func `a port is given again only when its quiet time is over`() throws {
        let world = World(bucketCount: 1, portRange: 2000...2000)
        let node = TestNode(world)
        let first = try #require(node.send(world.outbound(Self.packet)).first)
        // The gateway's other EIP takes the second; the third finds no port.
        let second = InnerPacket.udp("10.0.0.5:4001", to: Self.server)
        let third = InnerPacket.udp("10.0.0.5:4002", to: Self.server)
        node.send(world.outbound(second))
        #expect(node.send(world.outbound(third)).isEmpty)
        node.pass(seconds: 351)
        #expect(node.send(world.outbound(third)).isEmpty, "quiet ports are in use")
        node.pass(seconds: 3)
        let reused = try #require(node.send(world.outbound(third)).first)
        #expect(reused.tuple.sourcePort == first.tuple.sourcePort)
        #expect(node.drops(.portsExhausted, of: World.acmeNAT) == 2)
    }

    @Test func `events tell of each beginning and end`() throws {
        let world = World()
        let node = TestNode(world)
        let out = try #require(node.send(world.outbound(Self.packet)).first)
        node.pass(seconds: 351)
        let events = node.engine.events.read(from: 0, limit: 10).events
        #expect(events.map(\.kind) == [.created, .ended])
        for event in events {
            #expect(event.resource == World.acmeNAT)
            #expect(event.outbound == Self.packet.tuple)
            #expect(event.translated == out.tuple)
        }
    }

    // Invariant 3: no packet leaves for a flow whose decision is not committed.
    @Test func `no packet overtakes the first of its flow in the turn that creates it`() {
        let world = World()
        let node = TestNode(world)
        let batch = (0..<6).map { number in
            var packet = Self.packet
            packet.payload = [UInt8(number)]
            return world.outbound(packet)
        }
        #expect(node.send(batch).map(\.payload) == (0..<6).map { [UInt8($0)] })
    }

    @Test func `packets beyond the parking queue are dropped and counted, their flow lives`() {
        let world = World()
        let node = TestNode(world, parkingCapacity: 2)
        let batch = [UInt8](0..<5).map { number in
            var packet = Self.packet
            packet.payload = [number]
            return world.outbound(packet)
        }
        #expect(node.send(batch).map(\.payload) == [[0], [1]])
        #expect(node.drops(.parkingFull, of: World.acmeNAT) == 3)
        #expect(node.send(batch).count == 5, "committed: nothing waits")
    }

    // RFC 6888 §3 REQ-11 (d).
    @Test func `a full table refuses the next flow and keeps the others`() {
        let world = World()
        let node = TestNode(world, capacityFlows: 8)
        let packets = (0..<9).map { number in
            world.outbound(
                .udp(Endpoint(Self.client.address, Port(UInt16(5000 + number))), to: Self.server))
        }
        #expect(node.send(packets).count == 8)
        #expect(node.drops(.flowTableFull, of: World.acmeNAT) == 1)
        #expect(node.send(packets).count == 8)
    }
}
