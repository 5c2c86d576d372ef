// `pmtu`: packets too big for the way ahead (RFC 1191, RFC 4787 §10 REQ-13). With DF set the sender
// gets the MTU that fits and then keeps to it; without, the node fragments.

import Wire

extension CaseSuite {
    public static let pmtu = CaseSuite(
        name: "pmtu",
        summary: "packets too big for the way ahead: the right MTU comes back, and fits",
        cases: [End.client, .server].flatMap { end in
            CaseTransport.allCases.flatMap { transport in cases(transport, from: end) }
        })

    private static func cases(_ transport: CaseTransport, from end: End) -> [TrafficCase] {
        let way = "\(transport), \(end == .client ? "inside to outside" : "outside to inside")"
        func begun(_ name: String, _ steps: [CaseStep]) -> TrafficCase {
            TrafficCase("\(way): \(name)", transport, CaseStep.opening(transport) + steps)
        }
        let tooBig = sized(transport, end) { _ in 9000 }.withDF
        let tells = CaseStep.isAnswered(
            tooBig, CaseAnswer(type: ICMPType.destinationUnreachable, code: 4, tellsMTU: true))
        return [
            begun("DF and 9,000 bytes: fragmentation needed", [tells]),
            begun(
                "DF and the MTU that it told: arrives",
                [tells, .passes(sized(transport, end) { $0 }.withDF)]),
            begun(
                "DF and one byte more: fragmentation needed",
                [
                    tells,
                    .isAnswered(
                        sized(transport, end) { $0 + 1 }.withDF,
                        CaseAnswer(type: ICMPType.destinationUnreachable, code: 4)),
                ]),
            // RFC 8200 §5: no node cuts an IPv6 packet.
            begun("no DF and 9,000 bytes: arrives", [.passes(sized(transport, end) { _ in 9000 })])
                .ofIPv4,
            begun(
                "no DF and one byte more than fits: arrives",
                [tells, .passes(sized(transport, end) { $0 + 1 })]
            ).ofIPv4,
        ]
    }

    /// A packet of a length that the path's MTU decides.
    private static func sized(
        _ transport: CaseTransport, _ end: End, _ length: @escaping @Sendable (Int) -> Int
    ) -> CasePacket {
        CasePacket(from: end) { view in
            let header = transport == .tcp ? 40 : 28
            let bytes = max(8, length(view.pathMTU) - header)
            return CaseStep.data(transport, from: end, bytes: bytes).bytes(view)
        }
    }
}

extension CasePacket {
    fileprivate var withDF: CasePacket {
        changed { bytes in
            bytes[6] |= 0x40
            IPv4Bytes.sealHeader(&bytes)
        }
    }
}
