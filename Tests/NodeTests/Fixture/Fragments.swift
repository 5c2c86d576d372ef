// Datagrams in fragments, as routers and edges send them to a node.

import Wire

extension Datagram {
    /// The fragments of an IPv4 datagram, each but the last with `step` bytes of its data, on their
    /// way to the collector.
    func fragments(step: Int, identification: UInt16 = 0x1234) -> [Datagram] {
        let packet = inner
        let data = Array(packet[20...])
        return stride(from: 0, to: data.count, by: step).map { start in
            let end = min(start + step, data.count)
            return fragment(
                offset: start, more: end < data.count, data: Array(data[start..<end]),
                identification: identification)
        }
    }

    /// One fragment with the datagram's header.
    func fragment(
        offset: Int, more: Bool, data: [UInt8], identification: UInt16 = 0x1234
    ) -> Datagram {
        var fragment = inner { packet in
            packet = Array(packet[..<20]) + data
            packet[2] = UInt8(packet.count >> 8)
            packet[3] = UInt8(packet.count & 255)
            packet[4] = UInt8(identification >> 8)
            packet[5] = UInt8(identification & 255)
            packet[6] = UInt8((offset / 8) >> 8) | (more ? 0x20 : 0)
            packet[7] = UInt8((offset / 8) & 255)
        }
        fragment = fragment.with { $0.marks.leg = .toCollector }
        return fragment
    }
}

extension [Datagram] {
    /// The datagram that these fragments of IPv4 make, its header that of the first.
    func reassembled() -> [UInt8] {
        let sorted = sorted { $0.summary.fragmentOffset < $1.summary.fragmentOffset }
        var whole = Array<UInt8>(sorted[0].inner[..<20])
        for fragment in sorted {
            guard fragment.summary.fragmentOffset == whole.count - 20 else { return [] }
            whole += fragment.inner[20...]
        }
        whole[2] = UInt8(whole.count >> 8)
        whole[3] = UInt8(whole.count & 255)
        whole[6] = 0
        whole[7] = 0
        whole[10] = 0
        whole[11] = 0
        var span = whole.mutableRawSpan
        let sum = InternetChecksum.sum(span, from: 0, count: 20)
        span.store(bigEndian: InternetChecksum.fold(sum), at: 10)
        return whole
    }
}
