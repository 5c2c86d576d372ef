// The packet that an ICMP error carries (RFC 792, RFC 4443 §2.4 (c)): its headers are read, its
// length and its transport checksum are not held against it, as it is cut off.

/// What an ICMP error tells of the packet that caused it. Offsets count from the first byte of the
/// packet that carries the error, and lie inside it.
public struct EmbeddedPacket: Hashable, Sendable, BitwiseCopyable {
    /// As the packet was sent: in the direction opposite to the error's. Ports as in
    /// `PacketSummary.tuple`.
    public let tuple: FlowTuple
    /// Of its IP header.
    public let offset: Int
    /// Of its transport header, of which at least 8 bytes are there.
    public let transportOffset: Int
    /// Where what can be read of it ends.
    public let end: Int

    /// Reads the packet inside the ICMP error that `summary` describes. Everything that isn't a
    /// TCP, UDP or ICMP query packet with its ports is `badEmbeddedPacket`.
    public static func parse(
        in bytes: RawSpan, of summary: PacketSummary
    ) throws(PacketError) -> EmbeddedPacket {
        guard summary.kind == .icmpError else { throw .badEmbeddedPacket }
        let start = summary.payloadOffset
        let inner = bytes.extracting(start..<summary.totalBytes)
        do {
            let found = summary.isIPv4 ? try parseIPv4(inner) : try parseIPv6(inner)
            return EmbeddedPacket(
                tuple: found.tuple, offset: start, transportOffset: start + found.transportOffset,
                end: start + found.end)
        } catch {
            throw .badEmbeddedPacket
        }
    }

    private static func parseIPv4(_ bytes: RawSpan) throws(PacketError) -> EmbeddedPacket {
        guard bytes.byteCount >= IPv4Header.minimumByteCount else { throw .tooShort }
        guard bytes.uint8(at: 0) >> 4 == 4 else { throw .badVersion }
        let headerBytes = Int(bytes.uint8(at: 0) & 0xF) * 4
        let totalBytes = Int(bytes.bigEndianUInt16(at: 2))
        guard headerBytes >= IPv4Header.minimumByteCount, headerBytes <= bytes.byteCount,
            totalBytes >= headerBytes
        else { throw .badHeaderLength }
        // RFC 5508 §4.1 REQ-3 (a), (b), (c): the header's checksum must be right, the transport's
        // is not looked at.
        let header = bytes.extracting(0..<headerBytes)
        guard InternetChecksum.checksum(header) == 0 else { throw .badIPChecksum }
        guard bytes.bigEndianUInt16(at: 6) & 0x1FFF == 0 else { throw .badFragment }
        // RFC 5508 §4.1 REQ-3 (d): its own length says where it ends.
        return try readTransport(
            bytes, source: .v4(bytes.ipv4Address(at: 12)),
            destination: .v4(bytes.ipv4Address(at: 16)),
            ipProtocol: IPProtocol(rawValue: bytes.uint8(at: 9)), transportOffset: headerBytes,
            end: min(totalBytes, bytes.byteCount))
    }

    private static func parseIPv6(_ bytes: RawSpan) throws(PacketError) -> EmbeddedPacket {
        guard bytes.byteCount >= IPv6Header.byteCount else { throw .tooShort }
        guard bytes.uint8(at: 0) >> 4 == 6 else { throw .badVersion }
        let totalBytes = IPv6Header.byteCount + Int(bytes.bigEndianUInt16(at: 4))
        let source = bytes.ipv6Address(at: 8)
        let destination = bytes.ipv6Address(at: 24)
        guard source.mapped == nil, destination.mapped == nil else { throw .mappedAddress }
        let end = min(totalBytes, bytes.byteCount)
        let headers = try IPv6ExtensionHeaders.parse(
            bytes.extracting(0..<end), first: IPProtocol(rawValue: bytes.uint8(at: 6)))
        if let fragment = headers.fragment, fragment.fragmentOffset != 0 { throw .badFragment }
        return try readTransport(
            bytes, source: .v6(source), destination: .v6(destination),
            ipProtocol: headers.transport, transportOffset: headers.transportOffset, end: end)
    }

    private static func readTransport(
        _ bytes: RawSpan, source: IPAddress, destination: IPAddress, ipProtocol: IPProtocol,
        transportOffset: Int, end: Int
    ) throws(PacketError) -> EmbeddedPacket {
        // RFC 792: the first 64 bits of the data are always there.
        guard transportOffset + 8 <= end else { throw .tooShort }
        var tuple = FlowTuple(
            ipProtocol: ipProtocol, source: source, sourcePort: Port(0),
            destination: destination, destinationPort: Port(0))
        let transport = bytes.extracting(transportOffset..<end)
        switch ipProtocol {
        case .tcp, .udp:
            tuple.sourcePort = Port(transport.bigEndianUInt16(at: 0))
            tuple.destinationPort = Port(transport.bigEndianUInt16(at: 2))
        case .icmp where source.isIPv4:
            try tuple.readQuery(transport, class: ICMPType.classify(transport.uint8(at: 0)))
        case .icmpv6 where !source.isIPv4:
            try tuple.readQuery(transport, class: ICMPv6Type.classify(transport.uint8(at: 0)))
        default:
            throw .badTransportHeader
        }
        return EmbeddedPacket(
            tuple: tuple, offset: 0, transportOffset: transportOffset, end: end)
    }
}

extension FlowTuple {
    // RFC 1122 §3.2.2: no error is ever sent about an error, so only queries count.
    fileprivate mutating func readQuery(
        _ message: RawSpan, class messageClass: ICMPClass
    ) throws(PacketError) {
        let identifier = Port(message.bigEndianUInt16(at: 4))
        switch messageClass {
        case .request: sourcePort = identifier
        case .reply: destinationPort = identifier
        case .error, .other: throw .badTransportHeader
        }
    }
}

extension PacketSummary {
    /// The tuple of the packet inside this ICMP error, as that packet was sent.
    public func embeddedTuple(of bytes: RawSpan) throws(PacketError) -> FlowTuple {
        try EmbeddedPacket.parse(in: bytes, of: self).tuple
    }
}
