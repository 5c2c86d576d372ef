// The suites of cases, each a preset of `run`.

import Wire

/// Cases that are played and judged together.
public struct CaseSuite: Sendable {
    public let name: String
    /// One line for `hyperplane-traffic presets`.
    public let summary: String
    let cases: [TrafficCase]
    /// Until flows have idled out, so that only short timers will do.
    var waitsForTimers = false

    public var caseNames: [String] { cases.map(\.name) }

    public static let all: [CaseSuite] = [
        .fragments, .errors, .pmtu, .states, .invalid, .expiry,
    ]

    public static func named(_ name: String) -> CaseSuite? { all.first { $0.name == name } }
}

extension CaseStep {
    /// A TCP connection as it stands when both ends may send: both have numbered one byte.
    static let handshake: [CaseStep] = [
        .passes(.tcp(.client, Segment.syn(0))),
        .passes(.tcp(.server, Segment.synACK(0, ack: 1))),
        .passes(.tcp(.client, .ack, 1, ack: 1)),
    ]

    /// The first packets of a flow of any transport, one each way.
    static func opening(_ transport: CaseTransport) -> [CaseStep] {
        switch transport {
        case .udp: [.passes(.udp(.client)), .passes(.udp(.server))]
        case .icmp: [.passes(.echo(.client)), .passes(.echo(.server))]
        case .tcp: handshake
        }
    }

    /// A packet each way, to show that the flow is alive.
    static func isAlive(_ transport: CaseTransport, client: Int = 1, server: Int = 1) -> [CaseStep]
    {
        switch transport {
        case .udp: [.passes(.udp(.client, bytes: 32)), .passes(.udp(.server, bytes: 40))]
        case .icmp: [.passes(.echo(.client, sequence: 9)), .passes(.echo(.server, sequence: 9))]
        case .tcp:
            [
                .passes(.tcp(.client, [.psh, .ack], client, ack: server, bytes: 100)),
                .passes(.tcp(.server, [.psh, .ack], server, ack: client + 100, bytes: 200)),
                .passes(.tcp(.client, .ack, client + 100, ack: server + 200)),
            ]
        }
    }

    /// A packet that may be the first of a flow, and data of a flow that is open.
    static func first(_ transport: CaseTransport, bytes: Int = 64) -> CasePacket {
        switch transport {
        case .udp: .udp(.client, bytes: bytes)
        case .icmp: .echo(.client, bytes: bytes)
        case .tcp: .tcp(.client, Segment.syn(0))
        }
    }

    static func data(_ transport: CaseTransport, from end: End, bytes: Int) -> CasePacket {
        switch transport {
        case .udp: .udp(end, bytes: bytes)
        case .icmp: .echo(end, bytes: bytes)
        case .tcp: .tcp(end, [.psh, .ack], 1, ack: 1, bytes: bytes)
        }
    }
}

extension Segment {
    /// As Linux opens: MSS 1460, SACK permitted, window scale 7.
    static let options: [UInt8] = [2, 4, 0x05, 0xB4, 4, 2, 1, 3, 3, 7, 1, 0]

    static func syn(_ sequence: Int) -> Segment {
        Segment(flags: .syn, sequence: sequence, options: options)
    }

    static func synACK(_ sequence: Int, ack: Int) -> Segment {
        Segment(
            flags: [.syn, .ack], sequence: sequence, acknowledgment: ack, options: options)
    }
}
