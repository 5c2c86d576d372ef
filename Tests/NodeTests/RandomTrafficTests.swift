// Random traffic of two tenants over few ports, valid, late, duplicated and damaged, judged packet
// by packet by the naive model.

import Configuration
import Node
import Steering
import Testing
import Translation
import Wire

/// One seeded run.
struct RandomTraffic {
    let world: World
    let node: TestNode
    var model: NaiveNAT
    var random: SplitMix
    private var instances: [[Instance]] = []
    private var sentOut: [Datagram] = []
    private var received: [Datagram] = []

    init(seed: UInt64) {
        var world = World(bucketCount: 4, portRange: 1024...1039)
        for index in world.snapshot.natGateways.indices {
            world.snapshot.natGateways[index].timers = FlowTimers(
                IdleTimeouts(
                    tcpEstablishedSeconds: 60, tcpOpeningSeconds: 20, tcpClosingSeconds: 20,
                    udpSeconds: 30, icmpSeconds: 10))
        }
        self.world = world
        node = TestNode(world)
        node.turnsBetweenChecks = 8
        model = NaiveNAT(world)
        random = SplitMix(seed: seed)
        for (tenant, vni) in [World.acmeNetwork, World.boltNetwork].enumerated() {
            instances.append(
                (0..<4).map { number in
                    Instance(
                        vni: vni, eni: ENI(rawValue: UInt64(0xE000 + tenant * 16 + number)),
                        host: World.host1)
                })
        }
    }

    mutating func run(steps: Int) {
        for _ in 0..<steps {
            switch random.below(100) {
            case 0..<45: sendOutbound()
            case 45..<75: sendAnswer()
            case 75..<80: sendStray()
            case 80..<85: sendDamaged()
            case 85..<90: sendAgain()
            case 90..<95: move()
            default: pass()
            }
        }
    }

    private mutating func pass() {
        let seconds = [0.1, 0.1, 0.5, 0.5, 1, 1, 2.5, 5, 11, 21]
        node.now = node.now + UInt64(random.pick(seconds) * 1e9)
        let first = node.now
        node.sweep()
        model.swept(from: first, to: node.now)
    }

    private func gateway(_ tenant: Int) -> ResourceID {
        tenant == 0 ? World.acmeNAT : World.boltNAT
    }

    private mutating func sendOutbound() {
        let tenant = random.below(2)
        let number = random.below(4)
        let client = Endpoint(
            .v4(IPv4Address(10, 0, 0, UInt8(number))), Port(UInt16(4000 + random.below(12))))
        let server: Endpoint = random.pick(["198.51.100.1:53", "198.51.100.2:53"])
        let flags: [TCPFlags] = [.syn, .syn, .ack, [.fin, .ack], .rst, [.syn, .ack]]
        let packet: InnerPacket =
            switch random.below(4) {
            case 0: .ping(client, to: server.address)
            case 1: .tcp(client, to: server, random.pick(flags))
            default: .udp(client, to: server)
            }
        let instance = instances[tenant][number]
        let datagram = world.outbound(packet, from: instance, through: gateway(tenant))
        received.append(datagram)
        judge(datagram)
    }

    /// Sends a datagram that the engine parses, and lets the model judge what became of it.
    private mutating func judge(_ datagram: Datagram) {
        let before = node.engine.counters
        let sent = node.send(datagram)
        let after = node.engine.counters
        #expect(sent.count <= 1)
        let cause = DropReason.all.first {
            after.drops[Int($0.rawValue)] != before.drops[Int($0.rawValue)]
        }
        // Invariant 6.
        #expect((cause == nil) == (sent.count == 1), "neither sent nor dropped")
        if datagram.overlay.marks.contains(.inbound) {
            model.inbound(datagram, sent: sent.first, cause: cause, at: node.now)
        } else {
            let instance = instances.joined().first {
                $0.eni == datagram.overlay.eni && $0.vni == datagram.overlay.vni
            }!
            model.outbound(
                datagram, from: instance, sent: sent.first, cause: cause, at: node.now)
            sentOut += sent
        }
        if datagram.summary.kind == .tcp { track(datagram) }
    }

    private mutating func track(_ datagram: Datagram) {
        var found: [FlowDescription] = []
        var filter = FlowFilter()
        filter.address = datagram.tuple.source
        filter.port = datagram.tuple.sourcePort
        _ = node.engine.flows(
            matching: filter, from: FlowCursor(), slots: 1 << 20, limit: 1 << 20,
            at: node.now, into: &found)
        for description in found where description.outbound.ipProtocol == .tcp {
            model.track(description, at: node.now)
        }
    }

    /// An answer to a recent packet, or to an old one: late.
    private mutating func sendAnswer() {
        guard !sentOut.isEmpty else { return }
        let isLate = random.chance(20)
        let recent = min(sentOut.count, isLate ? sentOut.count : 40)
        let sent = sentOut[sentOut.count - 1 - random.below(recent)]
        let flags: TCPFlags = random.pick([[.syn, .ack], .ack, [.fin, .ack], .rst])
        judge(world.answer(sent, flags: flags))
    }

    /// A duplicate of something that an instance sent before, from where it was then.
    private mutating func sendAgain() {
        guard !received.isEmpty else { return }
        judge(received[received.count - 1 - random.below(min(received.count, 200))])
    }

    /// Something from outside that nobody asked for.
    private mutating func sendStray() {
        let tenant = random.below(2)
        let eip = tenant == 0 ? World.firstEIP : World.boltEIP
        let stray = InnerPacket.udp(
            "198.51.100.\(1 + random.below(3)):53".endpoint,
            to: Endpoint(eip, Port(UInt16(1020 + random.below(24)))))
        judge(world.inbound(stray, to: gateway(tenant)))
    }

    /// Bytes flipped anywhere, or cut off. What comes out is not judged, but the engine's
    /// invariants hold, and no flow of the model is touched unless the packet is still its own.
    private mutating func sendDamaged() {
        guard
            var damaged = random.chance(50) ? received.last : sentOut.last.map({ world.answer($0) })
        else { return }
        if random.chance(20) {
            damaged.bytes.removeLast(1 + random.below(damaged.bytes.count))
        } else {
            // Only where it surely is noticed: the encapsulation's and the IP header's lengths,
            // versions and checksums, or an unknown resource; not in reserved bits.
            let offset = random.pick([0, 2, 3, 8, 9, 10, 14, 32, 33, 44, 46, 47, 54, 55])
            damaged.bytes[offset] ^= UInt8(1 << (4 + random.below(4)))
        }
        let flows = node.engine.flowCount
        let before = node.engine.counters.packetsDropped
        let sent = node.send(damaged)
        if sent.isEmpty { #expect(node.engine.counters.packetsDropped == before + 1) }
        #expect(sent.isEmpty, "damage went unnoticed")
        #expect(node.engine.flowCount == flows)
    }

    /// An instance moves to another host.
    private mutating func move() {
        let tenant = random.below(2)
        let number = random.below(4)
        instances[tenant][number].host = random.pick([World.host1, World.host2])
    }
}

struct RandomTrafficTests {
    // RFC 4787 §4.2.1 REQ-3, RFC 5382 §7.1 REQ-7, RFC 7857 §3; RFC 3022 §5.2 (leaks).
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `random traffic of two tenants is translated as the naive model allows`(seed: UInt64) {
        var run = RandomTraffic(seed: seed)
        run.run(steps: 2_500)
        // The run went everywhere.
        let outcomes = run.model.outcomes
        for outcome in [
            "outbound absent", "outbound live", "inbound live, sent", "outbound absent, notASYN",
            "outbound absent, portsExhausted", "inbound absent, unknownFlow", "outbound quiet",
            "inbound quiet, quietFlow",
        ] {
            #expect(outcomes[outcome, default: 0] > 3, "\(outcome): \(outcomes)")
        }
    }
}
