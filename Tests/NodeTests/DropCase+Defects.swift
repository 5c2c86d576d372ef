// Drops of packets that are malformed, by the name of each defect.

import Translation
import Wire

extension DropCase {
    private static let packet6 = InnerPacket.udp("[fd00:a::5]:4000", to: "[2001:db8::1]:53")

    /// The same datagram with an IPv6 packet inside.
    private static func ipv6(_ packet: InnerPacket = packet6) -> Datagram {
        let overlay = OverlayHeader(
            vni: World.acmeIPv6, innerIsIPv4: false, bucket: .init(0),
            eni: World.acmeInstance6.eni, resource: World.acmeBalancer6)
        return Datagram(World.host1, overlay, packet.bytes)
    }

    static let defects = overlayDefects + ipv4Defects + ipv6Defects + transportDefects

    // RFC 8926 §3.4 (version), §3.4 (control), §3.4 (protocol type), §3.5 (critical), (lengths).
    private static let overlayDefects = [
        DropCase(OverlayError.tooShort) { Datagram($0.machine, bytes: Array($0.bytes[..<43])) },
        DropCase(OverlayError.tooShort) { Datagram($0.machine, bytes: []) },
        DropCase(OverlayError.badVersion) { $0.damaged(0, 0x49) },
        DropCase(OverlayError.controlPacket) { $0.damaged(1, 0xC0) },
        DropCase(OverlayError.criticalBitMissing) { $0.damaged(1, 0) },
        DropCase(OverlayError.badProtocolType) { $0.damaged(2, 0x65) },
        DropCase(OverlayError.optionLengthMismatch) { datagram in
            // 32 bytes of options said, the third option cut; an inner version where it looks.
            var cut = datagram.damaged(0, 0x08)
            cut.bytes[40] = 0x45
            return cut
        },
        DropCase(OverlayError.steeringMissing) { datagram in
            // No options at all.
            var bare = datagram.damaged(0, 0)
            bare.bytes.removeSubrange(8..<44)
            return bare
        },
        DropCase(OverlayError.unknownMarks) { $0.damaged(14, 0x80) },
        DropCase(OverlayError.badOptionLength) { datagram in
            // A resource option of 8 bytes of data, then one of another class.
            var shorter = datagram.damaged(31, 2)
            shorter.bytes.replaceSubrange(40..<44, with: [0xFF, 0x48, 0x33, 0])
            return shorter
        },
        DropCase(OverlayError.unknownCriticalOption) { $0.damaged(30, 0x99) },
        DropCase(OverlayError.duplicateOption) { datagram in
            var twice = datagram.damaged(0, 0x0B)
            twice.bytes.insert(contentsOf: datagram.bytes[8..<16], at: 44)
            return twice
        },
        DropCase(OverlayError.originMissing) { datagram in
            var copy = datagram
            copy.bytes.insert(contentsOf: [0xFF, 0x48, 0x85, 2, 0, 1, 0, 2, 0, 0, 0, 0], at: 44)
            copy.bytes[0] += 3
            return copy
        },
        DropCase(OverlayError.innerVersionMismatch) { $0.damaged(44, 0x65) },
    ]

    private static let ipv4Defects = [
        DropCase(PacketError.tooShort) { datagram in
            Datagram(datagram.machine, bytes: Array(datagram.bytes[..<44]))
        },
        DropCase(PacketError.tooShort) { datagram in
            Datagram(datagram.machine, bytes: Array(datagram.bytes[..<63]))
        },
        DropCase(PacketError.badHeaderLength) { $0.inner { $0[0] = 0x44 } },
        DropCase(PacketError.badTotalLength) { $0.inner { $0[3] += 1 } },
        DropCase(PacketError.badIPChecksum) { $0.inner(repaired: false) { $0[10] ^= 1 } },
        // RFC 7126 §4.3, §4.4.
        DropCase(PacketError.badOptions) { $0.withOptions([68, 9, 0, 0]) },
        DropCase(PacketError.sourceRoute) { $0.withOptions([131, 3, 4, 0]) },
        // RFC 1858 §3, RFC 3128 §4, RFC 791 §3.2.
        DropCase(PacketError.badFragment) { $0.fragment(offset: 0, more: true, dataBytes: 0) },
        DropCase(PacketError.badFragment) { $0.fragment(offset: 8, more: true, dataBytes: 9) },
        DropCase(PacketError.badFragment) {
            $0.fragment(offset: 65528, more: false, dataBytes: 8)
        },
        DropCase(PacketError.tinyFragment) { datagram in
            datagram.inner { $0[9] = 6 }.fragment(offset: 0, more: true, dataBytes: 16)
        },
        DropCase(PacketError.tinyFragment) { datagram in
            datagram.inner { $0[9] = 6 }.fragment(offset: 8, more: true, dataBytes: 16)
        },
    ]

    private static let ipv6Defects = [
        DropCase(PacketError.badExtensionHeader) { _ in
            ipv6().withExtensions([60]).inner { $0[41] = 200 }
        },
        // RFC 8200 §4.4.
        DropCase(PacketError.sourceRoute) { _ in ipv6().withExtensions([43], segmentsLeft: 1) },
        DropCase(PacketError.tooManyExtensionHeaders) { _ in
            ipv6().withExtensions([UInt8](repeating: 60, count: 9))
        },
        DropCase(PacketError.mappedAddress) { _ in
            ipv6().inner { packet in
                packet.replaceSubrange(
                    8..<24, with: [UInt8](repeating: 0, count: 10) + [255, 255, 10, 0, 0, 5])
            }
        },
    ]

    private static let transportDefects = [
        DropCase(PacketError.badTransportHeader) { datagram in
            datagram.inner { packet in
                packet.removeLast(6)
                packet[3] = UInt8(packet.count)
            }
        },
        DropCase(PacketError.badTransportHeader) { _ in
            World().outbound(.tcp(client, to: server)).inner { $0[32] = 0x40 }
        },
        DropCase(PacketError.udpLengthMismatch) { $0.inner { $0[25] = 7 } },
        // RFC 8200 §8.1.
        DropCase(.udpChecksumMissing, of: nil) { _, _ in
            ipv6().inner { packet in
                packet[46] = 0
                packet[47] = 0
            }
        },
        DropCase(PacketError.udpLengthMismatch) { $0.inner { $0[25] += 1 } },
    ]
}
