// Valid packets, and answers to what the engine sent.

import Wire

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
