// Which packets of a batch may overtake each other on their way out: those of different inner
// flows. A hint is read from the bytes, it decides nothing but the order of sending.

internal import Wire

/// 8 bits that all packets of one inner flow have in common. Different flows may share them, and
/// are then kept in order too. 0 for whatever is not an inner IP packet.
enum FlowHint {
    static func of(_ datagram: RawSpan) -> UInt8 {
        guard datagram.byteCount >= GeneveHeader.byteCount else { return 0 }
        // RFC 8926 §3.4: the low six bits count the options in words of four bytes.
        let options = Int(datagram.uint8(at: 0) & 0x3F) * 4
        let inner = GeneveHeader.byteCount + options
        guard datagram.byteCount >= inner + 40 else { return 0 }
        switch datagram.uint8(at: inner) >> 4 {
        case 4: return mixed(ipv4Key(datagram, inner))
        case 6: return mixed(ipv6Key(datagram, inner))
        default: return 0
        }
    }

    /// Addresses, and the ports where each packet of the flow has them at the same place. (The
    /// fragments of a datagram all go without.)
    private static func ipv4Key(_ datagram: RawSpan, _ inner: Int) -> UInt64 {
        let addresses = datagram.bigEndianUInt64(at: inner + 12)
        let isWhole = datagram.bigEndianUInt16(at: inner + 6) & 0x3FFF == 0
        let number = IPProtocol(rawValue: datagram.uint8(at: inner + 9))
        guard isWhole, datagram.uint8(at: inner) == 0x45, number == .tcp || number == .udp else {
            return addresses
        }
        return addresses ^ (UInt64(datagram.bigEndianUInt32(at: inner + 20)) &* 0x9E37_79B9)
    }

    private static func ipv6Key(_ datagram: RawSpan, _ inner: Int) -> UInt64 {
        var key: UInt64 = 0
        for offset in stride(from: inner + 8, to: inner + 40, by: 8) {
            key = (key &* 3) ^ datagram.bigEndianUInt64(at: offset)
        }
        return key
    }

    private static func mixed(_ key: UInt64) -> UInt8 {
        UInt8(((key ^ (key >> 32)) &* 0x9E37_79B9_7F4A_7C15) >> 56)
    }
}
