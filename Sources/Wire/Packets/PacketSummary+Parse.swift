// The pass itself: IP header, then fragment, then transport. Every refusal has its own name.

extension PacketSummary {
    /// Reads the IP packet at the start of `bytes`. Bytes beyond its length are padding.
    ///
    /// Checks lengths, the IPv4 header checksum, options, extension headers, the TCP data offset
    /// and the UDP length; not TCP's flags, nor transport checksums (`ChecksumVerdict` does).
    /// Cost: one pass over the headers, no allocation.
    public static func parse(_ bytes: RawSpan) throws(PacketError) -> PacketSummary {
        guard bytes.byteCount > 0 else { throw .tooShort }
        switch bytes.uint8(at: 0) >> 4 {
        case 4: return try parseIPv4(bytes)
        case 6: return try parseIPv6(bytes)
        default: throw .badVersion
        }
    }

    private static func parseIPv4(_ bytes: RawSpan) throws(PacketError) -> PacketSummary {
        let packet = try IPv4View(bytes)
        guard packet.checksumIsValid else { throw .badIPChecksum }
        if packet.headerBytes > IPv4Header.minimumByteCount {
            try IPv4OptionWalk.check(packet.options)
        }
        var summary = PacketSummary(
            source: .v4(packet.source), destination: .v4(packet.destination),
            ipProtocol: packet.ipProtocol, timeToLive: packet.timeToLive,
            trafficClass: packet.trafficClass, totalBytes: packet.totalBytes,
            transportOffset: packet.headerBytes)
        summary.dontFragment = packet.dontFragment
        summary.identification = UInt32(packet.identification)
        if packet.isFragment {
            try summary.readFragment(
                bytes, offset: packet.fragmentOffset, more: packet.moreFragments)
        } else {
            try summary.readTransport(bytes)
        }
        return summary
    }

    private static func parseIPv6(_ bytes: RawSpan) throws(PacketError) -> PacketSummary {
        let packet = try IPv6View(bytes)
        let source = packet.source
        let destination = packet.destination
        // RFC 4291 §2.5.5.2 makes no packets of these; they would collide with IPv4 flows' keys.
        guard source.mapped == nil, destination.mapped == nil else { throw .mappedAddress }
        let headers = try IPv6ExtensionHeaders.parse(packet)
        var summary = PacketSummary(
            source: .v6(source), destination: .v6(destination), ipProtocol: headers.transport,
            timeToLive: packet.hopLimit, trafficClass: packet.trafficClass,
            totalBytes: packet.totalBytes, transportOffset: headers.transportOffset)
        if let fragment = headers.fragment {
            summary.identification = fragment.identification
            if fragment.isFragment {
                try summary.readFragment(
                    bytes, offset: Int(fragment.fragmentOffset), more: fragment.moreFragments)
                return summary
            }
        }
        try summary.readTransport(bytes)
        return summary
    }

    private mutating func readTransport(_ bytes: RawSpan) throws(PacketError) {
        let segment = bytes.extracting(transportOffset..<totalBytes)
        switch tuple.ipProtocol {
        case .tcp:
            readTCP(try TCPView(segment))
        case .udp:
            let datagram = try UDPView(segment)
            readUDP(datagram)
            payloadCount = UInt32(datagram.length - UDPHeader.byteCount)
        case .icmp where isIPv4:
            let message = try ICMPView(segment)
            readICMP(message, class: ICMPType.classify(message.type))
        case .icmpv6 where !isIPv4:
            let message = try ICMPView(segment)
            readICMP(message, class: ICMPv6Type.classify(message.type))
        default:
            break
        }
    }

    @inline(__always)
    private mutating func readTCP(_ segment: borrowing TCPView) {
        kind = .tcp
        tuple.sourcePort = segment.sourcePort
        tuple.destinationPort = segment.destinationPort
        tcpFlags = segment.flags
        tcp = TCPNumbers(segment)
        skipHeader(segment.headerBytes)
    }

    @inline(__always)
    private mutating func readUDP(_ datagram: borrowing UDPView) {
        kind = .udp
        tuple.sourcePort = datagram.sourcePort
        tuple.destinationPort = datagram.destinationPort
        skipHeader(UDPHeader.byteCount)
    }

    private mutating func readICMP(_ message: borrowing ICMPView, class messageClass: ICMPClass) {
        icmpType = message.type
        icmpCode = message.code
        skipHeader(ICMPHeader.byteCount)
        switch messageClass {
        case .request:
            kind = .icmpQuery
            tuple.sourcePort = message.identifier
        case .reply:
            kind = .icmpQuery
            tuple.destinationPort = message.identifier
        case .error:
            kind = .icmpError
        case .other:
            kind = .other
        }
    }

    @inline(__always)
    private mutating func skipHeader(_ byteCount: Int) {
        payload = transport + UInt32(byteCount)
        payloadCount = total - payload
    }

    private mutating func readFragment(
        _ bytes: RawSpan, offset: Int, more: Bool
    ) throws(PacketError) {
        let dataBytes = totalBytes - transportOffset
        // RFC 791 §3.2, RFC 8200 §4.5: all but the last are multiples of 8 bytes, and the whole
        // datagram fits in 65,535.
        guard dataBytes > 0, !more || dataBytes & 7 == 0, offset + dataBytes <= 65535 else {
            throw .badFragment
        }
        fragmentOffset16 = UInt16(offset)
        moreFragments = more
        if offset == 0 {
            try readFirstFragment(bytes)
        } else if offset == 8, tuple.ipProtocol == .tcp {
            // RFC 3128 §4: it would overwrite the flags of the first.
            throw .tinyFragment
        }
        kind = .fragment
    }

    // RFC 1858 §3, RFC 7112 §5: a first fragment holds the whole transport header.
    private mutating func readFirstFragment(_ bytes: RawSpan) throws(PacketError) {
        if tuple.ipProtocol == .udp {
            // Its length is that of the whole datagram, so it isn't held against this part.
            guard transportBytes >= UDPHeader.byteCount else { throw .tinyFragment }
            guard bytes.bigEndianUInt16(at: transportOffset + 4) >= UDPHeader.byteCount else {
                throw .udpLengthMismatch
            }
            tuple.sourcePort = Port(bytes.bigEndianUInt16(at: transportOffset))
            tuple.destinationPort = Port(bytes.bigEndianUInt16(at: transportOffset + 2))
            skipHeader(UDPHeader.byteCount)
            return
        }
        do {
            try readTransport(bytes)
        } catch {
            throw .tinyFragment
        }
    }
}
