// ICMP errors: the packet inside one is written back to what its sender knows, and the error is
// addressed to that sender (RFC 3022 §4.3, RFC 5508 §4.2).

public import Wire

/// The rewriting of an ICMP error.
public enum ErrorRewrite {
    /// Rewrites the error in `bytes`, which belongs to the flow that `summary.tuple` names. `tuple`
    /// is what a packet of the flow in this direction leaves with; the embedded one travelled the
    /// other way. Lowers the hop limit by one. Type, code, length and what follows the embedded
    /// header stay, extensions (RFC 4884) included.
    ///
    /// Cost: one pass over the message; allocates nothing. Throws `badEmbeddedPacket` if there is
    /// none, which classification has ruled out.
    public static func apply(
        _ tuple: FlowTuple, to bytes: inout MutableRawSpan, of summary: PacketSummary
    ) throws(PacketError) {
        let embedded = try EmbeddedPacket.parse(in: bytes.bytes, of: summary)
        rewriteEmbedded(tuple.reversed, &bytes, embedded)
        // RFC 5508 §4.2.2 REQ-5: an error from inside shows an outside address of the translator;
        // one from outside keeps its sender's (§4.2.1 REQ-4). The flow's source tells which.
        let hidden = tuple.source != summary.tuple.source
        if summary.isIPv4 {
            rewriteIPv4(tuple, &bytes, hidesSource: hidden)
        } else {
            rewriteIPv6(tuple, &bytes, hidesSource: hidden, summary)
        }
        fillChecksum(&bytes, summary)
    }

    /// The error's checksum is right. RFC 5508 §4.1 REQ-3: one that is not is dropped.
    public static func checksumIsValid(_ bytes: RawSpan, _ summary: PacketSummary) -> Bool {
        let start = summary.transportOffset
        let sum = InternetChecksum.sum(
            bytes.extracting(start..<summary.totalBytes),
            initial: pseudoHeader(bytes, summary))
        return InternetChecksum.folded(sum) == 0xFFFF
    }

    /// Where the error itself is addressed to.
    public static func destination(_ bytes: RawSpan, _ summary: PacketSummary) -> IPAddress {
        summary.isIPv4 ? .v4(bytes.ipv4Address(at: 16)) : .v6(bytes.ipv6Address(at: 24))
    }

    // RFC 4443 §2.3: ICMPv6 covers the addresses, ICMP doesn't.
    private static func pseudoHeader(_ bytes: RawSpan, _ summary: PacketSummary) -> UInt32 {
        guard !summary.isIPv4 else { return 0 }
        return InternetChecksum.pseudoHeader(
            source: .v6(bytes.ipv6Address(at: 8)),
            destination: .v6(bytes.ipv6Address(at: 24)), ipProtocol: .icmpv6,
            length: summary.transportBytes)
    }

    private static func fillChecksum(
        _ bytes: inout MutableRawSpan, _ summary: PacketSummary
    ) {
        let offset = summary.transportOffset + 2
        bytes.store(bigEndian: 0 as UInt16, at: offset)
        let sum = InternetChecksum.sum(
            bytes, from: summary.transportOffset, count: summary.transportBytes,
            initial: pseudoHeader(bytes.bytes, summary))
        bytes.store(bigEndian: InternetChecksum.fold(sum), at: offset)
    }
}

// MARK: The outer header

extension ErrorRewrite {
    private static func rewriteIPv4(
        _ tuple: FlowTuple, _ bytes: inout MutableRawSpan, hidesSource: Bool
    ) {
        guard case .v4(let source) = tuple.source, case .v4(let destination) = tuple.destination
        else { preconditionFailure("an IPv4 packet takes IPv4 addresses") }
        var header = ChecksumAdjustment()
        if hidesSource {
            header.replace(bytes.bigEndianUInt32(at: 12), with: source.rawValue)
            bytes.store(source, at: 12)
        }
        header.replace(bytes.bigEndianUInt32(at: 16), with: destination.rawValue)
        bytes.store(destination, at: 16)
        let lifetime = bytes.bigEndianUInt16(at: 8)
        header.replace(lifetime, with: lifetime &- 0x0100)
        bytes.store(bigEndian: lifetime &- 0x0100, at: 8)
        bytes.store(bigEndian: header.applied(to: bytes.bigEndianUInt16(at: 10)), at: 10)
    }

    private static func rewriteIPv6(
        _ tuple: FlowTuple, _ bytes: inout MutableRawSpan, hidesSource: Bool,
        _ summary: PacketSummary
    ) {
        guard case .v6(let source) = tuple.source, case .v6(let destination) = tuple.destination
        else { preconditionFailure("an IPv6 packet takes IPv6 addresses") }
        if hidesSource { bytes.store(source, at: 8) }
        bytes.store(destination, at: 24)
        bytes.store(summary.timeToLive &- 1, at: 7)
    }
}

// MARK: The packet inside

extension ErrorRewrite {
    private static func rewriteEmbedded(
        _ tuple: FlowTuple, _ bytes: inout MutableRawSpan, _ embedded: EmbeddedPacket
    ) {
        var network = ChecksumAdjustment()
        network.replace(embedded.tuple.source, with: tuple.source)
        network.replace(embedded.tuple.destination, with: tuple.destination)
        let start = embedded.offset
        switch (tuple.source, tuple.destination) {
        case (.v4(let source), .v4(let destination)):
            bytes.store(source, at: start + 12)
            bytes.store(destination, at: start + 16)
            let checksum = bytes.bigEndianUInt16(at: start + 10)
            bytes.store(bigEndian: network.applied(to: checksum), at: start + 10)
        case (.v6(let source), .v6(let destination)):
            bytes.store(source, at: start + 8)
            bytes.store(destination, at: start + 24)
        default: preconditionFailure("one family in one packet")
        }
        rewriteTransport(tuple, &bytes, embedded, network)
    }

    // RFC 5508 §4.1 REQ-3 (c): the embedded checksum is carried along, never verified: only 8
    // bytes of the transport need be there.
    private static func rewriteTransport(
        _ tuple: FlowTuple, _ bytes: inout MutableRawSpan, _ embedded: EmbeddedPacket,
        _ network: ChecksumAdjustment
    ) {
        let start = embedded.transportOffset
        var adjustment = network
        switch tuple.ipProtocol {
        case .tcp, .udp:
            adjustment.replace(bytes.bigEndianUInt32(at: start), with: tuple.ports)
            bytes.store(bigEndian: tuple.ports, at: start)
            let isTCP = tuple.ipProtocol == .tcp
            let offset = start + (isTCP ? 16 : 6)
            guard offset + 2 <= embedded.end else { return }
            let checksum = bytes.bigEndianUInt16(at: offset)
            bytes.store(
                bigEndian: isTCP
                    ? adjustment.applied(to: checksum) : adjustment.appliedToUDP(checksum),
                at: offset)
        default:
            if tuple.ipProtocol == .icmp { adjustment = ChecksumAdjustment() }
            let identifier = tuple.sourcePort.rawValue | tuple.destinationPort.rawValue
            adjustment.replace(bytes.bigEndianUInt16(at: start + 4), with: identifier)
            bytes.store(bigEndian: identifier, at: start + 4)
            let checksum = bytes.bigEndianUInt16(at: start + 2)
            bytes.store(bigEndian: adjustment.applied(to: checksum), at: start + 2)
        }
    }
}
