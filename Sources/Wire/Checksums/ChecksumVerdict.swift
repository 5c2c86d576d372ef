// Whether the checksums of a whole packet are right: for the traffic generator, for tests, and for
// whoever ends a flow. Translation doesn't verify them: it updates them by difference, so that a
// damaged packet stays damaged.

/// What verification found.
public enum ChecksumVerdict: UInt8, Sendable, BitwiseCopyable, CaseIterable {
    case valid
    /// UDP over IPv4 without a checksum.
    case absent
    /// UDP over IPv6 without a checksum, which is not allowed (RFC 8200 §8.1).
    case missing
    case badIPHeader
    case badTransport
    /// A fragment, or a protocol whose checksum isn't known here; the IP header is right.
    case unverifiable
}

extension ChecksumVerdict {
    /// Verifies the packet that `summary` describes, IPv4 header and transport.
    /// Cost: one pass over the packet, no allocation.
    public static func verify(_ bytes: RawSpan, _ summary: PacketSummary) -> ChecksumVerdict {
        if summary.isIPv4, !ipv4HeaderChecksumIsValid(bytes) { return .badIPHeader }
        guard summary.kind != .fragment,
            let offset = TransportChecksum.offset(summary.tuple)
        else { return .unverifiable }
        let stated = bytes.bigEndianUInt16(at: summary.transportOffset + offset)
        if summary.kind == .udp, stated == 0 { return summary.isIPv4 ? .absent : .missing }
        let count = TransportChecksum.coveredBytes(bytes, summary)
        let start = summary.transportOffset
        let sum = InternetChecksum.sum(
            bytes.extracting(start..<start + count),
            initial: TransportChecksum.pseudoHeader(summary.tuple, length: count))
        return InternetChecksum.folded(sum) == 0xFFFF ? .valid : .badTransport
    }
}

/// The checksums of TCP, UDP, ICMP and ICMPv6: where they stand and what they cover.
public enum TransportChecksum {
    /// Of the checksum in the transport header; nil if the protocol isn't known, or is that of the
    /// other family.
    @inlinable
    public static func offset(_ tuple: FlowTuple) -> Int? {
        switch tuple.ipProtocol {
        case .tcp: 16
        case .udp: 6
        case .icmp where tuple.source.isIPv4: 2
        case .icmpv6 where !tuple.source.isIPv4: 2
        default: nil
        }
    }

    /// The sum of what is covered besides the transport's own bytes. ICMP over IPv4 has none.
    @inlinable
    public static func pseudoHeader(_ tuple: FlowTuple, length: Int) -> UInt32 {
        if tuple.ipProtocol == .icmp { return 0 }
        return InternetChecksum.pseudoHeader(
            source: tuple.source, destination: tuple.destination, ipProtocol: tuple.ipProtocol,
            length: length)
    }

    /// Transport bytes that the checksum covers: for UDP by its own length.
    @inlinable
    static func coveredBytes(_ bytes: RawSpan, _ summary: PacketSummary) -> Int {
        summary.tuple.ipProtocol == .udp
            ? Int(bytes.bigEndianUInt16(at: summary.transportOffset + 4)) : summary.transportBytes
    }

    /// Computes the transport checksum of a whole packet that is being built and writes it. All
    /// other bytes of the packet stand already. Does nothing for fragments and other protocols.
    public static func fill(_ bytes: inout MutableRawSpan, _ summary: PacketSummary) {
        guard summary.kind != .fragment, let offset = offset(summary.tuple) else { return }
        let start = summary.transportOffset
        bytes.store(bigEndian: 0 as UInt16, at: start + offset)
        let count = coveredBytes(bytes.bytes, summary)
        let sum = InternetChecksum.sum(
            bytes, from: start, count: count, initial: pseudoHeader(summary.tuple, length: count))
        let isUDP = summary.tuple.ipProtocol == .udp
        bytes.store(
            bigEndian: isUDP ? InternetChecksum.foldUDP(sum) : InternetChecksum.fold(sum),
            at: start + offset)
    }
}
