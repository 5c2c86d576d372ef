// Damage done to packets: one field changed, what covers it made right again or left wrong.

import Wire

extension Datagram {
    /// The datagram with one byte of the encapsulation changed.
    func damaged(_ offset: Int, _ value: UInt8) -> Datagram {
        var copy = self
        copy.bytes[offset] = value
        return copy
    }

    /// With the inner packet changed, its IPv4 header checksum made right unless that is the case.
    func inner(
        repaired isRepaired: Bool = true, _ change: (inout [UInt8]) -> Void
    ) -> Datagram {
        var copy = self
        var packet = Array(bytes[OverlayHeader.byteCount...])
        change(&packet)
        if isRepaired { Self.repair(&packet) }
        copy.bytes = Array(bytes[..<OverlayHeader.byteCount]) + packet
        return copy
    }

    private static func repair(_ packet: inout [UInt8]) {
        guard packet.count >= 20, packet[0] >> 4 == 4 else { return }
        let headerBytes = min(max(Int(packet[0] & 15) * 4, 20), packet.count)
        var span = packet.mutableRawSpan
        span.store(bigEndian: 0 as UInt16, at: 10)
        let sum = InternetChecksum.sum(span, from: 0, count: headerBytes)
        span.store(bigEndian: InternetChecksum.fold(sum), at: 10)
    }

    /// With IPv4 options, whose number of bytes is a multiple of 4.
    func withOptions(_ options: [UInt8]) -> Datagram {
        inner { packet in
            packet.insert(contentsOf: options, at: 20)
            packet[0] += UInt8(options.count / 4)
            packet[3] += UInt8(options.count)
        }
    }

    /// With IPv6 extension headers of 8 bytes before the transport header, which is `last`.
    func withExtensions(_ kinds: [UInt8], segmentsLeft: UInt8 = 0) -> Datagram {
        inner { packet in
            let last = packet[6]
            var headers: [UInt8] = []
            for index in kinds.indices {
                let next = index + 1 < kinds.count ? kinds[index + 1] : last
                headers += [next, 0, 0, segmentsLeft, 0, 0, 0, 0]
            }
            packet[6] = kinds[0]
            packet.insert(contentsOf: headers, at: 40)
            let length = Int(packet[4]) << 8 + Int(packet[5]) + headers.count
            packet[4] = UInt8(length >> 8)
            packet[5] = UInt8(length & 255)
        }
    }

    /// As an IPv4 fragment; `bytes` of data are left.
    func fragment(offset: Int, more: Bool, dataBytes: Int) -> Datagram {
        inner { packet in
            packet = Array(packet[..<20]) + [UInt8](repeating: 0x11, count: dataBytes)
            let total = packet.count
            packet[2] = UInt8(total >> 8)
            packet[3] = UInt8(total & 255)
            packet[6] = UInt8((offset / 8) >> 8) | (more ? 0x20 : 0)
            packet[7] = UInt8((offset / 8) & 255)
        }
    }
}
