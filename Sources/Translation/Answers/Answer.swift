// What a node says itself to the sender of a packet that it drops: few things, and each at a
// bounded rate.

public import Wire

/// An answer to the sender of a dropped packet.
public enum Answer: Hashable, Sendable, BitwiseCopyable {
    /// ICMP: the hop limit was used up here.
    case timeExceeded
    /// ICMP: the way ahead takes packets of at most so many bytes.
    case packetTooBig(mtu: UInt16)
    // RFC 6888 §3 REQ-11: code 1 is a soft error, which a sender may retry after.
    /// ICMP: there is no port left for it.
    case hostUnreachable
    /// A TCP RST: no flow is here.
    case reset
}

extension Answer {
    /// Whether a packet may be answered at all.
    // RFC 1812 §4.3.2.7, RFC 1122 §3.2.2, RFC 4443 §2.4 (e): no error is sent about an error, a
    // later fragment or a packet from or to many; no RST answers an RST (RFC 9293 §3.10.7.1).
    public static func mayAnswer(_ summary: PacketSummary, with answer: Answer) -> Bool {
        switch summary.kind {
        case .icmpError, .other: return false
        case .fragment where !summary.isFirstFragment: return false
        case .tcp, .udp, .icmpQuery, .fragment: break
        }
        guard summary.tuple.source.isUnicast, summary.tuple.destination.isUnicast else {
            return false
        }
        guard answer == .reset else { return true }
        return summary.kind == .tcp && !summary.tcpFlags.contains(.rst)
    }
}

extension IPAddress {
    /// One machine's address: not a group's, not everybody's, not nobody's.
    var isUnicast: Bool {
        switch self {
        case .v4(let address):
            let first = address.rawValue >> 24
            return first != 0 && first != 127 && first < 224
        case .v6(let address):
            return address.high >> 56 != 0xFF && (address.high != 0 || address.low > 1)
        }
    }
}
