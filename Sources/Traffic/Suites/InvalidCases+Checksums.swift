// Packets with a wrong transport checksum. What begins a flow or changes a connection's state must
// have a right one; other data may be carried, but as wrong as it came, so that its receiver sees.

import Wire

extension CaseSuite {
    static let damaged: [TrafficCase] =
        openings + [End.client, .server].flatMap { end in carried(end) + changes(end) }

    private static let openings: [TrafficCase] = CaseTransport.allCases.map { transport in
        let first = CaseStep.first(transport)
        return TrafficCase(
            "bad checksum, \(transport), a flow's first packet", transport,
            [.isDropped(first.damaged(transport)), .passes(first)]
                + Array(CaseStep.opening(transport).dropFirst()))
    }

    /// Data of a flow that lives: dropped, or translated with a checksum that is still wrong.
    private static func carried(_ end: End) -> [TrafficCase] {
        [CaseTransport.udp, .tcp].map { transport in
            TrafficCase(
                "bad checksum, \(transport), data \(side(end))", transport,
                CaseStep.opening(transport) + [
                    .mayPass(
                        CaseStep.data(transport, from: end, bytes: 100).damaged(transport))
                ] + CaseStep.isAlive(transport))
        }
    }

    private static func changes(_ end: End) -> [TrafficCase] {
        func dropped(
            _ name: String, _ transport: CaseTransport, _ packet: CasePacket,
            after steps: [CaseStep]
        ) -> TrafficCase {
            TrafficCase(
                "bad checksum, \(name) \(side(end))", transport,
                steps + [.isDropped(packet.damaged(transport))] + CaseStep.isAlive(transport))
        }
        let open = CaseStep.handshake
        return [
            dropped("FIN", .tcp, .tcp(end, [.fin, .ack], 1, ack: 1), after: open),
            dropped("RST", .tcp, .tcp(end, .rst, 1), after: open),
            dropped("SYN", .tcp, .tcp(end, Segment.syn(90_000)), after: open),
            dropped("echo", .icmp, .echo(end, sequence: 7), after: CaseStep.opening(.icmp)),
        ]
    }

    private static func side(_ end: End) -> String {
        end == .client ? "from inside" : "from outside"
    }
}

extension CasePacket {
    /// With one bit changed on the way that no address or port is in: a translator that changes the
    /// checksum by the difference of those leaves it as wrong as it was.
    fileprivate func damaged(_ transport: CaseTransport) -> CasePacket {
        changed { bytes in
            let offset =
                switch transport {
                case .udp: 8
                case .tcp: 15
                case .icmp: 7
                }
            bytes[IPv4Bytes.headerBytes(bytes) + offset] ^= 0x40
        }
    }
}
