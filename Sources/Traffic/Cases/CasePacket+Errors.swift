// ICMP errors (RFC 792): sent by the end that a packet was for, or by a router on its way, and
// carrying as much of the packet as the case says.

import Wire

/// How an error carries the packet that it is about.
enum Embedding: Sendable {
    /// The whole packet.
    case whole
    /// IP header and eight bytes: the least that RFC 792 asks for.
    case least
    /// With IP options between header and transport.
    case withOptions
    /// 128 bytes and then an extension structure (RFC 4884 §3): an MPLS label.
    case withExtensions
    /// With a wrong checksum in its IP header.
    case withBadHeader
}

extension CasePacket {
    /// An error about `packet`, which the other end sent.
    static func error(
        type: UInt8, code: UInt8, word: UInt32 = 0, about packet: CasePacket,
        by router: Bool = false, _ embedding: Embedding = .whole
    ) -> CasePacket {
        let from = packet.from.other
        var error = CasePacket(from: from) { view in
            let embedded = embed(packet.bytes(view), embedding)
            var payload = [UInt8](repeating: 0, count: 8) + embedded
            payload[0] = type
            payload[1] = code
            payload.put(word, at: 4)
            // RFC 4884 §4.1: the length of the original datagram in 32-bit words.
            if embedding == .withExtensions { payload[5] = 32 }
            var bytes = IPv4Bytes.packet(
                .icmp, from: router ? view.router(of: from) : view.address(of: from),
                to: view.address(of: from.other), payload)
            IPv4Bytes.sealTransport(&bytes)
            return bytes
        }
        error.isStranger = packet.isStranger
        return error
    }

    private static func embed(_ packet: [UInt8], _ embedding: Embedding) -> [UInt8] {
        switch embedding {
        case .whole: return packet
        case .least: return Array(packet.prefix(28))
        case .withOptions:
            var bytes = packet
            // A record-route option of 7 bytes, padded to 8.
            bytes.insert(contentsOf: [7, 7, 4, 0, 0, 0, 0, 0], at: 20)
            bytes[0] = 0x47
            bytes.put(UInt16(bytes.count), at: 2)
            IPv4Bytes.sealHeader(&bytes)
            return bytes
        case .withExtensions:
            // Version 2; an object of class 1, type 1 with one label. RFC 4884 §7, RFC 4950 §3.
            var structure: [UInt8] = [0x20, 0, 0, 0, 0, 8, 1, 1, 0, 0x3E, 0x81, 0x40]
            structure.put(InternetChecksum.checksum(structure.rawSpan), at: 2)
            let original = packet.prefix(128)
            return original + [UInt8](repeating: 0, count: 128 - original.count) + structure
        case .withBadHeader:
            var bytes = packet
            bytes[10] ^= 0x55
            return bytes
        }
    }
}
