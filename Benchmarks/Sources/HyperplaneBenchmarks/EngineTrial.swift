// One engine full of flows, and the loops that send packets through it. Packets are written into
// frames before the clock starts and verified after it stops.

import Configuration
import Node
import Tables
import Wire

/// What a measured packet is.
enum EngineLoad: String, CaseIterable {
    case nat
    case balancer

    func packet(_ number: UInt64) -> EnginePacket {
        switch self {
        case .nat: .toGateway(number)
        case .balancer: .toBalancer(number)
        }
    }
}

struct EngineTrial: ~Copyable {
    let load: EngineLoad
    let flows: Int
    private var engine: Engine
    /// What each flow's packets leave with; index is the flow's number.
    private var translations: [Translation] = []
    private var now = Tick.seconds(1_000)
    private var batches: [[Packet]] = []
    private var random = SplitMix(state: 7)

    /// 16 bytes a flow.
    private struct Translation {
        var source: UInt32
        var destination: UInt32
        var sourcePort: UInt16
        var destinationPort: UInt16
    }

    static let batch = 256
    static let frames = 4096
    /// Packets of one sample.
    static let packets = 1 << 18
    static let samples = 7

    init(_ load: EngineLoad, flows: Int) {
        self.load = load
        self.flows = flows
        var settings = EngineSettings(
            node: NodeID(rawValue: 1), capacityFlows: max(flows + flows / 4, 4096),
            groupCapacity: 1, frameCount: Self.frames, frameBytes: 2048,
            router: EngineWorld.targetHost)
        settings.isViewFixed = true
        engine = Engine(settings, snapshot: EngineWorld.snapshot, seed: 0x5EED)
        translations.reserveCapacity(flows)
    }

    /// Creates all flows; nanoseconds a packet, a sample for each seventh of them.
    mutating func fill() -> Samples {
        var each: [Double] = []
        var next: UInt64 = 0
        for sample in 1...Self.samples {
            let end = UInt64(flows * sample / Self.samples)
            var nanoseconds = 0.0
            let first = next
            while next < end {
                let last = min(next + UInt64(Self.frames), end)
                let load = load
                prepare(next..<last) { load.packet($0) }
                nanoseconds += handle()
                for packet in engine.outgoing { remember(packet) }
                drain()
                next = last
            }
            each.append(nanoseconds / Double(max(end - first, 1)))
        }
        precondition(engine.flowCount == flows && translations.count == flows)
        return Samples(each)
    }

    /// Packets of flows at random, in one direction; nanoseconds a packet.
    mutating func run(inbound: Bool) -> Samples {
        var each: [Double] = []
        for _ in 0..<Self.samples {
            var nanoseconds = 0.0
            for _ in 0..<(Self.packets / Self.frames) {
                let numbers = (0..<Self.frames).map { _ in random.below(UInt64(flows)) }
                let load = load
                let translations = translations
                prepare(0..<UInt64(Self.frames)) { index in
                    let number = numbers[Int(index)]
                    let packet = load.packet(number)
                    guard inbound else { return packet }
                    return .answer(Self.tuple(translations[Int(number)]), to: packet)
                }
                nanoseconds += handle()
                verify(numbers, inbound: inbound)
                drain()
            }
            each.append(nanoseconds / Double(Self.packets))
        }
        return Samples(each)
    }

    // MARK: One round of frames

    private mutating func prepare(
        _ range: Range<UInt64>, _ packet: (UInt64) -> EnginePacket
    ) {
        batches.removeAll(keepingCapacity: true)
        var batch: [Packet] = []
        for index in range {
            let form = packet(index)
            let frame = engine.frames.take()!
            let start = engine.frames.headroomBytes
            var bytes = engine.frames.mutableBytes(
                frame, start: start, count: EnginePacket.byteCount)
            form.write(to: &bytes)
            batch.append(
                Packet(
                    frame: frame, start: UInt16(start), length: UInt16(EnginePacket.byteCount),
                    remote: form.machine))
            if batch.count == Self.batch {
                batches.append(batch)
                batch.removeAll(keepingCapacity: true)
            }
        }
        if !batch.isEmpty { batches.append(batch) }
    }

    /// Nanoseconds that all prepared batches took.
    private mutating func handle() -> Double {
        nanosecondsEach(1) {
            for batch in batches {
                now = now + 20_000
                engine.handle(batch, at: now)
            }
        }
    }

    private mutating func drain() {
        precondition(engine.counters.packetsDropped == 0, "a packet was dropped")
        for packet in engine.outgoing { engine.frames.give(packet.frame) }
        engine.outgoing.removeAll(keepingCapacity: true)
    }

    // MARK: What came out

    private func summary(_ packet: Packet) -> PacketSummary {
        let inner = engine.frames.bytes(
            packet.frame, start: Int(packet.start) + OverlayHeader.byteCount,
            count: Int(packet.length) - OverlayHeader.byteCount)
        let summary = try! PacketSummary.parse(inner)
        precondition(ChecksumVerdict.verify(inner, summary) == .valid, "a checksum is wrong")
        return summary
    }

    private mutating func remember(_ packet: Packet) {
        let tuple = summary(packet).tuple
        guard case .v4(let source) = tuple.source, case .v4(let destination) = tuple.destination
        else { preconditionFailure("packets are IPv4") }
        translations.append(
            Translation(
                source: source.rawValue, destination: destination.rawValue,
                sourcePort: tuple.sourcePort.rawValue,
                destinationPort: tuple.destinationPort.rawValue))
    }

    private static func tuple(_ translation: Translation) -> FlowTuple {
        FlowTuple(
            ipProtocol: .udp, source: .v4(IPv4Address(rawValue: translation.source)),
            sourcePort: Port(translation.sourcePort),
            destination: .v4(IPv4Address(rawValue: translation.destination)),
            destinationPort: Port(translation.destinationPort))
    }

    /// One packet in 64: it left with its flow's tuple, and its checksums are right.
    private func verify(_ numbers: [UInt64], inbound: Bool) {
        precondition(engine.outgoing.count == numbers.count)
        for index in stride(from: 0, to: numbers.count, by: 64) {
            let expected =
                inbound
                ? load.packet(numbers[index]).tuple.reversed
                : Self.tuple(translations[Int(numbers[index])])
            precondition(summary(engine.outgoing[index]).tuple == expected, "a wrong tuple left")
        }
    }
}
