// Engine: the input is a script of packets, valid ones and damaged, answers, time and new
// snapshots. After every turn the engine's invariants hold, no frame is lost, and what it sends is
// well formed, goes to a machine of the snapshot, and shows no inner address outside.

import Configuration
import Node
import Steering
import Translation
import Wire

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    unsafe withInput(data, size) { bytes in
        var script = Script(bytes: copy(bytes))
        var run = EngineRun()
        while let step = script.next() { run.take(step, &script) }
        run.turn()
    }
}

/// Reads the input, byte by byte.
struct Script {
    let bytes: [UInt8]
    var position = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func next() -> UInt8? {
        guard position < bytes.count else { return nil }
        defer { position += 1 }
        return bytes[position]
    }

    mutating func byte() -> UInt8 { next() ?? 0 }
}

/// A datagram and its outer address at the other end.
struct FuzzDatagram {
    var machine: IPAddress
    var bytes: [UInt8]
}

struct EngineRun: ~Copyable {
    var engine: Engine
    var now = Tick.seconds(1_000)
    var batch: [FuzzDatagram] = []
    /// What went out last, for answers.
    var sent: [FuzzDatagram] = []

    init() {
        var settings = EngineSettings(
            node: NodeID(rawValue: 1), capacityFlows: 64, groupCapacity: 2, resourceCapacity: 8,
            frameCount: 64, frameBytes: 2048, parkingCapacity: 8, eventCapacity: 8,
            router: FuzzWorld.router)
        settings.peerCapacity = 4
        engine = Engine(settings, snapshot: FuzzWorld.snapshot(variant: 0), seed: 0xF022)
    }

    mutating func take(_ step: UInt8, _ script: inout Script) {
        if step >= 0xF8 {
            takeSpecial(step, &script)
        } else {
            takePlain(step, &script)
        }
        if batch.count >= 32 { turn() }
    }

    /// What real networks send seldom: fragments, errors, packets given back, peers' batches.
    mutating func takeSpecial(_ step: UInt8, _ script: inout Script) {
        switch step {
        case 0xF8 where !sent.isEmpty:
            let index = Int(script.byte()) % sent.count
            add(FuzzWorld.error(about: sent[index], type: script.byte()), &script)
        case 0xF9:
            let whole = FuzzWorld.datagram(script.byte(), port: script.byte())
            let order = script.byte()
            for part in 0..<3 {
                add(FuzzWorld.fragment(of: whole, (part + Int(order)) % 3, order), &script)
            }
        case 0xFA where !sent.isEmpty:
            let index = Int(script.byte()) % sent.count
            add(FuzzWorld.givenBack(sent[index]), &script)
        case 0xFB:
            let bytes = (0..<script.byte()).map { _ in script.byte() }
            let machine = FuzzWorld.machines[1]
            batch.append(
                FuzzDatagram(machine: machine, bytes: [BatchHeader.firstByte] + bytes))
        default:
            now = now + UInt64(script.byte()) * 1_000_000
            engine.tick(now)
            drain()
        }
    }

    mutating func takePlain(_ step: UInt8, _ script: inout Script) {
        switch step % 8 {
        case 0...3: add(FuzzWorld.datagram(step / 8, port: script.byte()), &script)
        case 4 where !sent.isEmpty:
            let index = Int(script.byte()) % sent.count
            add(FuzzWorld.answer(sent[index], flags: script.byte()), &script)
        case 5: pass(seconds: UInt64(script.byte()))
        case 6:
            let table = ResourceTable(
                FuzzWorld.snapshot(variant: script.byte()),
                previous: engine.translator.resources)
            engine.apply(table)
        default: turn()
        }
    }

    /// Puts a datagram into the batch, damaged as the script says.
    mutating func add(_ datagram: FuzzDatagram?, _ script: inout Script) {
        guard var datagram else { return }
        let damage = script.byte()
        for _ in 0..<(damage & 3) where !datagram.bytes.isEmpty {
            let offset = Int(script.byte()) % datagram.bytes.count
            datagram.bytes[offset] = script.byte()
        }
        if damage & 4 != 0 {
            datagram.bytes = Array(datagram.bytes.prefix(Int(script.byte())))
        }
        if damage & 8 != 0, datagram.bytes.count > 44 {
            datagram.bytes =
                Array(datagram.bytes[..<44])
                + repaired(datagram.bytes.rawSpan.extracting(44...))
        }
        if damage & 16 != 0 { datagram.machine = FuzzWorld.machines[Int(damage >> 5)] }
        batch.append(datagram)
    }

    mutating func pass(seconds: UInt64) {
        now = now + seconds * 1_000_000_000
        for _ in 0..<4 {
            now = now + 10_000_000
            engine.tick(now)
            drain()
        }
        engine.checkInvariants()
    }

    mutating func turn() {
        let packets = batch.map { datagram -> Packet in
            Packet(
                frame: engine.frames.fill(datagram.bytes),
                start: UInt16(engine.frames.headroomBytes),
                length: UInt16(datagram.bytes.count), remote: datagram.machine)
        }
        // What would be said of it must not disturb what becomes of it.
        if let first = batch.first {
            _ = engine.explain(first.bytes.rawSpan, from: first.machine)
        }
        engine.handle(packets, at: now)
        engine.checkInvariants()
        if !engine.outgoing.isEmpty { sent.removeAll() }
        drain()
        check(engine.handOvers.isEmpty, "one engine hands nothing over")
        batch.removeAll()
    }

    mutating func drain() {
        for packet in engine.outgoing {
            let bytes = copy(engine.frames.bytes(of: packet))
            engine.frames.give(packet.frame)
            if bytes.first == BatchHeader.firstByte {
                check(FuzzWorld.machines[..<2].contains(packet.remote), "peers are nodes")
                continue
            }
            checkSent(bytes, to: packet.remote)
            sent.append(FuzzDatagram(machine: packet.remote, bytes: bytes))
        }
        engine.outgoing.removeAll()
        check(
            engine.frames.freeCount + engine.parkedCount == engine.frames.count,
            "a frame was lost")
    }

    func checkSent(_ bytes: [UInt8], to machine: IPAddress) {
        guard let (overlay, offset) = try? OverlayHeader.parse(bytes.rawSpan),
            let inner = try? PacketSummary.parse(bytes.rawSpan.extracting(offset...))
        else { return check(false, "what is sent is well formed") }
        check(FuzzWorld.machines.contains(machine), "it goes to a machine of the snapshot")
        check(bytes.count == offset + inner.totalBytes, "nothing stands behind it")
        guard overlay.origin == nil, overlay.vni == .outside, !overlay.marks.contains(.inbound)
        else { return }
        check(inner.tuple.source.isPublic, "an inner address left by the outside face")
    }
}

extension IPAddress {
    /// One of the EIPs.
    var isPublic: Bool {
        guard case .v4(let address) = self else { return false }
        return address.rawValue >> 8 == 0xCB_0071
    }
}

extension FramePool {
    mutating func fill(_ content: [UInt8]) -> UInt32 {
        guard let frame = take() else { fatalError("frames are given back") }
        var span = mutableBytes(frame, start: headroomBytes, count: content.count)
        span.store(content.rawSpan, at: 0)
        return frame
    }
}

// MARK: The world

enum FuzzWorld {
    static let router: IPAddress = .v4(IPv4Address(192, 0, 2, 250))
    /// Nodes, hosts, an edge, this machine's router, and one that nobody knows.
    static let machines: [IPAddress] = [1, 2, 101, 102, 201, 250, 202, 99].map {
        .v4(IPv4Address(192, 0, 2, $0))
    }
    static let network = VNI(truncating: 100)
    static let network6 = VNI(truncating: 300)
    static let other = VNI(truncating: 200)

    /// Variants differ in who leads, which EIPs and targets are open, and what is there at all.
    static func snapshot(variant: UInt8) -> Snapshot {
        var snapshot = Snapshot(
            version: UInt64(variant),
            cluster: ClusterSettings(id: 1, bucketCount: 4, portRange: 1024...1039))
        for (index, address) in machines[0..<2].enumerated() {
            snapshot.nodes.append(
                NodeEntry(
                    id: NodeID(rawValue: UInt64(index) + 1), name: "", zone: "",
                    address: address, operations: ""))
        }
        snapshot.hosts = [
            HostEntry(id: 1, name: "", address: machines[2]),
            HostEntry(id: 2, name: "", address: machines[3]),
        ]
        if variant & 64 == 0 {
            snapshot.edges = [EdgeEntry(id: 1, name: "", address: machines[4])]
        }
        let leaders: [UInt8] = variant & 1 == 0 ? [0, 0, 0, 0] : [1, 0, 1, 0]
        snapshot.groups = [
            GroupEntry(id: 1, members: snapshot.nodes.map(\.id), leaders: leaders)
        ]
        snapshot.tenants = [
            TenantEntry(id: 1, name: "", group: 1), TenantEntry(id: 2, name: "", group: 1),
        ]
        for (id, vni) in [network, network6, other].enumerated() {
            guard let prefix = IPPrefix(vni == network6 ? "fd00::/16" : "10.0.0.0/16") else {
                fatalError("the prefix is well formed")
            }
            snapshot.vpcs.append(
                VPCEntry(
                    id: UInt64(id), tenant: vni == other ? 2 : 1, vni: vni, prefix: prefix))
        }
        addResources(to: &snapshot, variant: variant)
        if variant & 128 != 0 { limit(&snapshot) }
        return snapshot
    }

    static func addResources(to snapshot: inout Snapshot, variant: UInt8) {
        let key = HashKey(first: 3, second: 4)
        for (id, vni) in [(UInt64(1), network), (2, other)] where variant & 2 == 0 || id == 2 {
            let eips = (1...2).map { number in
                EIPEntry(
                    id: id * 2 + number,
                    address: IPv4Address(203, 0, 113, UInt8(id * 2 + number)),
                    state: variant & 4 != 0 && number == 1 ? .draining : .available)
            }
            snapshot.natGateways.append(
                NATGatewayEntry(
                    id: ResourceID(rawValue: id), tenant: id, name: "", vni: vni, hashKey: key,
                    eips: eips))
        }
        for id in [UInt64(3), 4] where variant & 8 == 0 {
            let isIPv6 = id == 4
            var balancer = LoadBalancerEntry(
                id: ResourceID(rawValue: id), tenant: 1, name: "",
                vni: isIPv6 ? network6 : network, hashKey: key,
                address: address(isIPv6, 0x90),
                publicAddress: IPv4Address(203, 0, 113, UInt8(80 + id)))
            for (index, ipProtocol) in [IPProtocol.udp, .tcp].enumerated() {
                for group in [id * 2, id * 2 + 1] {
                    balancer.listeners.append(
                        ListenerEntry(
                            id: UInt64(index), index: UInt16(group), ipProtocol: ipProtocol,
                            port: Port(UInt16(80 + group)), targetGroup: group))
                }
            }
            snapshot.loadBalancers.append(balancer)
            for group in [id * 2, id * 2 + 1] {
                snapshot.targetGroups.append(
                    TargetGroupEntry(
                        id: group, name: "", vni: balancer.vni,
                        preservesClientAddress: group & 1 == 0,
                        targets: (1...2).map { number in
                            TargetEntry(
                                id: group * 16 + number,
                                address: address(isIPv6 != (variant & 16 != 0), UInt8(number)),
                                port: Port(443), weight: UInt16(number - 1) * 5 + 1,
                                state: variant & 32 != 0 ? .draining : .healthy)
                        }))
            }
        }
    }

    /// Quotas, stickiness, and targets whose drain time is over.
    static func limit(_ snapshot: inout Snapshot) {
        snapshot.tenants[0].quota = Quota(flows: 8, packetsPerSecond: 1000)
        snapshot.tenants[1].quota = Quota(newFlowsPerSecond: 2)
        for index in snapshot.natGateways.indices {
            snapshot.natGateways[index].portsPerAddress = 4
        }
        for index in snapshot.targetGroups.indices {
            snapshot.targetGroups[index].isSticky = index & 1 == 0
            snapshot.targetGroups[index].algorithm = .leastFlows
            snapshot.targetGroups[index].targets[0].state = .terminated
        }
    }

    static func address(_ isIPv6: Bool, _ last: UInt8) -> IPAddress {
        isIPv6
            ? .v6(IPv6Address(high: 0xFD00 << 48, low: UInt64(last)))
            : .v4(IPv4Address(10, 0, 8, last))
    }
}

// MARK: Packets

extension FuzzWorld {
    /// A valid packet: which one `choice` says, from or to the port `port` says.
    static func datagram(_ choice: UInt8, port: UInt8) -> FuzzDatagram {
        let isIPv6 = choice & 16 != 0
        let inside = Port(4000 + UInt16(port & 31))
        let ipProtocol: IPProtocol =
            choice & 3 == 0 ? .tcp : choice & 3 == 1 ? (isIPv6 ? .icmpv6 : .icmp) : .udp
        var overlay = OverlayHeader(
            vni: isIPv6 ? network6 : network, innerIsIPv4: !isIPv6,
            bucket: BucketIndex(Int(port & 3)), eni: ENI(rawValue: UInt64(port >> 6) + 1))
        var tuple = FlowTuple(
            ipProtocol: ipProtocol, source: address(isIPv6, 5 + port >> 6), sourcePort: inside,
            destination: .v4(IPv4Address(198, 51, 100, 1 + port >> 7)), destinationPort: Port(53))
        if choice & 4 != 0 || isIPv6 {
            let id: UInt64 = isIPv6 ? 4 : 3
            let group = UInt16(id) * 2 + UInt16(port & 1)
            overlay.resource = ResourceID(rawValue: id)
            overlay.listener = group
            tuple.destination = address(isIPv6, 0x90)
            tuple.destinationPort = Port(80 + group)
        } else {
            overlay.resource = ResourceID(rawValue: 1)
        }
        if choice & 8 != 0, !isIPv6 {
            // From outside, answers that nobody asked for.
            overlay.vni = .outside
            overlay.marks = .inbound
            tuple = FlowTuple(
                ipProtocol: ipProtocol, source: tuple.destination, sourcePort: Port(53),
                destination: .v4(IPv4Address(203, 0, 113, 3)),
                destinationPort: Port(1020 + UInt16(port & 31)))
        }
        let machine = choice & 8 != 0 ? machines[4] : machines[2 + Int(port & 1)]
        return encapsulated(overlay, tuple, flags: 0x02, from: machine)
    }

    /// The answer to what the engine sent.
    static func answer(_ sent: FuzzDatagram, flags: UInt8) -> FuzzDatagram? {
        guard let (overlay, offset) = try? OverlayHeader.parse(sent.bytes.rawSpan),
            let inner = try? PacketSummary.parse(sent.bytes.rawSpan.extracting(offset...))
        else { return nil }
        var answer = overlay
        answer.marks = overlay.marks.contains(.inbound) ? [] : .inbound
        answer.origin = nil
        let machine = sent.machine == router ? machines[3] : sent.machine
        return encapsulated(answer, inner.tuple.reversed, flags: flags, from: machine)
    }

    static func encapsulated(
        _ overlay: OverlayHeader, _ tuple: FlowTuple, flags: UInt8, from machine: IPAddress
    ) -> FuzzDatagram {
        let transportBytes = tuple.ipProtocol == .tcp ? 24 : 12
        let headerBytes = tuple.source.isIPv4 ? 20 : 40
        var inner = written(headerBytes + transportBytes) { bytes in
            writeNetwork(tuple, transportBytes, &bytes)
            var transport = bytes._mutatingExtracting(headerBytes..<bytes.byteCount)
            writeTransport(tuple, flags, &transport)
        }
        if let summary = try? PacketSummary.parse(inner.rawSpan) {
            var span = inner.mutableRawSpan
            TransportChecksum.fill(&span, summary)
        }
        let header = written(OverlayHeader.byteCount) { overlay.write(to: &$0) }
        return FuzzDatagram(machine: machine, bytes: header + inner)
    }

    static func writeNetwork(
        _ tuple: FlowTuple, _ payloadBytes: Int, _ bytes: inout MutableRawSpan
    ) {
        switch (tuple.source, tuple.destination) {
        case (.v4(let source), .v4(let destination)):
            IPv4Header(
                ipProtocol: tuple.ipProtocol, source: source, destination: destination,
                payloadBytes: payloadBytes
            ).write(to: &bytes)
        default:
            IPv6Header(
                nextHeader: tuple.ipProtocol, source: tuple.source.mapped,
                destination: tuple.destination.mapped, payloadBytes: payloadBytes
            ).write(to: &bytes)
        }
    }

    static func writeTransport(
        _ tuple: FlowTuple, _ flags: UInt8, _ bytes: inout MutableRawSpan
    ) {
        switch tuple.ipProtocol {
        case .tcp:
            TCPHeader(
                sourcePort: tuple.sourcePort, destinationPort: tuple.destinationPort,
                flags: TCPFlags(rawValue: flags)
            ).write(to: &bytes)
        case .udp:
            UDPHeader(
                sourcePort: tuple.sourcePort, destinationPort: tuple.destinationPort,
                payloadBytes: 4
            ).write(to: &bytes)
        default:
            let isAnswer = tuple.sourcePort == Port(0)
            ICMPHeader(
                type: isAnswer ? ICMPType.echoReply : ICMPType.echoRequest,
                identifier: isAnswer ? tuple.destinationPort : tuple.sourcePort,
                sequenceNumber: 1
            ).write(to: &bytes)
        }
    }
}

// MARK: What is seldom

extension FuzzWorld {
    /// An ICMP error of a router on the way of what the engine sent.
    static func error(about sent: FuzzDatagram, type: UInt8) -> FuzzDatagram? {
        guard let (overlay, offset) = try? OverlayHeader.parse(sent.bytes.rawSpan),
            let about = try? PacketSummary.parse(sent.bytes.rawSpan.extracting(offset...)),
            case .v4(let sender) = about.tuple.source
        else { return nil }
        var back = overlay
        back.marks = overlay.marks.contains(.inbound) ? [] : .inbound
        back.origin = nil
        let quoted = Array(sent.bytes[offset...].prefix(28 + Int(type >> 4)))
        let inner = written(28 + quoted.count) { bytes in
            IPv4Header(
                ipProtocol: .icmp, source: IPv4Address(192, 0, 2, 9), destination: sender,
                payloadBytes: 8 + quoted.count
            ).write(to: &bytes)
            var message = bytes._mutatingExtracting(20..<bytes.byteCount)
            ICMPHeader(type: [3, 4, 5, 11, 12][Int(type % 5)], code: type & 7, rest: 1400)
                .write(to: &message)
            message.store(quoted.rawSpan, at: 8)
            let sum = InternetChecksum.sum(message, from: 0, count: message.byteCount)
            message.store(bigEndian: InternetChecksum.fold(sum), at: 2)
        }
        let header = written(OverlayHeader.byteCount) { back.write(to: &$0) }
        return FuzzDatagram(machine: sent.machine, bytes: header + inner)
    }

    /// The first, second or last eight bytes and more of an IPv4 datagram.
    static func fragment(
        of whole: FuzzDatagram, _ part: Int, _ identification: UInt8
    ) -> FuzzDatagram? {
        guard let (header, offset) = try? OverlayHeader.parse(whole.bytes.rawSpan),
            header.innerIsIPv4
        else { return nil }
        var overlay = header
        overlay.marks.leg = .toCollector
        let data = whole.bytes[(offset + 20)...]
        let end = part == 2 ? data.count : min(data.count, 8 * (part + 1))
        let piece = data.dropFirst(8 * part).prefix(max(0, end - 8 * part))
        var inner = Array(whole.bytes[offset..<offset + 20]) + piece
        inner[3] = UInt8(inner.count)
        inner[5] = identification
        inner[6] = part == 2 ? 0 : 0x20
        inner[7] = UInt8(part)
        (inner[10], inner[11]) = (0, 0)
        var span = inner.mutableRawSpan
        let sum = InternetChecksum.sum(span, from: 0, count: 20)
        span.store(bigEndian: InternetChecksum.fold(sum), at: 10)
        let outer = written(OverlayHeader.byteCount) { overlay.write(to: &$0) }
        return FuzzDatagram(machine: whole.machine, bytes: outer + inner)
    }

    /// The packet as a target's router gives it back.
    static func givenBack(_ sent: FuzzDatagram) -> FuzzDatagram? {
        guard let (header, offset) = try? OverlayHeader.parse(sent.bytes.rawSpan) else {
            return nil
        }
        var overlay = header
        overlay.marks = [.inbound, .returnTaken]
        overlay.origin = nil
        let outer = written(OverlayHeader.byteCount) { overlay.write(to: &$0) }
        let machine = sent.machine == router ? machines[3] : sent.machine
        return FuzzDatagram(machine: machine, bytes: outer + sent.bytes[offset...])
    }
}
