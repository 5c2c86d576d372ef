// Whether a packet that came is the one that should have.

import Wire

enum PacketDifference {
    /// In what the packet differs from the expected one, in words; nil if in nothing that matters.
    ///
    /// Every byte counts, but for the time to live, which must have been lowered; and the
    /// identification, which a gateway may have to change (RFC 6864).
    static func find(_ packet: [UInt8], expected: [UInt8]) -> String? {
        guard packet.count >= 20 else { return "it has only \(packet.count) bytes" }
        guard packet.count == expected.count else {
            return "it has \(packet.count) bytes, not \(expected.count)"
        }
        guard packet[8] < expected[8], packet[8] > 0 else {
            return "its time to live is \(packet[8]), sent with \(expected[8])"
        }
        var masked = packet
        masked[8] = expected[8]
        masked.put(expected.uint16(at: 4), at: 4)
        guard IPv4Bytes.headerBytes(packet) == IPv4Bytes.headerBytes(expected) else {
            return "its header has \(IPv4Bytes.headerBytes(packet)) bytes"
        }
        let headerIsRight = headerSumIsZero(packet)
        guard headerIsRight else { return "its IP checksum is wrong" }
        masked.put(expected.uint16(at: 10), at: 10)
        guard let offset = masked.indices.first(where: { masked[$0] != expected[$0] }) else {
            return nil
        }
        return "\(place(offset, expected)) is \(hex(masked, offset)), not \(hex(expected, offset))"
    }

    private static func headerSumIsZero(_ packet: [UInt8]) -> Bool {
        let header = Array(packet.prefix(IPv4Bytes.headerBytes(packet)))
        return InternetChecksum.checksum(header.rawSpan) == 0
    }

    private static func hex(_ bytes: [UInt8], _ offset: Int) -> String {
        bytes[offset...].prefix(4).map {
            String($0 >> 4, radix: 16) + String($0 & 15, radix: 16)
        }.joined()
    }

    /// What stands at an offset.
    private static func place(_ offset: Int, _ packet: [UInt8]) -> String {
        let start = IPv4Bytes.headerBytes(packet)
        let ipProtocol = IPProtocol(rawValue: packet[9])
        switch offset {
        case 12..<16: return "the source address"
        case 16..<20: return "the destination address"
        case start..<start + 4 where ipProtocol != .icmp: return "a port"
        default: break
        }
        if let checksum = IPv4Bytes.checksumOffset(ipProtocol),
            (start + checksum..<start + checksum + 2).contains(offset)
        {
            return "the transport checksum"
        }
        if ipProtocol == .icmp, offset >= start + 8 {
            return "byte \(offset - start - 8) of the ICMP data"
        }
        return offset < start ? "byte \(offset) of the header" : "byte \(offset - start) after it"
    }
}

extension [UInt8] {
    /// What a packet is, for messages.
    var summary: String {
        guard count >= 20, self[0] >> 4 == 4 else { return "\(count) bytes that are no IPv4" }
        let start = IPv4Bytes.headerBytes(self)
        let way = "\(address(at: 12)) > \(address(at: 16))"
        if isFragment { return "fragment at \((uint16(at: 6) & 0x1FFF) * 8) \(way)" }
        guard count >= start + 8 else { return "protocol \(self[9]) \(way)" }
        switch IPProtocol(rawValue: self[9]) {
        case .icmp: return "ICMP \(self[start])/\(self[start + 1]) \(way)"
        case .udp: return "UDP \(way) port \(uint16(at: start + 2))"
        case .tcp where count >= start + 20:
            return "TCP flags \(String(self[start + 13], radix: 16)) \(way)"
        default: return "protocol \(self[9]) \(way)"
        }
    }
}
