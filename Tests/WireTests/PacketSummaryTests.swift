// The negative space of the summary: what is cut off, damaged or hostile, beyond the defects that
// the reference packets name.

import Testing
import Wire

struct PacketSummaryTests {
    static let whole = ReferencePacket.all.filter {
        !$0.notes("summary").isEmpty && $0.notes("summary")[0].text("at") == "0"
    }

    @Test(arguments: whole)
    func `a packet cut off anywhere is refused`(_ packet: ReferencePacket) throws {
        let total = try PacketSummary.parse(packet.bytes.rawSpan).totalBytes
        for count in 0..<total {
            #expect(throws: PacketError.self, "\(count) bytes") {
                try PacketSummary.parse(Array(packet.bytes[..<count]).rawSpan)
            }
        }
    }

    @Test(arguments: whole)
    func `padding behind a packet makes no difference`(_ packet: ReferencePacket) throws {
        let padded = packet.bytes + [UInt8](repeating: 0xEE, count: 46)
        let summary = try PacketSummary.parse(padded.rawSpan)
        #expect(summary == (try PacketSummary.parse(packet.bytes.rawSpan)))
        #expect(
            ChecksumVerdict.verify(padded.rawSpan, summary)
                == ChecksumVerdict.verify(packet.bytes.rawSpan, summary))
    }

    @Test(arguments: whole)
    func `no damaged byte goes unseen where the checksums hold`(_ packet: ReferencePacket) throws {
        let bytes = packet.bytes
        let summary = try PacketSummary.parse(bytes.rawSpan)
        guard ChecksumVerdict.verify(bytes.rawSpan, summary) == .valid else { return }
        for index in 0..<summary.totalBytes where isCovered(index, summary) {
            var damaged = bytes
            damaged[index] ^= 0x10
            guard let seen = try? PacketSummary.parse(damaged.rawSpan) else { continue }
            let verdict = ChecksumVerdict.verify(damaged.rawSpan, seen)
            #expect(verdict != .valid, "byte \(index)")
        }
    }

    /// IPv4's header, IPv6's addresses, and the transport, of UDP as far as its length goes.
    private func isCovered(_ index: Int, _ summary: PacketSummary) -> Bool {
        if index >= summary.transportOffset {
            return index < summary.payloadOffset + summary.payloadBytes
        }
        return summary.isIPv4 || (8..<40).contains(index)
    }

    @Test func `version nibbles other than 4 and 6 are refused`() {
        for nibble in UInt8(0)..<16 where nibble != 4 && nibble != 6 {
            let bytes = [nibble << 4 | 5] + [UInt8](repeating: 0, count: 59)
            #expect(error(bytes) == .badVersion)
        }
        #expect(error([]) == .tooShort)
        #expect(error([0x45]) == .tooShort)
        #expect(error([0x60]) == .tooShort)
    }

    @Test func `impossible IPv4 lengths are refused`() {
        #expect(error(ipv4 { $0.store(0x44 as UInt8, at: 0) }) == .badHeaderLength)
        #expect(error(ipv4 { $0.store(0x4F as UInt8, at: 0) }) == .badTotalLength)
        #expect(error(ipv4 { $0.store(bigEndian: 19 as UInt16, at: 2) }) == .badTotalLength)
        #expect(error(ipv4 { $0.store(bigEndian: 30 as UInt16, at: 2) }) == .badTotalLength)
    }

    @Test func `more extension headers than the limit are refused`() {
        for count in 7...10 {
            let expected: PacketError? =
                count > IPv6ExtensionHeaders.limit
                ? .tooManyExtensionHeaders : nil
            #expect(error(destinationOptions(count)) == expected, "\(count) headers")
        }
    }

    // RFC 4291 §2.5.5.2: such a packet would share its key with an IPv4 flow.
    @Test func `an IPv4-mapped inner address is refused, and its neighbours are not`() {
        let mapped = IPv6Address(mapping: IPv4Address(10, 0, 0, 1))
        let other = IPv6Address(high: 0x2001_0db8_0000_0000, low: 1)
        #expect(error(ipv6(mapped, other)) == .mappedAddress)
        #expect(error(ipv6(other, mapped)) == .mappedAddress)
        for low in [0x0000_FFFE_0A00_0001, 0x0001_0000_0A00_0001, 0x0A00_0001] as [UInt64] {
            #expect(error(ipv6(IPv6Address(high: 0, low: low), other)) == nil)
        }
    }

    // RFC 6946: no other fragment belongs to it.
    @Test func `an atomic fragment is classified by its transport`() throws {
        let packet = try #require(
            ReferencePacket.all.first { $0.name == "an atomic fragment is a whole packet" })
        let summary = try PacketSummary.parse(packet.bytes.rawSpan)
        #expect(summary.kind == .udp)
        #expect(!summary.isFirstFragment)
    }

    private func error(_ bytes: [UInt8]) -> PacketError? {
        do throws(PacketError) {
            _ = try PacketSummary.parse(bytes.rawSpan)
            return nil
        } catch { return error }
    }

    /// A UDP datagram of 28 bytes, changed by `body` after its checksum was made.
    private func ipv4(_ body: (inout MutableRawSpan) -> Void) -> [UInt8] {
        written(28) { bytes in
            IPv4Header(
                ipProtocol: .udp, source: IPv4Address(10, 0, 0, 1),
                destination: IPv4Address(10, 0, 0, 2), payloadBytes: 8
            ).write(to: &bytes)
            bytes.store(bigEndian: 8 as UInt16, at: 24)
            body(&bytes)
        }
    }

    private func ipv6(_ source: IPv6Address, _ destination: IPv6Address) -> [UInt8] {
        let header = IPv6Header(
            nextHeader: IPProtocol(rawValue: 59), source: source, destination: destination,
            payloadBytes: 0)
        return written(40) { header.write(to: &$0) }
    }

    private func destinationOptions(_ count: Int) -> [UInt8] {
        let header = IPv6Header(
            nextHeader: IPProtocol(rawValue: 60), source: IPv6Address(high: 1, low: 1),
            destination: IPv6Address(high: 2, low: 2), payloadBytes: count * 8)
        let options = (1...count).flatMap { index -> [UInt8] in
            [index == count ? 59 : 60, 0, 1, 4, 0, 0, 0, 0]
        }
        return written(40) { header.write(to: &$0) } + options
    }
}
