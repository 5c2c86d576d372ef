// What real networks send seldom: errors, fragments, packets given back.

import Wire

extension FuzzWorld {
    /// An ICMP error of a router on the way of what the engine sent.
    static func error(about sent: FuzzDatagram, type: UInt8) -> FuzzDatagram? {
        guard let (overlay, offset) = try? OverlayHeader.parse(sent.bytes.rawSpan),
            let about = try? PacketSummary.parse(sent.bytes.rawSpan.extracting(offset...)),
            case .v4(let sender) = about.tuple.source
        else { return nil }
        var back = overlay
        back.marks = overlay.marks.contains(.inbound) ? [] : .inbound
        back.origin = nil
        let quoted = Array(sent.bytes[offset...].prefix(28 + Int(type >> 4)))
        let inner = written(28 + quoted.count) { bytes in
            IPv4Header(
                ipProtocol: .icmp, source: IPv4Address(192, 0, 2, 9), destination: sender,
                payloadBytes: 8 + quoted.count
            ).write(to: &bytes)
            var message = bytes._mutatingExtracting(20..<bytes.byteCount)
            ICMPHeader(type: [3, 4, 5, 11, 12][Int(type % 5)], code: type & 7, rest: 1400)
                .write(to: &message)
            message.store(quoted.rawSpan, at: 8)
            let sum = InternetChecksum.sum(message, from: 0, count: message.byteCount)
            message.store(bigEndian: InternetChecksum.fold(sum), at: 2)
        }
        let header = written(OverlayHeader.byteCount) { back.write(to: &$0) }
        return FuzzDatagram(machine: sent.machine, bytes: header + inner)
    }

    /// The first, second or last eight bytes and more of an IPv4 datagram.
    static func fragment(
        of whole: FuzzDatagram, _ part: Int, _ identification: UInt8
    ) -> FuzzDatagram? {
        guard let (header, offset) = try? OverlayHeader.parse(whole.bytes.rawSpan),
            header.innerIsIPv4
        else { return nil }
        var overlay = header
        overlay.marks.leg = .toCollector
        let data = whole.bytes[(offset + 20)...]
        let end = part == 2 ? data.count : min(data.count, 8 * (part + 1))
        let piece = data.dropFirst(8 * part).prefix(max(0, end - 8 * part))
        var inner = Array(whole.bytes[offset..<offset + 20]) + piece
        inner[3] = UInt8(inner.count)
        inner[5] = identification
        inner[6] = part == 2 ? 0 : 0x20
        inner[7] = UInt8(part)
        (inner[10], inner[11]) = (0, 0)
        var span = inner.mutableRawSpan
        let sum = InternetChecksum.sum(span, from: 0, count: 20)
        span.store(bigEndian: InternetChecksum.fold(sum), at: 10)
        let outer = written(OverlayHeader.byteCount) { overlay.write(to: &$0) }
        return FuzzDatagram(machine: whole.machine, bytes: outer + inner)
    }

    /// The packet as a target's router gives it back.
    static func givenBack(_ sent: FuzzDatagram) -> FuzzDatagram? {
        guard let (header, offset) = try? OverlayHeader.parse(sent.bytes.rawSpan) else {
            return nil
        }
        var overlay = header
        overlay.marks = [.inbound, .returnTaken]
        overlay.origin = nil
        let outer = written(OverlayHeader.byteCount) { overlay.write(to: &$0) }
        let machine = sent.machine == router ? machines[3] : sent.machine
        return FuzzDatagram(machine: machine, bytes: outer + sent.bytes[offset...])
    }
}
