// Writes a translated tuple into an inner packet, in place, with its checksums by difference.
// A packet is never reread: what the summary found is what is rewritten.

public import Wire

/// The rewriting of one packet.
public enum PacketRewrite {
    /// Replaces the tuple in `bytes`, which `summary` was parsed from, by `tuple`, lowers the hop
    /// limit by one and mends the checksums (RFC 1624 §3, RFC 3022 §4.1). IPv4 only: with
    /// `identification` in place of its own.
    @inlinable
    public static func apply(
        _ tuple: FlowTuple, to bytes: inout MutableRawSpan, of summary: PacketSummary,
        identification: UInt16? = nil
    ) {
        var network = ChecksumAdjustment()
        if summary.isIPv4 {
            rewriteIPv4(tuple, &bytes, identification, &network)
        } else {
            rewriteIPv6(tuple, &bytes, summary, &network)
        }
        rewriteTransport(tuple, &bytes, summary, network)
    }

    @inlinable
    static func rewriteIPv4(
        _ tuple: FlowTuple, _ bytes: inout MutableRawSpan, _ identification: UInt16?,
        _ network: inout ChecksumAdjustment
    ) {
        guard case .v4(let source) = tuple.source, case .v4(let destination) = tuple.destination
        else { preconditionFailure("an IPv4 packet takes IPv4 addresses") }
        network.replace(bytes.bigEndianUInt32(at: 12), with: source.rawValue)
        network.replace(bytes.bigEndianUInt32(at: 16), with: destination.rawValue)
        bytes.store(bigEndian: source.rawValue, at: 12)
        bytes.store(bigEndian: destination.rawValue, at: 16)
        // RFC 1812 §5.3.1: a router lowers the TTL by one.
        var header = network
        let old = bytes.bigEndianUInt16(at: 8)
        let new = old &- 0x0100
        header.replace(old, with: new)
        bytes.store(bigEndian: new, at: 8)
        if let identification {
            header.replace(bytes.bigEndianUInt16(at: 4), with: identification)
            bytes.store(bigEndian: identification, at: 4)
        }
        bytes.store(bigEndian: header.applied(to: bytes.bigEndianUInt16(at: 10)), at: 10)
    }

    @inlinable
    static func rewriteIPv6(
        _ tuple: FlowTuple, _ bytes: inout MutableRawSpan, _ summary: PacketSummary,
        _ network: inout ChecksumAdjustment
    ) {
        network.replace(summary.tuple.source, with: tuple.source)
        network.replace(summary.tuple.destination, with: tuple.destination)
        let source = tuple.source.mapped
        let destination = tuple.destination.mapped
        bytes.store(bigEndian: source.high, at: 8)
        bytes.store(bigEndian: source.low, at: 16)
        bytes.store(bigEndian: destination.high, at: 24)
        bytes.store(bigEndian: destination.low, at: 32)
        bytes.store(summary.timeToLive &- 1, at: 7)
    }

    // RFC 4787 §7 REQ-10, RFC 5382 §6 REQ-6: what follows the header is never looked at.
    @inlinable
    static func rewriteTransport(
        _ tuple: FlowTuple, _ bytes: inout MutableRawSpan, _ summary: PacketSummary,
        _ network: ChecksumAdjustment
    ) {
        guard summary.kind != .fragment || summary.isFirstFragment else { return }
        let offset = summary.transportOffset
        var adjustment = network
        switch summary.tuple.ipProtocol {
        case .tcp:
            replacePorts(tuple, &bytes, offset, &adjustment)
            let checksum = bytes.bigEndianUInt16(at: offset + 16)
            bytes.store(bigEndian: adjustment.applied(to: checksum), at: offset + 16)
        case .udp:
            replacePorts(tuple, &bytes, offset, &adjustment)
            // RFC 768: 0 says that there is no checksum, and stays.
            let checksum = bytes.bigEndianUInt16(at: offset + 6)
            bytes.store(bigEndian: adjustment.appliedToUDP(checksum), at: offset + 6)
        case .icmp, .icmpv6:
            rewriteQuery(tuple, &bytes, summary, network)
        default:
            break
        }
    }

    @inlinable
    static func replacePorts(
        _ tuple: FlowTuple, _ bytes: inout MutableRawSpan, _ offset: Int,
        _ adjustment: inout ChecksumAdjustment
    ) {
        adjustment.replace(bytes.bigEndianUInt32(at: offset), with: tuple.ports)
        bytes.store(bigEndian: tuple.ports, at: offset)
    }

    // RFC 5508 §3.1 REQ-1, RFC 3022 §2.2: the identifier is translated as a port is. An IPv4 ICMP
    // checksum covers no addresses, an ICMPv6 one does (RFC 4443 §2.3).
    @inlinable
    static func rewriteQuery(
        _ tuple: FlowTuple, _ bytes: inout MutableRawSpan, _ summary: PacketSummary,
        _ network: ChecksumAdjustment
    ) {
        let offset = summary.transportOffset
        var adjustment = summary.isIPv4 ? ChecksumAdjustment() : network
        // One of the two is zero: which one tells a query from its answer.
        let identifier = tuple.sourcePort.rawValue | tuple.destinationPort.rawValue
        adjustment.replace(bytes.bigEndianUInt16(at: offset + 4), with: identifier)
        bytes.store(bigEndian: identifier, at: offset + 4)
        let checksum = bytes.bigEndianUInt16(at: offset + 2)
        bytes.store(bigEndian: adjustment.applied(to: checksum), at: offset + 2)
    }
}
