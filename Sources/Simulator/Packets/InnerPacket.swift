// Inner packets as clients and servers send them, written with the product's own header writers.

import Wire

/// One inner packet before it is bytes.
struct InnerPacket: Sendable {
    var tuple: FlowTuple
    var stamp: FlowStamp?
    var flags: TCPFlags = []
    var sequence: UInt32 = 0
    var acknowledgment: UInt32 = 0
    /// ICMP: a reply, not a request.
    var isReply = false

    init(_ tuple: FlowTuple, stamp: FlowStamp?) {
        self.tuple = tuple
        self.stamp = stamp
    }

    private var payloadBytes: Int { stamp == nil ? 0 : FlowStamp.byteCount }
    private var headerBytes: Int { tuple.ipProtocol == .tcp ? 20 : 8 }
    private var networkBytes: Int { tuple.source.isIPv4 ? 20 : 40 }
    var byteCount: Int { networkBytes + headerBytes + payloadBytes }

    /// Writes `byteCount` bytes, checksums included, at the start of `bytes`.
    func write(to bytes: inout MutableRawSpan) {
        writeNetwork(to: &bytes)
        var transport = bytes._mutatingExtracting(networkBytes..<byteCount)
        stamp?.write(to: &transport, at: headerBytes)
        writeTransport(to: &transport)
        fillChecksum(&bytes)
    }

    private func writeNetwork(to bytes: inout MutableRawSpan) {
        let payload = headerBytes + payloadBytes
        switch (tuple.source, tuple.destination) {
        case (.v4(let source), .v4(let destination)):
            var header = IPv4Header(
                ipProtocol: tuple.ipProtocol, source: source, destination: destination,
                payloadBytes: payload)
            header.timeToLive = 64
            header.write(to: &bytes)
        case (.v6(let source), .v6(let destination)):
            var header = IPv6Header(
                nextHeader: tuple.ipProtocol, source: source, destination: destination,
                payloadBytes: payload)
            header.hopLimit = 64
            header.write(to: &bytes)
        default: preconditionFailure("one family in one packet")
        }
    }

    private func writeTransport(to bytes: inout MutableRawSpan) {
        switch tuple.ipProtocol {
        case .tcp:
            var header = TCPHeader(
                sourcePort: tuple.sourcePort, destinationPort: tuple.destinationPort,
                flags: flags)
            header.sequenceNumber = sequence
            header.acknowledgmentNumber = acknowledgment
            header.write(to: &bytes)
        case .udp:
            UDPHeader(
                sourcePort: tuple.sourcePort, destinationPort: tuple.destinationPort,
                payloadBytes: payloadBytes
            ).write(to: &bytes)
        default:
            let identifier = tuple.sourcePort.rawValue | tuple.destinationPort.rawValue
            ICMPHeader(
                type: isReply ? ICMPType.echoReply : ICMPType.echoRequest,
                identifier: Port(identifier), sequenceNumber: 1
            ).write(to: &bytes)
        }
    }

    private func fillChecksum(_ bytes: inout MutableRawSpan) {
        guard let summary = try? PacketSummary.parse(bytes.bytes) else {
            preconditionFailure("a packet of our own making is whole")
        }
        TransportChecksum.fill(&bytes, summary)
    }
}

/// A machine of the simulation: nodes first, then hosts, then edges.
typealias Machine = Int

/// What is on its way between two machines.
struct Datagram: Sendable {
    var from: Machine
    var to: Machine
    var bytes: [UInt8]

    init(from: Machine, to: Machine, bytes: [UInt8]) {
        self.from = from
        self.to = to
        self.bytes = bytes
    }

    init(from: Machine, to: Machine, _ overlay: OverlayHeader, _ inner: InnerPacket) {
        self.from = from
        self.to = to
        bytes = [UInt8](repeating: 0, count: OverlayHeader.byteCount + inner.byteCount)
        var span = bytes.mutableRawSpan
        overlay.write(to: &span)
        var packet = span._mutatingExtracting(OverlayHeader.byteCount..<span.byteCount)
        inner.write(to: &packet)
    }

    /// Between engines, or about views; all else is a packet.
    var isBatch: Bool { bytes.first == BatchHeader.firstByte }
}

/// An encapsulated packet, read as a whole.
struct ReadPacket: Sendable {
    var overlay: OverlayHeader
    var summary: PacketSummary
    var stamp: FlowStamp?
    /// The flow that it was sent for, by its stamp or its numbers; nil if it doesn't tell.
    var flow: Int?

    /// Nil if it is malformed.
    init?(_ bytes: RawSpan) {
        guard let (overlay, offset) = try? OverlayHeader.parse(bytes) else { return nil }
        let inner = bytes.extracting(offset..<bytes.byteCount)
        guard let summary = try? PacketSummary.parse(inner) else { return nil }
        self.overlay = overlay
        self.summary = summary
        if summary.payloadBytes >= FlowStamp.byteCount, summary.kind != .icmpError {
            stamp = FlowStamp.parse(inner, at: summary.payloadOffset)
        }
        flow = stamp?.flow
        if flow == nil, summary.kind == .tcp, !summary.tcpFlags.contains(.rst) {
            flow = Self.flow(of: summary, isInbound: overlay.marks.contains(.inbound))
        }
    }

    /// What a client sends begins at its flow's number; what it is sent acknowledges that.
    private static func flow(of summary: PacketSummary, isInbound: Bool) -> Int? {
        guard isInbound else { return FlowNumbers.flow(of: summary.tcp.sequence) }
        guard summary.tcpFlags.contains(.ack) else { return nil }
        return FlowNumbers.flow(of: summary.tcp.acknowledgment)
    }
}
