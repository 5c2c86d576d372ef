// `errors`: ICMP errors about packets of flows, from their ends and from routers on the way (RFC
// 5508 §4), which must come out with outer and inner addresses translated, and end nothing.

import Wire

extension CaseSuite {
    public static let errors = CaseSuite(
        name: "errors",
        summary: "ICMP errors in both directions, from ends and routers; the flow lives on",
        cases: unreachables + others + embeddings + unknown)

    /// An error by `end` about what the other sent, on a flow that is open before and alive after.
    private static func error(
        _ name: String, _ transport: CaseTransport, by end: End, type: UInt8, code: UInt8,
        word: UInt32 = 0, router: Bool = false, _ embedding: Embedding = .whole, bytes: Int = 64
    ) -> TrafficCase {
        let packet = CaseStep.data(transport, from: end.other, bytes: bytes)
        let error = CasePacket.error(
            type: type, code: code, word: word, about: packet, by: router, embedding)
        // RFC 4787 §9 REQ-12, RFC 5382 §7.3 REQ-10: it never ends a flow.
        let after =
            transport == .tcp
            ? CaseStep.isAlive(
                .tcp, client: end == .server ? 1 + bytes : 1,
                server: end == .client ? 1 + bytes : 1)
            : CaseStep.isAlive(transport)
        return TrafficCase(
            name, transport,
            CaseStep.opening(transport) + [.passes(packet), .passes(error)] + after)
    }

    /// The codes of destination unreachable that matter: network, host, protocol, port,
    /// fragmentation needed, host unknown, prohibited (RFC 792, RFC 1122, RFC 1812).
    private static let unreachables: [TrafficCase] =
        [0, 1, 2, 3, 7, 9, 10, 13].map { (code: UInt8) in
            error(
                "unreachable, code \(code), by a router outside", .udp, by: .server,
                type: ICMPType.destinationUnreachable, code: code, router: true
            ).ofFamilies(with: code)
        }
        + [
            error(
                "port unreachable by the server", .udp, by: .server,
                type: ICMPType.destinationUnreachable, code: 3),
            error(
                "port unreachable by the client", .udp, by: .client,
                type: ICMPType.destinationUnreachable, code: 3),
            error(
                "host unreachable by a router inside", .udp, by: .client,
                type: ICMPType.destinationUnreachable, code: 1, router: true),
            error(
                "fragmentation needed by a router outside, TCP", .tcp, by: .server,
                type: ICMPType.destinationUnreachable, code: 4, word: 1400, router: true,
                bytes: 1200),
            error(
                "fragmentation needed by a router inside, TCP", .tcp, by: .client,
                type: ICMPType.destinationUnreachable, code: 4, word: 1300, router: true,
                bytes: 1200),
            error(
                "host unreachable by a router outside, TCP", .tcp, by: .server,
                type: ICMPType.destinationUnreachable, code: 1, router: true),
            error(
                "host unreachable by a router outside, echo", .icmp, by: .server,
                type: ICMPType.destinationUnreachable, code: 1, router: true),
        ]

    private static let others: [TrafficCase] = [
        error(
            "time exceeded by a router outside, UDP", .udp, by: .server,
            type: ICMPType.timeExceeded, code: 0, router: true),
        error(
            "time exceeded by a router outside, TCP", .tcp, by: .server,
            type: ICMPType.timeExceeded, code: 0, router: true),
        error(
            "time exceeded by a router outside, echo", .icmp, by: .server,
            type: ICMPType.timeExceeded, code: 0, router: true),
        error(
            "time exceeded by a router inside", .udp, by: .client,
            type: ICMPType.timeExceeded, code: 0, router: true),
        error(
            "reassembly time exceeded by the server", .udp, by: .server,
            type: ICMPType.timeExceeded, code: 1),
        error(
            "parameter problem by a router outside", .udp, by: .server,
            type: ICMPType.parameterProblem, code: 0, word: 1 << 24, router: true),
        error(
            "parameter problem by the client", .tcp, by: .client,
            type: ICMPType.parameterProblem, code: 0, word: 1 << 24),
    ]

    // RFC 5508 §4.1 REQ-3.
    private static let embeddings: [TrafficCase] = CaseTransport.allCases.flatMap { transport in
        [
            error(
                "28 bytes embedded, \(transport), inbound", transport, by: .server,
                type: ICMPType.destinationUnreachable, code: 1, router: true, .least),
            error(
                "28 bytes embedded, \(transport), outbound", transport, by: .client,
                type: ICMPType.destinationUnreachable, code: 1, router: true, .least),
            error(
                "IP options embedded, \(transport), inbound", transport, by: .server,
                type: ICMPType.timeExceeded, code: 0, router: true, .withOptions
            ).ofIPv4,
            error(
                "IP options embedded, \(transport), outbound", transport, by: .client,
                type: ICMPType.timeExceeded, code: 0, router: true, .withOptions
            ).ofIPv4,
            error(
                "RFC 4884 extensions, \(transport), inbound", transport, by: .server,
                type: ICMPType.timeExceeded, code: 0, router: true, .withExtensions, bytes: 200
            ).ofIPv4,
            error(
                "RFC 4884 extensions, \(transport), outbound", transport, by: .client,
                type: ICMPType.timeExceeded, code: 0, router: true, .withExtensions, bytes: 200
            ).ofIPv4,
        ]
    }

    // RFC 5508 §4.2.1 REQ-4 and REQ-5: without a mapping, silently dropped.
    private static let unknown: [TrafficCase] =
        [End.server, .client].flatMap { end in
            CaseTransport.allCases.map { transport in
                let packet = CaseStep.data(transport, from: end.other, bytes: 64)
                let error = CasePacket.error(
                    type: ICMPType.destinationUnreachable, code: 3, about: packet.ofAStranger,
                    by: true)
                return TrafficCase(
                    "about no flow, \(transport), from \(end == .client ? "inside" : "outside")",
                    transport,
                    CaseStep.opening(transport) + [.isDropped(error)] + CaseStep.isAlive(transport))
            }
        } + [
            defective("with a bad ICMP checksum is dropped", .whole) { $0[22] ^= 0x5A },
            defective("with a bad embedded IP header is dropped", .withBadHeader) { _ in }
                .ofIPv4,
            defective("about an ICMP error is dropped", .whole) { bytes in
                // The embedded packet says that it is an ICMP error itself.
                bytes[28 + 9] = IPProtocol.icmp.rawValue
                bytes[28 + 20] = ICMPType.timeExceeded
                bytes.put(UInt16(0), at: 28 + 10)
                let header = Array(bytes[28..<48])
                bytes.put(InternetChecksum.checksum(header.rawSpan), at: 28 + 10)
                IPv4Bytes.sealTransport(&bytes)
            },
        ]

    /// An error of a router outside about a UDP flow, with something wrong in it.
    private static func defective(
        _ name: String, _ embedding: Embedding,
        _ change: @escaping @Sendable (inout [UInt8]) -> Void
    ) -> TrafficCase {
        let error = CasePacket.error(
            type: ICMPType.destinationUnreachable, code: 1, about: .udp(.client), by: true,
            embedding)
        return TrafficCase(
            name, .udp,
            CaseStep.opening(.udp) + [.isDropped(error.changed(change))] + CaseStep.isAlive(.udp))
    }
}

extension TrafficCase {
    /// IPv6 has no code of its own for some.
    fileprivate func ofFamilies(with code: UInt8) -> TrafficCase {
        [0, 1, 3, 13].contains(code) ? self : ofIPv4
    }
}
