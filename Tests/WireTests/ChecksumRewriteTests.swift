// Rewrites of whole packets as a translator does them, with checksums by difference: the verdict
// on the result is the one that the packet came with.

import Testing
import Wire

struct ChecksumRewriteTests {
    /// Rewrites source address and port, with checksums by difference.
    private func rewrite(_ bytes: inout [UInt8], to address: IPAddress, port: Port) throws {
        let summary = try PacketSummary.parse(bytes.rawSpan)
        var addressChange = ChecksumAdjustment()
        addressChange.replace(summary.tuple.source, with: address)
        var change = addressChange
        change.replace(summary.tuple.sourcePort.rawValue, with: port.rawValue)
        let checksumOffset = try #require(TransportChecksum.offset(summary.tuple))
        let start = summary.transportOffset
        var span = bytes.mutableRawSpan
        switch address {
        case .v4(let address):
            span.store(address, at: 12)
            span.store(
                bigEndian: addressChange.applied(to: span.bigEndianUInt16(at: 10)), at: 10)
        case .v6(let address):
            span.store(address, at: 8)
        }
        span.store(bigEndian: port.rawValue, at: start)
        let old = span.bigEndianUInt16(at: start + checksumOffset)
        span.store(
            bigEndian: summary.kind == .udp ? change.appliedToUDP(old) : change.applied(to: old),
            at: start + checksumOffset)
    }

    // RFC 3022 §4.1, §4.2; a damaged packet is not repaired on its way.
    @Test(arguments: PacketSummaryTests.whole)
    func `a rewritten packet has the verdict that it came with`(_ packet: ReferencePacket) throws {
        let before = try PacketSummary.parse(packet.bytes.rawSpan)
        guard before.kind == .udp || before.kind == .tcp else { return }
        let verdict = ChecksumVerdict.verify(packet.bytes.rawSpan, before)
        var numbers = SeededNumbers(seed: 5)
        for _ in 0..<2000 {
            var bytes = packet.bytes
            let address: IPAddress =
                before.isIPv4
                ? .v4(IPv4Address(rawValue: UInt32(truncatingIfNeeded: numbers.next())))
                : .v6(IPv6Address(high: numbers.next() | 1, low: numbers.next()))
            let port = Port(UInt16(truncatingIfNeeded: numbers.next()))
            try rewrite(&bytes, to: address, port: port)
            let after = try PacketSummary.parse(bytes.rawSpan)
            #expect(after.tuple.source == address && after.tuple.sourcePort == port)
            #expect(ChecksumVerdict.verify(bytes.rawSpan, after) == verdict)
            #expect(
                after.kind != .udp || verdict == .absent || verdict == .missing
                    || bytes.rawSpan.bigEndianUInt16(at: after.transportOffset + 6) != 0)
        }
    }
}
