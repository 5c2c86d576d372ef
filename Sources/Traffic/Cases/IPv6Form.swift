// Cases over IPv6. Each packet is described once, as IPv4; on the wire of an IPv6 VPC it takes the
// form that RFC 7915 gives to it, and what comes out is read back. So a case's script, and what it
// is compared with, are the same for both families. Checksums are carried by their difference: one
// that was wrong stays wrong.

import Wire

/// Writes IPv4 packets as IPv6 ones of a VPC, and reads them back.
///
/// An address 10.x.y.z stands for the VPC's address with the offset x.y.z. The flow label carries
/// identification and DF, which IPv6 has no place for, and which no one on the way may change.
struct IPv6Form: Sendable {
    let base: IPv6Address
    private static let first: UInt32 = 0x0A00_0000
    private static let span: UInt64 = 1 << 24

    /// The IPv4 name of an address; nil for one that is far from the VPC's first.
    func name(_ address: IPv6Address) -> IPv4Address? {
        guard address.high == base.high, address.low &- base.low < Self.span else { return nil }
        return IPv4Address(
            rawValue: Self.first | UInt32(truncatingIfNeeded: address.low &- base.low))
    }

    func address(_ name: IPv4Address) -> IPv6Address {
        IPv6Address(high: base.high, low: base.low &+ UInt64(name.rawValue & 0x00FF_FFFF))
    }

    /// The IPv6 form of a packet or fragment, or of as much of one as an ICMP error carries.
    func widened(_ packet: [UInt8]) -> [UInt8] {
        guard packet.count >= 20 else { return packet }
        let start = min(IPv4Bytes.headerBytes(packet), packet.count)
        let source = address(packet.address(at: 12))
        let destination = address(packet.address(at: 16))
        var payload = Array(packet[start...])
        if packet.fragmentOffset == 0 { widen(&payload, packet) }
        var extensionHeader: [UInt8] = []
        let next = packet[9] == IPProtocol.icmp.rawValue ? IPProtocol.icmpv6.rawValue : packet[9]
        if packet.isFragment {
            extensionHeader = [next, 0, 0, 0, 0, 0, 0, 0]
            let word = packet.uint16(at: 6)
            extensionHeader.put(word << 3 | (word & 0x2000 != 0 ? 1 : 0), at: 2)
            extensionHeader.put(UInt32(packet.uint16(at: 4)), at: 4)
        }
        var bytes = [UInt8](repeating: 0, count: 40)
        let label = UInt32(packet.uint16(at: 4)) | (packet[6] & 0x40 != 0 ? 1 << 16 : 0)
        bytes.put(0x6000_0000 | UInt32(packet[1]) << 20 | label, at: 0)
        // What the header states, and what the form adds: a part of a packet states the whole.
        let grown = payload.count - (packet.count - start) + extensionHeader.count
        let stated = Int(packet.uint16(at: 2)) - start + grown
        bytes.put(UInt16(truncatingIfNeeded: max(0, stated)), at: 4)
        bytes[6] = packet.isFragment ? IPProtocol.ipv6Fragment : next
        bytes[7] = packet[8]
        bytes.put(source, at: 8)
        bytes.put(destination, at: 24)
        return bytes + extensionHeader + payload
    }

    /// The IPv4 form of an IPv6 packet; nil if it has none.
    func narrowed(_ packet: [UInt8]) -> [UInt8]? {
        guard packet.count >= 40, packet[0] >> 4 == 6, let source = name(packet.address6(at: 8)),
            let destination = name(packet.address6(at: 24))
        else { return nil }
        var next = packet[6]
        var start = 40
        var identification = packet.uint16(at: 2)
        var flags: UInt16 = packet[1] & 1 != 0 ? 0x4000 : 0
        if next == IPProtocol.ipv6Fragment {
            guard packet.count >= 48 else { return nil }
            next = packet[40]
            start = 48
            let word = packet.uint16(at: 42)
            flags = word >> 3 | (word & 1 != 0 ? 0x2000 : 0)
            identification = packet.uint16(at: 46)
        }
        var payload = Array(packet[start...])
        let isICMP = next == IPProtocol.icmpv6.rawValue
        if flags & 0x1FFF == 0 { guard narrow(&payload, packet, next) else { return nil } }
        var bytes = [UInt8](repeating: 0, count: 20)
        bytes[0] = 0x45
        bytes[1] = UInt8(truncatingIfNeeded: packet.uint16(at: 0) >> 4)
        let grown = payload.count - (packet.count - start) - (start - 40)
        bytes.put(UInt16(truncatingIfNeeded: max(0, Int(packet.uint16(at: 4)) + grown + 20)), at: 2)
        bytes.put(identification, at: 4)
        bytes.put(flags, at: 6)
        bytes[8] = packet[7]
        bytes[9] = isICMP ? IPProtocol.icmp.rawValue : next
        bytes.put(source, at: 12)
        bytes.put(destination, at: 16)
        IPv4Bytes.sealHeader(&bytes)
        return bytes + payload
    }
}

// MARK: What an IP header is followed by

extension IPv6Form {
    private func widen(_ payload: inout [UInt8], _ packet: [UInt8]) {
        let old = packet.addressSum(12..<20)
        let new = addressSum(packet.address(at: 12)) + addressSum(packet.address(at: 16))
        guard packet[9] == IPProtocol.icmp.rawValue else {
            return payload.adjust(IPProtocol(rawValue: packet[9]), from: old, to: new)
        }
        guard payload.count >= 8 else { return }
        let wasRight = IPv4Bytes.checksumsAreRight(packet)
        if let (type, code) = ICMPForm.widened(payload[0], payload[1]) {
            if type == ICMPv6Type.packetTooBig {
                payload.put(UInt32(payload.uint16(at: 6)) + 20, at: 4)
            }
            payload[0] = type
            payload[1] = code
            payload = Array(payload[..<8]) + widened(Array(payload[8...]))
        }
        sealICMPv6(
            &payload, address(packet.address(at: 12)), address(packet.address(at: 16)),
            rightly: wasRight)
    }

    /// False if it has no IPv4 form.
    private func narrow(_ payload: inout [UInt8], _ packet: [UInt8], _ next: UInt8) -> Bool {
        guard next == IPProtocol.icmpv6.rawValue else {
            let names = (name(packet.address6(at: 8)), name(packet.address6(at: 24)))
            guard let source = names.0, let destination = names.1 else { return false }
            var header: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0]
            header.put(source, at: 0)
            header.put(destination, at: 4)
            payload.adjust(
                IPProtocol(rawValue: next), from: packet.addressSum(8..<40),
                to: header.addressSum(0..<8))
            return true
        }
        guard payload.count >= 8 else { return false }
        let isRight = icmpv6Sum(payload, packet.address6(at: 8), packet.address6(at: 24)) == 0
        if let (type, code) = ICMPForm.narrowed(payload[0], payload[1]) {
            if payload[0] == ICMPv6Type.packetTooBig {
                payload.put(payload.uint32(at: 4) &- 20, at: 4)
            }
            payload[0] = type
            payload[1] = code
            guard let embedded = narrowed(Array(payload[8...])) else { return false }
            payload = Array(payload[..<8]) + embedded
        }
        payload.put(UInt16(0), at: 2)
        let sum = InternetChecksum.checksum(payload.rawSpan)
        payload.put(isRight ? sum : sum ^ 0x5A5A, at: 2)
        return true
    }

    private func sealICMPv6(
        _ payload: inout [UInt8], _ source: IPv6Address, _ destination: IPv6Address,
        rightly: Bool
    ) {
        payload.put(UInt16(0), at: 2)
        let sum = icmpv6Sum(payload, source, destination)
        payload.put(rightly ? sum : sum ^ 0x5A5A, at: 2)
    }

    private func icmpv6Sum(
        _ payload: [UInt8], _ source: IPv6Address, _ destination: IPv6Address
    ) -> UInt16 {
        InternetChecksum.checksum(
            payload.rawSpan,
            initial: InternetChecksum.pseudoHeader(
                source: .v6(source), destination: .v6(destination), ipProtocol: .icmpv6,
                length: payload.count))
    }

    private func addressSum(_ name: IPv4Address) -> UInt32 {
        var bytes = [UInt8](repeating: 0, count: 16)
        bytes.put(address(name), at: 0)
        return bytes.addressSum(0..<16)
    }
}

/// Types and codes of ICMP errors in both families, one to one (after RFC 7915 §4.2 and §5.2, which
/// map several codes to one).
enum ICMPForm {
    private static let unreachable: [(v4: UInt8, v6: UInt8)] = [
        (0, 0), (1, 3), (2, 2), (3, 4), (13, 1),
    ]

    static func widened(_ type: UInt8, _ code: UInt8) -> (type: UInt8, code: UInt8)? {
        switch type {
        case ICMPType.destinationUnreachable where code == 4: (ICMPv6Type.packetTooBig, 0)
        case ICMPType.destinationUnreachable:
            (
                ICMPv6Type.destinationUnreachable,
                unreachable.first { $0.v4 == code }?.v6 ?? code
            )
        case ICMPType.timeExceeded: (ICMPv6Type.timeExceeded, code)
        case ICMPType.parameterProblem: (ICMPv6Type.parameterProblem, code)
        default: nil
        }
    }

    static func narrowed(_ type: UInt8, _ code: UInt8) -> (type: UInt8, code: UInt8)? {
        switch type {
        case ICMPv6Type.packetTooBig: (ICMPType.destinationUnreachable, 4)
        case ICMPv6Type.destinationUnreachable:
            (
                ICMPType.destinationUnreachable,
                unreachable.first { $0.v6 == code }?.v4 ?? code
            )
        case ICMPv6Type.timeExceeded: (ICMPType.timeExceeded, code)
        case ICMPv6Type.parameterProblem: (ICMPType.parameterProblem, code)
        default: nil
        }
    }
}

extension IPProtocol {
    /// The fragment header (RFC 8200 §4.5).
    fileprivate static let ipv6Fragment: UInt8 = 44
}

extension [UInt8] {
    fileprivate var fragmentOffset: Int { count >= 8 ? Int(uint16(at: 6) & 0x1FFF) : 0 }

    fileprivate mutating func put(_ address: IPv6Address, at offset: Int) {
        for index in 0..<8 {
            self[offset + index] = UInt8(truncatingIfNeeded: address.high >> UInt64(56 - 8 * index))
            self[offset + 8 + index] = UInt8(
                truncatingIfNeeded: address.low >> UInt64(56 - 8 * index))
        }
    }

    fileprivate func address6(at offset: Int) -> IPv6Address {
        func word(_ place: Int) -> UInt64 {
            UInt64(uint32(at: place)) << 32 | UInt64(uint32(at: place + 4))
        }
        return IPv6Address(high: word(offset), low: word(offset + 8))
    }

    /// Of the words of addresses.
    fileprivate func addressSum(_ range: Range<Int>) -> UInt32 {
        stride(from: range.lowerBound, to: range.upperBound, by: 2)
            .reduce(0) { $0 + UInt32(uint16(at: $1)) }
    }

    /// Carries a transport's checksum over to other addresses, by their difference (RFC 1624).
    fileprivate mutating func adjust(_ ipProtocol: IPProtocol, from old: UInt32, to new: UInt32) {
        guard let offset = IPv4Bytes.checksumOffset(ipProtocol), count >= offset + 2 else { return }
        func folded(_ sum: UInt32) -> UInt32 {
            var sum = sum
            while sum > 0xFFFF { sum = sum >> 16 + sum & 0xFFFF }
            return sum
        }
        let present = UInt32(~uint16(at: offset))
        let sum = folded(present + (0xFFFF - folded(old)) + folded(new))
        put(~UInt16(sum), at: offset)
    }
}
