// Which packets must have a right checksum: those that change what is known. Data of a known flow is
// carried with the checksum that it has, by difference, and judged by its receiver: verifying it
// would cost a pass over its bytes. docs/decisions/016.

import Configuration
import Tables
public import Wire

extension Translator {
    /// Whether a packet may be held against a connection's state: damage must not end what its
    /// receiver would not have ended. Anything but a segment with SYN, FIN or RST may, and what is
    /// no segment and no query.
    // RFC 5508 §4.1 REQ-3: a query with a wrong checksum is dropped; so are errors, as they are read.
    public static func mayCount(_ summary: PacketSummary, _ packet: RawSpan) -> Bool {
        switch summary.kind {
        case .tcp where summary.tcpFlags.isDisjoint(with: [.syn, .fin, .rst]): true
        case .tcp, .icmpQuery: ChecksumVerdict.verify(packet, summary) == .valid
        default: true
        }
    }

    /// Whether a packet may be a flow's first, if it may count: no port and no record is given to a
    /// damaged one.
    public static func mayBegin(_ summary: PacketSummary, _ packet: RawSpan) -> Bool {
        summary.kind != .udp || ChecksumVerdict.verify(packet, summary) != .badTransport
    }
}
