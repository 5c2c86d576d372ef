// `expiry`: flows that nobody uses end in their time and not before. Wants a gateway with timers of
// a few seconds, since it waits for them.

import Wire

extension CaseSuite {
    public static let expiry = CaseSuite(
        name: "expiry", summary: "idle flows end in their time; wants timers of seconds",
        cases: connections + others, waitsForTimers: true)

    private static let connections: [TrafficCase] = [
        TrafficCase(
            "ESTABLISHED: idle, both ends reset, then RST inside and silence outside", .tcp,
            CaseStep.handshake + [
                .bothAreReset,
                .isAnswered(
                    .tcp(.client, [.psh, .ack], 1, ack: 1, bytes: 100), CaseAnswer(type: nil)),
                .isDropped(.tcp(.server, [.psh, .ack], 1, ack: 1, bytes: 100)),
            ]),
        TrafficCase(
            "ESTABLISHED: in use, never reset", .tcp,
            CaseStep.handshake + [
                .idles(.established, ofItsTime: 0.6), .passes(.tcp(.client, .ack, 1, ack: 1)),
                .idles(.established, ofItsTime: 0.6), .passes(.tcp(.client, .ack, 1, ack: 1)),
                .idles(.established, ofItsTime: 0.6),
            ] + CaseStep.isAlive(.tcp)),
        TrafficCase(
            "INIT: a SYN-ACK that comes too late is dropped", .tcp,
            [
                .passes(.tcp(.client, Segment.syn(0))), .idles(.opening),
                .isDropped(.tcp(.server, Segment.synACK(0, ack: 1))),
            ]),
        TrafficCase(
            "C+S FIN RCV, CLOSED: what comes later is dropped", .tcp,
            CaseStep.handshake + [
                .passes(.tcp(.client, [.fin, .ack], 1, ack: 1)),
                .passes(.tcp(.server, [.fin, .ack], 1, ack: 2)),
                .passes(.tcp(.client, .ack, 2, ack: 2)), .idles(.closing),
                .isDropped(.tcp(.server, .ack, 2, ack: 2)),
            ]),
        TrafficCase(
            "TRANS, CLOSED: what comes later is dropped", .tcp,
            CaseStep.handshake + [
                .passes(.tcp(.server, .rst, 1)), .idles(.closing),
                .isDropped(.tcp(.server, [.psh, .ack], 1, ack: 1, bytes: 50)),
            ]),
    ]

    private static let others: [TrafficCase] = [
        (CaseTransport.udp, IdleState.udp), (.icmp, .icmp),
    ].flatMap { transport, state in
        let opening = CaseStep.opening(transport)
        return [
            TrafficCase(
                "\(transport): idle, silence outside, begun anew inside", transport,
                opening + [
                    .idles(state), .isDropped(opening[1].packets[0]),
                    .passesAnew(opening[0].packets[0]), opening[1],
                ]),
            TrafficCase(
                "\(transport): in use, never ended", transport,
                opening + [
                    .idles(state, ofItsTime: 0.6), opening[0],
                    .idles(state, ofItsTime: 0.6), opening[0], .idles(state, ofItsTime: 0.6),
                    opening[1],
                ]),
        ]
    }
}
