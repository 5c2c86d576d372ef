// A node of one engine, fed with datagrams and drained of them. After every turn the engine's
// invariants are checked, and the checksums of all that it sends.

import Configuration
import Consensus
import Node
import Tables
import Testing
import Translation
import Wire

/// An engine on a clock that the test moves.
final class TestNode {
    var engine: Engine
    var now = Tick.seconds(1_000)
    /// Turns between two checks of the engine's invariants, which cost a pass over its tables.
    var turnsBetweenChecks: UInt64 = 1
    /// False where a test sends damage that is to be carried.
    var expectsRightChecksums = true
    /// What the last turn sent of the node's own making.
    var answers: [Datagram] = []
    /// All answers of its life.
    var told: [Datagram] = []
    /// What it has to say to its peers.
    var batches: [Datagram] = []
    /// What the last sweep sent.
    var resets: [Datagram] = []

    init(
        _ world: World, node: UInt64 = 1, capacityFlows: Int = 256, parkingCapacity: Int = 1024,
        index: Int = 0, engineCount: Int = 1, groupCapacity: Int = 4,
        router: IPAddress? = World.router, start: UInt64 = 1, recorded: [GroupRecord] = [],
        isViewFixed: Bool = true
    ) {
        var settings = EngineSettings(
            node: NodeID(rawValue: node), index: index, engineCount: engineCount,
            capacityFlows: capacityFlows, groupCapacity: groupCapacity, resourceCapacity: 64,
            frameCount: 2048, frameBytes: 2048, parkingCapacity: parkingCapacity,
            eventCapacity: 64, router: router)
        settings.incarnation = Incarnation(counter: start, random: 1)
        settings.isViewFixed = isViewFixed
        settings.recorded = recorded
        engine = Engine(settings, snapshot: world.snapshot, seed: 0x5EED)
    }

    /// One turn on a batch; what it forwarded, in order: `answers` apart. `machine` of each is its
    /// outer destination. `stalled`: how long the node stands still between deciding and sending.
    @discardableResult
    func send(_ datagrams: [Datagram], stalled: UInt64 = 0) -> [Datagram] {
        let batch = datagrams.map(frame)
        engine.handle(batch, at: now)
        if stalled > 0 { engine.dropUnleased(at: now + stalled) }
        if engine.counters.turns % turnsBetweenChecks == 0 { engine.checkInvariants() }
        let forwarded = drain()
        #expect(
            engine.frames.freeCount + engine.parkedCount + engine.unconfirmedCount
                == engine.frames.count,
            "a frame was lost")
        return forwarded
    }

    /// Takes what the engine has to send: what it forwards, in order; `answers` and `batches` apart.
    func drain() -> [Datagram] {
        let all = engine.outgoing.map { packet in
            Datagram(packet.remote, bytes: bytes(of: packet))
        }
        for packet in engine.outgoing { engine.frames.give(packet.frame) }
        for handOver in engine.handOvers { engine.frames.give(handOver.packet.frame) }
        engine.outgoing.removeAll()
        engine.handOvers.removeAll()
        batches += all.filter(\.isBatch)
        let sent = all.filter { !$0.isBatch }
        for datagram in sent { expectRightChecksums(datagram) }
        answers = sent.filter(\.isAnswer)
        told += answers
        return sent.filter { !$0.isAnswer }
    }

    /// One turn on one datagram.
    @discardableResult
    func send(_ datagram: Datagram) -> [Datagram] { send([datagram]) }

    /// Lets time pass, then sweeps both tables whole.
    func pass(seconds: Double) {
        now = now + UInt64(seconds * 1e9)
        sweep()
    }

    func sweep() {
        let slots = max(engine.flowsV4.capacityFlows, engine.flowsV6.capacityFlows)
        resets = []
        for _ in 0...slots / 640 + 1 {
            now = now + 10_000_000
            engine.tick(now)
            for packet in engine.outgoing {
                let datagram = Datagram(packet.remote, bytes: bytes(of: packet))
                if datagram.isBatch { batches.append(datagram) } else { resets.append(datagram) }
                engine.frames.give(packet.frame)
            }
            engine.outgoing.removeAll()
        }
        engine.checkInvariants()
    }

    func apply(_ world: World) {
        engine.apply(
            ResourceTable(world.snapshot, previous: engine.translator.resources))
    }

    func drops(_ cause: DropCause) -> UInt64 { drops(DropReason(cause)) }
    func drops(_ reason: DropReason) -> UInt64 { engine.counters.drops[Int(reason.rawValue)] }

    /// Counts of one resource.
    func counts(_ id: ResourceID) -> ResourceCounts {
        engine.translator.counters.counts(engine.translator.resources.slot(of: id)!)!
    }

    func drops(_ cause: DropCause, of id: ResourceID) -> UInt64 {
        engine.translator.counters.drops(
            engine.translator.resources.slot(of: id)!, DropReason(cause))
    }
}

extension TestNode {
    func frame(_ datagram: Datagram) -> Packet {
        Packet(
            frame: engine.frames.fill(datagram.bytes),
            start: UInt16(engine.frames.headroomBytes),
            length: UInt16(datagram.bytes.count), remote: datagram.machine)
    }

    private func bytes(of packet: Packet) -> [UInt8] { engine.frames.copy(of: packet) }

    private func expectRightChecksums(_ datagram: Datagram) {
        guard expectsRightChecksums else { return }
        let verdict = datagram.checksums
        let isRight =
            verdict == .valid || verdict == .absent
            || datagram.summary.kind == .fragment && verdict == .unverifiable
        #expect(isRight, "\(datagram.tuple): \(verdict)")
    }
}

extension Datagram {
    /// Between two engines, no packet.
    var isBatch: Bool { bytes.first == BatchHeader.firstByte }

    /// A packet of a node's own making: it begins with a fresh hop limit, which no forwarded packet
    /// of these tests has.
    var isAnswer: Bool {
        let summary = summary
        guard summary.timeToLive == 64 else { return false }
        return summary.kind == .icmpError || summary.tcpFlags.contains(.rst)
    }
}

extension FramePool {
    /// A frame with these bytes behind its headroom.
    mutating func fill(_ content: [UInt8]) -> UInt32 {
        let frame = take()!
        var span = mutableBytes(frame, start: headroomBytes, count: content.count)
        span.store(content.rawSpan, at: 0)
        return frame
    }

    func copy(of packet: Packet) -> [UInt8] {
        let span = bytes(of: packet)
        return (0..<span.byteCount).map { span.uint8(at: $0) }
    }
}
