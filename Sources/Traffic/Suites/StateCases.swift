// `states`: the life of TCP connections as RFC 7857 §2, figure 1 has it, edge by edge, with what
// RFC 5382 and RFC 5961 ask of a gateway between two ends.

import Wire

extension CaseSuite {
    public static let states = CaseSuite(
        name: "states", summary: "every edge of the TCP state machine of RFC 7857, figure 1",
        cases: openings + closings + resets + reopenings + windows)

    private static func flow(_ name: String, _ steps: [CaseStep]) -> TrafficCase {
        TrafficCase(name, .tcp, steps)
    }

    /// One where both ends may send, and then.
    private static func open(_ name: String, _ steps: [CaseStep]) -> TrafficCase {
        flow(name, CaseStep.handshake + steps)
    }

    // RFC 5382 §4.2 REQ-2: all that leads to a connection must pass.
    private static let openings: [TrafficCase] = [
        flow("CLOSED, client's SYN, server's SYN, ESTABLISHED", .opened + CaseStep.isAlive(.tcp)),
        flow(
            "INIT: SYN and SYN-ACK sent again",
            [
                .passes(.tcp(.client, Segment.syn(0))), .passes(.tcp(.client, Segment.syn(0))),
                .passes(.tcp(.server, Segment.synACK(0, ack: 1))),
                .passes(.tcp(.server, Segment.synACK(0, ack: 1))),
                .passes(.tcp(.client, .ack, 1, ack: 1)),
            ] + CaseStep.isAlive(.tcp)),
        flow(
            "INIT: both ends open at once",
            [
                .passes(.tcp(.client, Segment.syn(0))), .passes(.tcp(.server, Segment.syn(0))),
                .passes(.tcp(.client, Segment.synACK(0, ack: 1))),
                .passes(.tcp(.server, Segment.synACK(0, ack: 1))),
            ] + CaseStep.isAlive(.tcp)),
        flow(
            "INIT: the server refuses by RST",
            [
                .passes(.tcp(.client, Segment.syn(0))),
                .passes(.tcp(.server, [.rst, .ack], 0, ack: 1)),
            ]),
        flow(
            "INIT: refused, and tried again",
            [
                .passes(.tcp(.client, Segment.syn(0))),
                .passes(.tcp(.server, [.rst, .ack], 0, ack: 1)),
                .passesAnew(.tcp(.client, Segment.syn(70_000))),
                .passes(.tcp(.server, Segment.synACK(9000, ack: 70_001))),
                .passes(.tcp(.client, .ack, 70_001, ack: 9001)),
            ] + CaseStep.isAlive(.tcp, client: 70_001, server: 9001)),
        flow(
            "INIT: data with the handshake's ACK",
            [
                .passes(.tcp(.client, Segment.syn(0))),
                .passes(.tcp(.server, Segment.synACK(0, ack: 1))),
                .passes(.tcp(.client, [.psh, .ack], 1, ack: 1, bytes: 300)),
                .passes(.tcp(.server, .ack, 1, ack: 301)),
            ] + CaseStep.isAlive(.tcp, client: 301, server: 1)),
    ]

    private static let closings: [TrafficCase] = [
        open("ESTABLISHED, C FIN RCV, C+S FIN RCV", closing(.client)),
        open("ESTABLISHED, S FIN RCV, C+S FIN RCV", closing(.server)),
        open(
            "ESTABLISHED: both FINs cross",
            [
                .passes(.tcp(.client, [.fin, .ack], 1, ack: 1)),
                .passes(.tcp(.server, [.fin, .ack], 1, ack: 1)),
                .passes(.tcp(.client, .ack, 2, ack: 2)), .passes(.tcp(.server, .ack, 2, ack: 2)),
            ]),
        open(
            "C FIN RCV: the server still sends",
            [
                .passes(.tcp(.client, [.fin, .ack], 1, ack: 1)),
                .passes(.tcp(.server, .ack, 1, ack: 2)),
                .passes(.tcp(.server, [.psh, .ack], 1, ack: 2, bytes: 700)),
                .passes(.tcp(.client, .ack, 2, ack: 701)),
                .passes(.tcp(.server, [.fin, .ack], 701, ack: 2)),
                .passes(.tcp(.client, .ack, 2, ack: 702)),
            ]),
        open(
            "S FIN RCV: the client still sends",
            [
                .passes(.tcp(.server, [.fin, .ack], 1, ack: 1)),
                .passes(.tcp(.client, [.psh, .ack], 1, ack: 2, bytes: 700)),
                .passes(.tcp(.server, .ack, 2, ack: 701)),
                .passes(.tcp(.client, [.fin, .ack], 701, ack: 2)),
                .passes(.tcp(.server, .ack, 2, ack: 702)),
            ]),
        open(
            "C+S FIN RCV: the last FIN and its ACK again",
            closing(.client) + [
                .passes(.tcp(.server, [.fin, .ack], 1, ack: 2)),
                .passes(.tcp(.client, .ack, 2, ack: 2)),
            ]),
    ]

    /// FIN by one end and then by the other.
    private static func closing(_ first: End) -> [CaseStep] {
        [
            .passes(.tcp(first, [.fin, .ack], 1, ack: 1)),
            .passes(.tcp(first.other, .ack, 1, ack: 2)),
            .passes(.tcp(first.other, [.fin, .ack], 1, ack: 2)),
            .passes(.tcp(first, .ack, 2, ack: 2)),
        ]
    }

    // RFC 7857 §2.2: a valid RST passes and leads to TRANS; data brings the connection back.
    private static let resets: [TrafficCase] = [
        open("ESTABLISHED, client's RST, TRANS", [.passes(.tcp(.client, .rst, 1))]),
        open("ESTABLISHED, server's RST, TRANS", [.passes(.tcp(.server, .rst, 1))]),
        open(
            "TRANS, client's data, ESTABLISHED",
            [.passes(.tcp(.client, .rst, 1))] + CaseStep.isAlive(.tcp)),
        open(
            "TRANS, server's data, ESTABLISHED",
            [
                .passes(.tcp(.server, [.rst, .ack], 1, ack: 1)),
                .passes(.tcp(.server, [.psh, .ack], 1, ack: 1, bytes: 50)),
                .passes(.tcp(.client, .ack, 1, ack: 51)),
            ]),
        open(
            "C FIN RCV: the server answers by RST",
            [
                .passes(.tcp(.client, [.fin, .ack], 1, ack: 1)),
                .passes(.tcp(.server, [.rst, .ack], 1, ack: 2)),
            ]),
        // RFC 5961 §3.2: outside of the window it is not the connection's; inside but not exact, the
        // other end challenges it.
        open(
            "ESTABLISHED: an RST outside of the window is dropped",
            [.isDropped(.tcp(.server, .rst, 900_000_000))] + CaseStep.isAlive(.tcp)),
        open(
            "ESTABLISHED: the client's RST outside of the window is dropped",
            [.isDropped(.tcp(.client, .rst, -900_000_000))] + CaseStep.isAlive(.tcp)),
        open(
            "ESTABLISHED: an inexact RST and its challenge leave the connection",
            [
                .mayPass(.tcp(.server, .rst, 500)), .passes(.tcp(.client, .ack, 1, ack: 1)),
            ] + CaseStep.isAlive(.tcp)),
    ]

    private static let reopenings: [TrafficCase] = [
        open("C+S FIN RCV, client's SYN, INIT", closing(.client) + reopening),
        open("TRANS, client's SYN, INIT", [.passes(.tcp(.server, .rst, 1))] + reopening),
        // RFC 5961 §4.2: SYN, challenge ACK, RST, SYN again must all pass.
        open(
            "ESTABLISHED: a client that was restarted begins anew",
            CaseStep.isAlive(.tcp) + [
                .passes(.tcp(.client, Segment.syn(80_000_000))),
                .passes(.tcp(.server, .ack, 201, ack: 101)),
                .passes(.tcp(.client, .rst, 101)),
                .passesAnew(.tcp(.client, Segment.syn(80_000_000))),
                .passes(.tcp(.server, Segment.synACK(50_000_000, ack: 80_000_001))),
                .passes(.tcp(.client, .ack, 80_000_001, ack: 50_000_001)),
            ] + CaseStep.isAlive(.tcp, client: 80_000_001, server: 50_000_001)),
    ]

    /// A new connection on the same ports.
    private static var reopening: [CaseStep] {
        [
            .passesAnew(.tcp(.client, Segment.syn(3_000_000))),
            .passes(.tcp(.server, Segment.synACK(4_000_000, ack: 3_000_001))),
            .passes(.tcp(.client, .ack, 3_000_001, ack: 4_000_001)),
        ] + CaseStep.isAlive(.tcp, client: 3_000_001, server: 4_000_001)
    }

    private static let windows: [TrafficCase] = [
        open(
            "ESTABLISHED: segments out of order",
            [
                .passes(.tcp(.client, .ack, 1001, ack: 1, bytes: 1000)),
                .passes(.tcp(.client, .ack, 1, ack: 1, bytes: 1000)),
                .passes(.tcp(.server, .ack, 1, ack: 2001)),
            ] + CaseStep.isAlive(.tcp, client: 2001, server: 1)),
        open(
            "ESTABLISHED: a window of megabytes, by its scale",
            [
                // 65,535 << 7 is more than 8 MB.
                .passes(.tcp(.client, .ack, 1, ack: 1)),
                .passes(.tcp(.server, .ack, 4_000_001, ack: 1, bytes: 1000)),
                .passes(.tcp(.server, .ack, 1, ack: 1, bytes: 1000)),
            ]),
        open(
            "ESTABLISHED: keep-alive and its answer",
            CaseStep.isAlive(.tcp) + [
                .passes(.tcp(.client, .ack, 100, ack: 201)),
                .passes(.tcp(.server, .ack, 201, ack: 101)),
                .passes(.tcp(.server, .ack, 200, ack: 101)),
                .passes(.tcp(.client, .ack, 101, ack: 201)),
            ]),
        open(
            "ESTABLISHED: a closed window, probed and opened",
            [
                .passes(
                    .tcp(.server, Segment(flags: .ack, sequence: 1, acknowledgment: 1, window: 0))),
                .passes(.tcp(.client, .ack, 1, ack: 1, bytes: 1)),
                .passes(.tcp(.server, .ack, 1, ack: 1)),
            ] + CaseStep.isAlive(.tcp)),
        open(
            "ESTABLISHED: data sent again",
            CaseStep.isAlive(.tcp) + [
                .passes(.tcp(.client, [.psh, .ack], 1, ack: 1, bytes: 100)),
                .passes(.tcp(.server, .ack, 201, ack: 101)),
            ]),
        open(
            "ESTABLISHED: urgent data",
            [.passes(.tcp(.client, [.psh, .ack, .urg], 1, ack: 1, bytes: 10))]
                + CaseStep.isAlive(.tcp, client: 11)),
    ]
}

extension [CaseStep] {
    fileprivate static var opened: [CaseStep] { CaseStep.handshake }
}
