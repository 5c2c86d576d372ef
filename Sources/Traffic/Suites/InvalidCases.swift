// `invalid`: what must never come out on the other side, from inside and from outside. Where Linux
// lets some of these out untranslated, this system must not.

import Wire

extension CaseSuite {
    public static let invalid = CaseSuite(
        name: "invalid", summary: "packets that must not come out on the other side",
        cases: damaged + malformed + malformedHeaders + withoutFlow + duringConnection + fromOutside
    )

    /// The first packet of a flow made wrong from inside, and a good one of the same flow after.
    private static func malformedOpening(
        _ name: String, _ transport: CaseTransport,
        _ change: @escaping @Sendable (inout [UInt8]) -> Void
    ) -> [TrafficCase] {
        let first = CaseStep.first(transport)
        let answer = CaseStep.opening(transport)[1]
        return [
            TrafficCase(
                "\(name), from inside", transport,
                [.isDropped(first.changed(change)), .passes(first)]),
            // From outside on a flow that lives.
            TrafficCase(
                "\(name), from outside", transport,
                [.passes(first), .isDropped(answer.packets[0].changed(change)), answer]),
        ]
    }

    private static func reseal(
        _ change: @escaping @Sendable (inout [UInt8]) -> Void
    ) -> @Sendable (inout [UInt8]) -> Void {
        { bytes in
            change(&bytes)
            IPv4Bytes.sealTransport(&bytes)
            IPv4Bytes.sealHeader(&bytes)
        }
    }

    private static let malformed: [TrafficCase] = [
        malformedOpening("bad SYN checksum", .tcp) { $0[36] ^= 0x40 },
        malformedOpening("UDP length below 8", .udp, reseal { $0.put(UInt16(7), at: 24) }),
        malformedOpening(
            "UDP length beyond the packet", .udp,
            reseal { $0.put(UInt16($0.count - 20 + 1), at: 24) }),
        malformedOpening("time to live 1", .udp, reseal { $0[8] = 1 }),
        malformedOpening("time to live 0", .udp, reseal { $0[8] = 0 }),
        malformedOpening("TCP header below 20 bytes", .tcp, reseal { $0[32] = 0x40 }),
        malformedOpening("TCP header beyond the packet", .tcp, reseal { $0[32] = 0xF0 }),
        malformedOpening("TCP without flags (NULL)", .tcp, reseal { $0[33] = 0 }),
        malformedOpening("TCP with SYN and FIN", .tcp, flags([.syn, .fin])),
        malformedOpening("TCP with SYN and RST", .tcp, flags([.syn, .rst])),
        malformedOpening("TCP with FIN, PSH and URG (Xmas)", .tcp, flags([.fin, .psh, .urg])),
        malformedOpening("TCP with every flag", .tcp, reseal { $0[33] = 0xFF }),
    ].flatMap { $0 }

    private static let malformedHeaders: [TrafficCase] = [
        malformedOpening("bad IP checksum", .udp) { $0[10] ^= 0x40 },
        malformedOpening("total length beyond the datagram", .udp) { bytes in
            bytes.put(UInt16(bytes.count + 4), at: 2)
            IPv4Bytes.sealHeader(&bytes)
        },
        malformedOpening("total length below the header", .udp) { bytes in
            bytes.put(UInt16(19), at: 2)
            IPv4Bytes.sealHeader(&bytes)
        },
        malformedOpening("IP header below 20 bytes", .udp) { $0[0] = 0x44 },
        malformedOpening("IP version 5", .udp) { $0[0] = 0x55 },
    ].flatMap { $0 }.map(\.ofIPv4)

    private static func flags(_ flags: TCPFlags) -> @Sendable (inout [UInt8]) -> Void {
        reseal { $0[33] = flags.rawValue }
    }

    /// From inside, where no flow is.
    private static let withoutFlow: [TrafficCase] = [
        TrafficCase("RST without a connection", .tcp, [.isDropped(.tcp(.client, .rst, 1))]),
        TrafficCase(
            "SYN-ACK without a connection", .tcp,
            [.isDropped(.tcp(.client, [.syn, .ack], 0, ack: 1))]),
        TrafficCase(
            "ACK without a connection", .tcp, [.isDropped(.tcp(.client, .ack, 1, ack: 1))]),
        TrafficCase(
            "data without a connection", .tcp,
            [.isDropped(.tcp(.client, [.psh, .ack], 1, ack: 1, bytes: 100))]),
        TrafficCase(
            "FIN without a connection", .tcp,
            [.isDropped(.tcp(.client, [.fin, .ack], 1, ack: 1))]),
        TrafficCase(
            "echo reply without a request, from inside", .icmp,
            [.isDropped(.icmpQuery(.client, type: ICMPType.echoReply))]),
        TrafficCase(
            "source outside of the VPC", .udp,
            [.isDropped(CasePacket.udp(.client).with { $0.put(IPv4Address(10, 99, 0, 7), at: 12) })]
        ).ofIPv4,
        TrafficCase("ICMP redirect", .icmp, [.isDropped(.icmpQuery(.client, type: 5))]),
        TrafficCase("ICMP source quench", .icmp, [.isDropped(.icmpQuery(.client, type: 4))]),
        TrafficCase(
            "a protocol that isn't translated", .udp,
            [.isDropped(CasePacket.udp(.client).with { $0[9] = 47 })]),
    ]

    /// In a connection that goes on afterwards.
    private static let duringConnection: [TrafficCase] = [End.client, .server].flatMap { end in
        let side = end == .client ? "from inside" : "from outside"
        func connection(_ name: String, _ packet: CasePacket) -> TrafficCase {
            TrafficCase(
                "\(name), \(side)", .tcp,
                CaseStep.handshake + [.isDropped(packet)] + CaseStep.isAlive(.tcp))
        }
        return [
            connection(
                "data far beyond the window",
                .tcp(end, [.psh, .ack], 1_000_000_000, ack: 1, bytes: 100)),
            connection(
                "data far before the window",
                .tcp(end, [.psh, .ack], -1_000_000_000, ack: 1, bytes: 100)),
            connection(
                "acknowledgment of what was never sent",
                .tcp(end, [.psh, .ack], 1, ack: 1_000_000_000, bytes: 100)),
            connection("data without ACK", .tcp(end, .psh, 1, bytes: 100)),
            connection("NULL in a connection", .tcp(end, [], 1, bytes: 100)),
            connection("SYN and FIN in a connection", .tcp(end, [.syn, .fin], 1)),
            connection("SYN and RST in a connection", .tcp(end, [.syn, .rst], 1)),
            connection("FIN without ACK", .tcp(end, .fin, 1)),
            connection("RST outside of the window", .tcp(end, .rst, 1_000_000_000)),
        ]
    }

    // RFC 4787 §5 REQ-8, RFC 5382 §4.3 REQ-4: nobody outside begins anything.
    private static let fromOutside: [TrafficCase] =
        [
            unsolicited("UDP to a port in no use", .udp, .udp(.server)),
            unsolicited("SYN to a port in no use", .tcp, .tcp(.server, Segment.syn(0))),
            unsolicited(
                "SYN-ACK to a port in no use", .tcp, .tcp(.server, [.syn, .ack], 0, ack: 1)),
            unsolicited("RST to a port in no use", .tcp, .tcp(.server, .rst, 1)),
            unsolicited("echo reply that nobody asked for", .icmp, .echo(.server)),
            unsolicited(
                "echo request to the gateway", .icmp,
                .icmpQuery(.server, type: ICMPType.echoRequest)),
            unsolicited(
                "UDP to a port out of the range", .udp,
                CasePacket.udp(.server).with { $0.put(UInt16(80), at: 22) }),
            unsolicited(
                "UDP to an address that isn't the gateway's", .udp,
                CasePacket.udp(.server).with { $0.put(IPv4Address(203, 0, 113, 254), at: 16) }),
        ]
        + CaseTransport.allCases.filter { $0 != .icmp }.map { transport in
            // RFC 4787 §5: address and port of the sender must be the flow's.
            let answer = CaseStep.opening(transport)[1].packets[0]
            return TrafficCase(
                "another port of the server, \(transport)", transport,
                [
                    .passes(CaseStep.first(transport)),
                    .isDropped(answer.with { $0[20] ^= 0x80 }), .passes(answer),
                ])
        }

    private static func unsolicited(
        _ name: String, _ transport: CaseTransport, _ packet: CasePacket
    ) -> TrafficCase {
        TrafficCase(name, transport, isUnsolicited: true, [.isDropped(packet)])
    }
}
