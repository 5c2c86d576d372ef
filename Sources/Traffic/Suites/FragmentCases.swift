// `fragments`: datagrams in pieces, in every order, of all three protocols and in both directions
// (RFC 4787 §11 REQ-14); and pieces that make no datagram, of which nothing may come out.

import Wire

extension CaseSuite {
    public static let fragments = CaseSuite(
        name: "fragments",
        summary: "UDP, TCP and echo in fragments, in every order; overlapping ones are dropped",
        cases: whole + contradicted + broken)

    private static let whole: [TrafficCase] = CaseTransport.allCases.flatMap { transport in
        FragmentOrder.allCases.flatMap { order in
            [
                TrafficCase(
                    "\(transport), inside to outside, \(order.rawValue)", transport,
                    CaseStep.opening(transport) + [
                        .cut(
                            CaseStep.data(transport, from: .client, bytes: 1800), .into(3, order))
                    ]),
                TrafficCase(
                    "\(transport), outside to inside, \(order.rawValue)", transport,
                    CaseStep.opening(transport) + [
                        .cut(
                            CaseStep.data(transport, from: .server, bytes: 1800), .into(3, order))
                    ]),
            ]
        } + [
            // The first of a flow, its last fragment first: nothing is known of it yet.
            TrafficCase(
                "\(transport), a flow's first datagram, reversed", transport,
                [.cut(CaseStep.first(transport, bytes: 1800), .into(2, .reversed))]
                    + (transport == .tcp ? [] : CaseStep.isAlive(transport)))
        ]
    }.filter { !$0.name.hasPrefix("tcp, a flow's first") }

    /// A copy of a fragment's range with other bytes is a duplicate like any other: what came first
    /// is what goes on, and no two accounts of a datagram reach its receiver.
    private static let contradicted: [TrafficCase] = [End.client, .server].flatMap { end in
        func arrives(
            _ name: String, copyOf piece: Int, byte: Int,
            _ order: @escaping @Sendable ([[UInt8]], [UInt8]) -> [[UInt8]]
        ) -> TrafficCase {
            TrafficCase(
                "\(name), \(end == .client ? "from inside" : "from outside")", .udp,
                CaseStep.opening(.udp) + [
                    .cut(
                        .udp(end, bytes: 1800),
                        .into(3) { pieces in
                            var other = pieces[piece]
                            other[byte] ^= 0xFF
                            return order(pieces, other)
                        })
                ] + CaseStep.isAlive(.udp))
        }
        return [
            arrives("a contradicting copy before the first", copyOf: 1, byte: 30) {
                [$0[2], $0[1], $1, $0[0]]
            },
            arrives("a contradicting copy after the first", copyOf: 1, byte: 30) {
                [$0[0], $0[1], $1, $0[2]]
            },
            arrives("a contradicting copy of the last, after all", copyOf: 2, byte: 30) {
                $0 + [$1]
            },
            arrives("a copy of the first with other ports", copyOf: 0, byte: 21) {
                [$0[0], $1, $0[1], $0[2]]
            },
        ]
    }

    private static let broken: [TrafficCase] = [End.client, .server].flatMap { end in
        let side = end == .client ? "from inside" : "from outside"
        func dropped(
            _ name: String, _ change: @escaping @Sendable ([[UInt8]]) -> [[UInt8]]
        ) -> TrafficCase {
            TrafficCase(
                "\(name), \(side)", .udp,
                CaseStep.opening(.udp) + [
                    CaseStep(
                        packets: [.udp(end, bytes: 1800)], cut: .into(3, changed: change),
                        expectation: .nothing)
                ] + CaseStep.isAlive(.udp))
        }
        return [
            // RFC 5722 §4, RFC 1858 §3: what overlaps is an attack.
            dropped("an overlapping fragment before the last") { pieces in
                [pieces[0], shifted(pieces[1], by: -8), pieces[1], pieces[2]]
            },
            dropped("two different ends") { pieces in
                [shifted(pieces[2], by: 64), pieces[2], pieces[1], pieces[0]]
            },
            dropped("no first fragment") { Array($0.dropFirst()) },
            dropped("a first fragment too short for its ports") { pieces in
                // Eight bytes of TCP or four of UDP tell no more than they want to.
                var first = Array(pieces[0].prefix(24))
                first.put(UInt16(24), at: 2)
                IPv4Bytes.sealHeader(&first)
                return [first]
            },
            dropped("beyond 65,535 bytes") { pieces in [shifted(pieces[2], by: 65_000)] },
            dropped("a middle fragment that is no multiple of 8") { pieces in
                var middle = Array(pieces[1].dropLast(3))
                middle.put(UInt16(middle.count), at: 2)
                IPv4Bytes.sealHeader(&middle)
                return [middle]
            },
        ]
    }

    /// A fragment moved within its datagram.
    private static func shifted(_ piece: [UInt8], by bytes: Int) -> [UInt8] {
        var piece = piece
        let word = piece.uint16(at: 6)
        let offset = min(Int(word & 0x1FFF) + bytes / 8, 0x1FFF)
        piece.put(word & 0xE000 | UInt16(offset), at: 6)
        IPv4Bytes.sealHeader(&piece)
        return piece
    }
}

extension CaseStep {
    static func cut(_ packet: CasePacket, _ cut: Fragmentation) -> CaseStep {
        CaseStep(packets: [packet], cut: cut, expectation: .arrives)
    }
}
