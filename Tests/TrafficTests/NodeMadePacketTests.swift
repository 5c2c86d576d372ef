// Packets that nodes make themselves: resets and ICMP errors, which carry no flow's number and are
// known by their tuples.

import Configuration
import Testing
import Traffic
import Wire

/// One flow, opened and not answered yet, and its first packet.
private struct OpenFlow: ~Copyable {
    private var engine: TrafficEngine
    private var pool: FramePool
    private let now: Tick
    private let first: Packet
    private let endpoint: Int

    static func make(_ profile: Profile) throws -> OpenFlow {
        let topology = try Topology(
            .selftest(), selection: Selection(natGateways: ["main"]))
        let plan = RunPlan(profile: profile, flows: 1, seconds: 0.1, seed: 1)
        var now = Tick.seconds(1)
        var pool = FramePool(count: 64, frameBytes: 2048)
        var engine = try TrafficEngine(plan, topology, start: now)
        while now < .seconds(3) {
            now = now + 1_000_000
            _ = engine.tick(now, pool: &pool)
            for endpoint in engine.outbox.indices {
                let first = engine.outbox[endpoint].first { carriesFlow($0, pool) }
                engine.clearOutbox(endpoint)
                guard let first else { continue }
                return OpenFlow(
                    engine: engine, pool: pool, now: now, first: first, endpoint: endpoint)
            }
        }
        throw TopologyError("the flow sent nothing")
    }

    /// Not what asks nodes for their views.
    private static func carriesFlow(_ packet: Packet, _ pool: borrowing FramePool) -> Bool {
        (try? OverlayHeader.parse(pool.bytes(of: packet))) != nil
    }

    private init(
        engine: consuming TrafficEngine, pool: consuming FramePool, now: Tick, first: Packet,
        endpoint: Int
    ) {
        self.engine = engine
        self.pool = pool
        self.now = now
        self.first = first
        self.endpoint = endpoint
    }

    /// Gives the engine a packet of a node about the flow: the inner packet is written by `write`,
    /// which is given the flow's own tuple and bytes.
    mutating func answer(
        totalBytes: Int, _ write: (FlowTuple, inout MutableRawSpan) -> Void
    ) throws {
        let sent = try OverlayHeader.parse(pool.bytes(of: first)).header
        let tuple = try PacketSummary.parse(
            pool.bytes(first.frame, start: Int(first.start) + 44, count: Int(first.length) - 44)
        ).tuple
        var header = sent
        header.marks = .inbound
        guard let frame = pool.take() else { return }
        let length = OverlayHeader.byteCount + totalBytes
        var bytes = pool.mutableBytes(frame, start: pool.headroomBytes, count: length)
        header.write(to: &bytes)
        var inner = bytes._mutatingExtracting(OverlayHeader.byteCount..<length)
        write(tuple, &inner)
        let packet = Packet(
            frame: frame, start: UInt16(pool.headroomBytes), length: UInt16(length),
            remote: first.remote)
        engine.handle([packet], at: endpoint, now, pool: &pool)
    }

    mutating func report() -> RunReport {
        engine.finish(now, command: "test", generatorOverflow: 0)
    }
}

private func ip(_ tuple: FlowTuple, _ ipProtocol: IPProtocol, payloadBytes: Int) -> IPv4Header? {
    guard case .v4(let source) = tuple.source, case .v4(let destination) = tuple.destination
    else { return nil }
    return IPv4Header(
        ipProtocol: ipProtocol, source: source, destination: destination,
        payloadBytes: payloadBytes)
}

@Suite struct NodeMadePacketTests {
    @Test func `a reset of a node ends an opening flow as refused`() throws {
        var flow = try OpenFlow.make(.tcp)
        try flow.answer(totalBytes: 40) { tuple, bytes in
            ip(tuple.reversed, .tcp, payloadBytes: 20)?.write(to: &bytes)
            let header = TCPHeader(
                sourcePort: tuple.destinationPort, destinationPort: tuple.sourcePort,
                flags: [.rst, .ack])
            var segment = bytes._mutatingExtracting(20..<40)
            header.write(to: &segment)
            let sum = InternetChecksum.sum(
                segment.bytes,
                initial: InternetChecksum.pseudoHeader(
                    source: tuple.destination, destination: tuple.source, ipProtocol: .tcp,
                    length: 20))
            segment.store(bigEndian: InternetChecksum.fold(sum), at: 16)
        }
        let report = flow.report()
        #expect(report.flows.refused == 1 && report.packets.madeByNodes == 1)
        #expect(report.flows.unfinished == 0)
    }

    @Test func `an ICMP error about its packet ends an opening flow as refused`() throws {
        var flow = try OpenFlow.make(.udp)
        try flow.answer(totalBytes: 56) { tuple, bytes in
            ip(tuple.reversed, .icmp, payloadBytes: 36)?.write(to: &bytes)
            // The IP header and eight bytes of what the client sent.
            var embedded = bytes._mutatingExtracting(28..<56)
            ip(tuple, .udp, payloadBytes: 80)?.write(to: &embedded)
            embedded.store(bigEndian: tuple.sourcePort.rawValue, at: 20)
            embedded.store(bigEndian: tuple.destinationPort.rawValue, at: 22)
            embedded.store(bigEndian: 88 as UInt32, at: 24)
            var message = bytes._mutatingExtracting(20..<56)
            ICMPHeader(type: ICMPType.destinationUnreachable, code: 13).write(to: &message)
            message.store(bigEndian: InternetChecksum.checksum(message.bytes), at: 2)
        }
        let report = flow.report()
        #expect(report.flows.refused == 1 && report.packets.madeByNodes == 1)
    }

    @Test func `what is no packet of ours and about no flow is counted apart`() throws {
        var flow = try OpenFlow.make(.udp)
        try flow.answer(totalBytes: 28) { tuple, bytes in
            ip(tuple.reversed, .icmp, payloadBytes: 8)?.write(to: &bytes)
            var message = bytes._mutatingExtracting(20..<28)
            ICMPHeader(type: ICMPType.echoReply).write(to: &message)
            message.store(bigEndian: InternetChecksum.checksum(message.bytes), at: 2)
        }
        try flow.answer(totalBytes: 28) { _, bytes in
            for offset in 0..<28 { bytes.store(0x45 as UInt8, at: offset) }
        }
        let report = flow.report()
        #expect(report.packets.unexpected == 1 && report.packets.malformed == 1)
        #expect(report.flows.unfinished == 1)
    }
}
