// Packets that are too long for the way ahead: cut if they may be, else their sender is told what
// would pass.

import Translation
import Wire

extension Engine {
    // RFC 8926 §4.4.1: the tunnel tells what it takes.
    // RFC 4787 §10 REQ-13: with DF, or in IPv6, an error with the MTU; without it, fragments.
    mutating func forwardTooBig(_ work: Work, _ departure: Departure, _ now: Tick) {
        let summary = work.arrival.summary
        guard Self.mayCut(summary, departure.mtu),
            let cut = IPv4Fragmenting(summary, mtu: Int(departure.mtu))
        else {
            return refuse(
                work, DropReason(.packetTooBig), .packetTooBig(mtu: departure.mtu), now)
        }
        guard cut.count - 1 <= frames.freeCount else {
            return drop(work.packet, DropReason(.noFrame), of: work.arrival.resource)
        }
        let packet = rewrite(work, departure)
        counters.packetsFragmented += 1
        translator.counters.countDeparture(
            work.arrival.resource, work.arrival.direction, bytes: summary.totalBytes)
        // RFC 4787 §10 REQ-13 (a): in order.
        let rest = (1..<cut.count).map { fragment($0, of: packet, cut) }
        let copy = departure.awaitsCommitment ? copy(of: work.arrival) : nil
        letGo(first(of: packet, cut), copy)
        for part in rest { letGo(part, copy, isExtra: true) }
    }

    /// Whether a packet that is too long may leave in pieces.
    static func mayCut(_ summary: PacketSummary, _ mtu: UInt16) -> Bool {
        summary.isIPv4 && !summary.dontFragment && summary.kind != .icmpError
            && IPv4Fragmenting(summary, mtu: Int(mtu)) != nil
    }

    /// Fragment `index`, which is not the first, in a frame of its own. There is one: the caller
    /// has counted.
    private mutating func fragment(
        _ index: Int, of packet: Packet, _ cut: IPv4Fragmenting
    ) -> Packet {
        guard let frame = frames.take() else { preconditionFailure("frames were counted") }
        let headers = OverlayHeader.byteCount + cut.copiedHeaderBytes
        let (start, count) = cut.data(index)
        var part = packet
        part.frame = frame
        part.length = UInt16(headers + count)
        frames.copy(
            packet.frame, start: Int(packet.start), count: headers, to: frame,
            start: Int(packet.start))
        frames.copy(
            packet.frame, start: Int(packet.start) + OverlayHeader.byteCount + start,
            count: count, to: frame, start: Int(packet.start) + headers)
        writeHeader(index, of: part, cut)
        return part
    }

    /// The first fragment, in the packet's own frame.
    private mutating func first(of packet: Packet, _ cut: IPv4Fragmenting) -> Packet {
        var part = packet
        let (start, count) = cut.data(0)
        part.length = UInt16(OverlayHeader.byteCount + start + count)
        writeHeader(0, of: part, cut)
        return part
    }

    private mutating func writeHeader(_ index: Int, of part: Packet, _ cut: IPv4Fragmenting) {
        var bytes = frames.mutableBytes(
            part.frame, start: Int(part.start) + OverlayHeader.byteCount,
            count: Int(part.length) - OverlayHeader.byteCount)
        cut.write(index, to: &bytes)
    }
}
