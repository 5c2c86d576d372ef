// A case's packets on their way into the cluster and out of it.

import Configuration
import Steering
public import Wire

extension CaseEngine {
    /// As the sender's router or edge does: encapsulates the packet for its bucket's leader, and a
    /// fragment for its collector.
    mutating func send(
        _ bytes: [UInt8], _ packet: CasePacket, _ view: PacketView, _ index: Int,
        _ pool: inout FramePool
    ) {
        guard let frame = pool.take() else { return fail(index, "no frame was free") }
        let header =
            isBalanced
            ? balancedOverlay(bytes, packet, view, index) : overlay(bytes, packet, view, index)
        let endpoint = home(of: packet.from, view, index)
        let bytes = six?.widened(bytes) ?? bytes
        let leader = Int(topology.services[service].leaders[Int(header.bucket.rawValue)])
        let length = OverlayHeader.byteCount + bytes.count
        var span = pool.mutableBytes(frame, start: pool.headroomBytes, count: length)
        header.write(to: &span)
        for (offset, byte) in bytes.enumerated() {
            span.store(byte, at: OverlayHeader.byteCount + offset)
        }
        outbox[endpoint].append(
            Packet(
                frame: frame, start: UInt16(pool.headroomBytes), length: UInt16(length),
                remote: topology.nodes[leader].address,
                sourcePortIndex: UInt8(header.bucket.rawValue & 15)))
        counters.sent += 1
        counters.sentBytes += UInt64(bytes.count)
        nodeCounters[leader].sent += 1
    }

    /// The endpoint that an end of a trial is behind.
    private func home(of end: End, _ view: PacketView, _ index: Int) -> Int {
        guard end == .server else { return network.home(ofInstance: index) }
        return isBalanced ? topology.home(ofTarget: real(view.server)) : topology.hostCount
    }

    private func overlay(
        _ bytes: [UInt8], _ packet: CasePacket, _ view: PacketView, _ index: Int
    ) -> OverlayHeader {
        let gateway = topology.services[service]
        let isOutbound = packet.from == .client
        let view = packet.isStranger ? view.stranger : view
        var header = OverlayHeader(
            vni: isOutbound ? gateway.vni : .outside, innerIsIPv4: true,
            bucket: BucketIndex(0), marks: isOutbound ? [] : .inbound,
            eni: isOutbound ? network.eni(ofInstance: index) : .none, resource: gateway.id)
        if bytes.isFragment {
            header.bucket = gateway.hash.collector(
                vni: header.vni, source: .v4(bytes.address(at: 12)),
                destination: .v4(bytes.address(at: 16)),
                ipProtocol: IPProtocol(rawValue: bytes[9]),
                identification: UInt32(bytes.uint16(at: 4)))
            header.marks.leg = .toCollector
        } else if isOutbound {
            let transport = suite.cases[trials[index].scenario].transport
            header.bucket = gateway.hash.natOutbound(
                FlowTuple(
                    ipProtocol: transport.ipProtocol, source: .v4(view.client),
                    sourcePort: view.clientPort, destination: .v4(view.server),
                    destinationPort: view.serverPort))
        } else {
            header.bucket = topology.portSets.bucket(of: view.clientPort) ?? BucketIndex(0)
        }
        return header
    }

    /// Takes packets that arrived at an endpoint's outer address, with their frames.
    public mutating func handle(
        _ packets: [Packet], at endpoint: Int, _ now: Tick, pool: inout FramePool
    ) {
        for packet in packets {
            let inner = inner(pool.bytes(of: packet), from: packet.remote, at: endpoint)
            pool.give(packet.frame)
            guard let inner else { continue }
            let isEdge = topology.endpoints[endpoint].role == .edge
            let end = isBalanced ? end(of: inner) : isEdge ? .server : .client
            take(inner, at: end, now, &pool)
        }
    }

    /// The inner packet of a datagram, counted.
    private mutating func inner(
        _ bytes: RawSpan, from node: IPAddress, at endpoint: Int
    ) -> [UInt8]? {
        if topology.endpoints[endpoint].role == .edge, topology.isLeak(bytes) {
            counters.leaked += 1
        }
        counters.arrived += 1
        guard let innerOffset = try? OverlayHeader.parse(bytes).innerOffset,
            let inner = whole(bytes, from: innerOffset)
        else {
            counters.malformed += 1
            return nil
        }
        counters.receivedBytes += UInt64(inner.count)
        if let ordinal = topology.nodeOrdinals.ordinal(of: node) {
            nodeCounters[ordinal].received += 1
            nodeCounters[ordinal].receivedBytes += UInt64(inner.count)
        }
        return inner
    }

    /// The inner packet without what follows it, as IPv4; nil if it is of another family.
    private func whole(_ bytes: RawSpan, from start: Int) -> [UInt8]? {
        let header = six == nil ? 20 : 40
        guard bytes.byteCount >= start + header,
            bytes.uint8(at: start) >> 4 == (six == nil ? 4 : 6)
        else { return nil }
        let stated =
            six == nil
            ? Int(bytes.bigEndianUInt16(at: start + 2))
            : 40 + Int(bytes.bigEndianUInt16(at: start + 4))
        let end = min(bytes.byteCount, start + max(stated, header))
        let packet = (start..<end).map { bytes.uint8(at: $0) }
        return six == nil ? packet : six?.narrowed(packet)
    }

    mutating func take(
        _ packet: [UInt8], at end: End, _ now: Tick, _ pool: inout FramePool
    ) {
        guard let index = trial(of: packet, at: end) else {
            counters.unexpected += 1
            return
        }
        if end == .server, !isBalanced, topology.isInside(packet.address(at: 12)) {
            return fail(index, "\(packet.summary) came out untranslated")
        }
        guard trials[index].state == .running else {
            counters.late += 1
            return
        }
        let whole = trials[index].whole(packet, at: end)
        guard !trials[index].isContradicted else {
            return fail(index, "\(packet.summary) came out, and contradicts another")
        }
        guard let whole else { return }
        judge(whole, at: end, index, now, &pool)
    }
}

extension Topology {
    /// Whether an address belongs to a VPC of the resources that are driven.
    func isInside(_ address: IPv4Address) -> Bool {
        services.contains { $0.vpcPrefix.contains(.v4(address)) }
    }
}
