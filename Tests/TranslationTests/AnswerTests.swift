// What a node may answer, and how its ICMP errors are written.

import Testing
import Translation
import Wire

struct AnswerTests {
    private func udp(_ source: String, _ destination: String) throws -> PacketSummary {
        try #require(IPAddress(source)).isIPv4
            ? try ipv4(source, destination) : try ipv6(source, destination)
    }

    private func ipv4(_ source: String, _ destination: String) throws -> PacketSummary {
        let from = try #require(IPv4Address(source))
        let to = try #require(IPv4Address(destination))
        var bytes = [UInt8](repeating: 0, count: 28)
        var span = bytes.mutableRawSpan
        IPv4Header(ipProtocol: .udp, source: from, destination: to, payloadBytes: 8)
            .write(to: &span)
        span.store(bigEndian: 8 as UInt16, at: 24)
        return try PacketSummary.parse(bytes.rawSpan)
    }

    private func ipv6(_ source: String, _ destination: String) throws -> PacketSummary {
        let from = try #require(IPv6Address(source))
        let to = try #require(IPv6Address(destination))
        var bytes = [UInt8](repeating: 0, count: 48)
        var span = bytes.mutableRawSpan
        IPv6Header(nextHeader: .udp, source: from, destination: to, payloadBytes: 8)
            .write(to: &span)
        span.store(bigEndian: 8 as UInt16, at: 44)
        return try PacketSummary.parse(bytes.rawSpan)
    }

    // RFC 1812 §4.3.2.7, RFC 4443 §2.4 (e), RFC 4291 §2.7.
    @Test(arguments: [
        ("10.0.0.5", "198.51.100.1", true), ("10.0.0.5", "224.0.0.1", false),
        ("10.0.0.5", "255.255.255.255", false), ("224.0.0.1", "198.51.100.1", false),
        ("0.0.0.0", "198.51.100.1", false), ("127.0.0.1", "198.51.100.1", false),
        ("fd00::5", "2001:db8::1", true), ("fd00::5", "ff02::1", false),
        ("::", "2001:db8::1", false), ("ff02::1", "2001:db8::1", false),
    ])
    func `only a packet of one to one is answered`(
        source: String, destination: String, isAnswered: Bool
    ) throws {
        let summary = try udp(source, destination)
        for answer in [Answer.timeExceeded, .packetTooBig(mtu: 1400), .hostUnreachable] {
            #expect(Answer.mayAnswer(summary, with: answer) == isAnswered)
        }
        #expect(!Answer.mayAnswer(summary, with: .reset), "UDP knows no resets")
    }

    // RFC 1812 §4.3.2.7, RFC 4443 §2.4 (e), RFC 1122 §3.2.2.
    @Test(arguments: [
        (8, 0x4000, true), (3, 0x4000, false), (11, 0x4000, false), (5, 0x4000, false),
        (8, 0x2000, true), (8, 0x2001, false), (8, 0x0001, false),
    ])
    func `no error is answered, and no later fragment`(
        type: UInt8, fragment: UInt16, isAnswered: Bool
    ) throws {
        var bytes = [UInt8](repeating: 0, count: 28)
        var span = bytes.mutableRawSpan
        IPv4Header(
            ipProtocol: .icmp, source: IPv4Address(10, 0, 0, 5),
            destination: IPv4Address(198, 51, 100, 1), payloadBytes: 8
        ).write(to: &span)
        span.store(type, at: 20)
        span.store(bigEndian: fragment, at: 6)
        span.store(bigEndian: 0 as UInt16, at: 10)
        let sum = InternetChecksum.sum(span, from: 0, count: 20)
        span.store(bigEndian: InternetChecksum.fold(sum), at: 10)
        let summary = try PacketSummary.parse(bytes.rawSpan)
        #expect(Answer.mayAnswer(summary, with: .timeExceeded) == isAnswered)
    }

    // RFC 4443 §3.1, RFC 6888 §3 REQ-11 (b): the same thing in both families.
    @Test func `unreachable is code 1 for IPv4 and code 3 for IPv6`() throws {
        for (isIPv4, code) in [(true, 1), (false, 3)] as [(Bool, UInt8)] {
            let answer = try #require(ICMPAnswer(.hostUnreachable, isIPv4: isIPv4))
            var bytes = [UInt8](repeating: 0, count: answer.headerBytes + 40)
            var span = bytes.mutableRawSpan
            let ends: (IPAddress, IPAddress) =
                isIPv4
                ? (.v4(IPv4Address(203, 0, 113, 1)), .v4(IPv4Address(10, 0, 0, 5)))
                : (try #require(IPAddress("fd00::1")), try #require(IPAddress("fd00::5")))
            answer.write(to: &span, from: ends.0, to: ends.1)
            let summary = try PacketSummary.parse(bytes.rawSpan)
            #expect(
                summary.icmpType
                    == (isIPv4
                        ? ICMPType.destinationUnreachable : ICMPv6Type.destinationUnreachable))
            #expect(summary.icmpCode == code)
            #expect(ChecksumVerdict.verify(bytes.rawSpan, summary) == .valid)
        }
    }

    // RFC 1812 §4.3.2.3, RFC 4443 §2.4 (c).
    @Test(arguments: [(true, 576), (false, 1280)])
    func `an error carries as much of a packet as may be`(isIPv4: Bool, limit: Int) throws {
        let answer = try #require(ICMPAnswer(.timeExceeded, isIPv4: isIPv4))
        for count in [28, limit - answer.headerBytes, limit, 65535] {
            let whole = answer.headerBytes + answer.copiedBytes(of: count)
            #expect(whole == min(answer.headerBytes + count, limit))
        }
    }
}
