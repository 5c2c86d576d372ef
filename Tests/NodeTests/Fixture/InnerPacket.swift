// Inner packets by their parts, written with the product's own header writers, their checksums
// right unless a case says otherwise.

import Wire

/// An address and a port, `10.0.0.5:4000` or `[fd00::5]:4000`.
struct Endpoint: Hashable, Sendable, ExpressibleByStringLiteral {
    var address: IPAddress
    var port: Port

    init(_ address: IPAddress, _ port: Port) {
        self.address = address
        self.port = port
    }

    init(stringLiteral text: String) {
        let colon = text.lastIndex(of: ":")!
        let host = text[..<colon].drop { $0 == "[" }.prefix { $0 != "]" }
        address = IPAddress(String(host))!
        port = Port(UInt16(text[text.index(after: colon)...])!)
    }
}

/// One inner packet before it is bytes.
struct InnerPacket: Sendable {
    var tuple: FlowTuple
    var payload: [UInt8] = [1, 2, 3, 4, 5]
    var timeToLive: UInt8 = 64
    var tcpFlags: TCPFlags = []
    /// TCP only: those of a connection whose two ends have sent nothing but their SYNs, from
    /// `clientStart` and `targetStart`, unless a case says otherwise.
    var sequence: UInt32?
    var acknowledgment: UInt32?
    /// From the target.
    var isAnswer = false
    var icmpType: UInt8 = 0
    /// UDP only: false leaves the checksum 0.
    var hasChecksum = true

    private init(_ ipProtocol: IPProtocol, _ source: Endpoint, _ destination: Endpoint) {
        tuple = FlowTuple(
            ipProtocol: ipProtocol, source: source.address, sourcePort: source.port,
            destination: destination.address, destinationPort: destination.port)
    }

    static func udp(_ source: Endpoint, to destination: Endpoint) -> InnerPacket {
        InnerPacket(.udp, source, destination)
    }

    static func tcp(
        _ source: Endpoint, to destination: Endpoint, _ flags: TCPFlags = .syn
    ) -> InnerPacket {
        var packet = InnerPacket(.tcp, source, destination)
        packet.tcpFlags = flags
        return packet
    }

    /// An echo request; the source's port is the identifier, the destination's is 0.
    static func ping(_ source: Endpoint, to destination: IPAddress) -> InnerPacket {
        var packet = InnerPacket(
            destination.isIPv4 ? .icmp : .icmpv6, source, Endpoint(destination, Port(0)))
        packet.icmpType = destination.isIPv4 ? ICMPType.echoRequest : ICMPv6Type.echoRequest
        return packet
    }

    /// A packet of any protocol; without ports unless they are the protocol's.
    static func other(
        _ ipProtocol: IPProtocol, _ source: Endpoint, to destination: Endpoint
    ) -> InnerPacket {
        InnerPacket(ipProtocol, source, destination)
    }

    /// The packet of `tuple` that answers one of this kind: SYN+ACK, echo reply.
    static func answer(_ tuple: FlowTuple, flags: TCPFlags = [.syn, .ack]) -> InnerPacket {
        let source = Endpoint(tuple.destination, tuple.destinationPort)
        var packet = InnerPacket(
            tuple.ipProtocol, source, Endpoint(tuple.source, tuple.sourcePort))
        packet.tcpFlags = flags
        packet.isAnswer = true
        packet.icmpType = tuple.source.isIPv4 ? ICMPType.echoReply : ICMPv6Type.echoReply
        return packet
    }
}

extension InnerPacket {
    private var transportBytes: Int { (tuple.ipProtocol == .tcp ? 20 : 8) + payload.count }
    private var headerBytes: Int { tuple.source.isIPv4 ? 20 : 40 }

    /// The packet as it stands on the wire.
    var bytes: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: headerBytes + transportBytes)
        bytes.replaceSubrange((bytes.count - payload.count)..., with: payload)
        var span = bytes.mutableRawSpan
        writeNetwork(to: &span)
        var transport = span._mutatingExtracting(headerBytes..<span.byteCount)
        writeTransport(to: &transport)
        if hasChecksum { fillChecksum(&span) }
        return bytes
    }

    private func writeNetwork(to bytes: inout MutableRawSpan) {
        switch (tuple.source, tuple.destination) {
        case (.v4(let source), .v4(let destination)):
            var header = IPv4Header(
                ipProtocol: tuple.ipProtocol, source: source, destination: destination,
                payloadBytes: transportBytes)
            header.timeToLive = timeToLive
            header.write(to: &bytes)
        case (.v6(let source), .v6(let destination)):
            var header = IPv6Header(
                nextHeader: tuple.ipProtocol, source: source, destination: destination,
                payloadBytes: transportBytes)
            header.hopLimit = timeToLive
            header.write(to: &bytes)
        default: preconditionFailure("one family in one packet")
        }
    }

    private func writeTransport(to bytes: inout MutableRawSpan) {
        switch tuple.ipProtocol {
        case .tcp:
            segmentHeader.write(to: &bytes)
        case .udp:
            UDPHeader(
                sourcePort: tuple.sourcePort, destinationPort: tuple.destinationPort,
                payloadBytes: payload.count
            ).write(to: &bytes)
        default:
            let identifier = tuple.sourcePort.rawValue | tuple.destinationPort.rawValue
            ICMPHeader(type: icmpType, identifier: Port(identifier), sequenceNumber: 7)
                .write(to: &bytes)
        }
    }

    static let clientStart: UInt32 = 1000
    static let targetStart: UInt32 = 5000

    private var segmentHeader: TCPHeader {
        var header = TCPHeader(
            sourcePort: tuple.sourcePort, destinationPort: tuple.destinationPort,
            flags: tcpFlags)
        let own = isAnswer ? Self.targetStart : Self.clientStart
        let other = isAnswer ? Self.clientStart : Self.targetStart
        header.sequenceNumber = sequence ?? (tcpFlags.contains(.syn) ? own : own + 1)
        header.acknowledgmentNumber =
            acknowledgment ?? (tcpFlags.contains(.ack) ? other + 1 : 0)
        return header
    }

    private func fillChecksum(_ bytes: inout MutableRawSpan) {
        guard let summary = try? PacketSummary.parse(bytes.bytes) else { return }
        TransportChecksum.fill(&bytes, summary)
    }
}
