// A connection as a text: one segment a line and what must become of it.
//
//     > S seq 0 ws 7                 = refresh tcpOpening
//     < SA seq 0 ack 1 ws 7          = refresh tcpEstablished
//
// `>` is outbound, `<` inbound. Flags: S A F R P U E C, `-` for none. Numbers count from each
// side's own base, so that every transcript is played where they wrap (RFC 9293 §3.4). The
// verdict is `refresh`, `pass` (without refreshing), `reopen` or the name of a drop cause; then the
// state. `loosen` is a line of its own.

import Testing
import Translation
import Wire

struct TrackingTranscript {
    var tracker = TCPTracker.unknown
    var state: FlowState
    let client: UInt32
    let target: UInt32

    /// Client's and target's bases: plain, wrapping in the handshake, wrapping later, sign change.
    static let bases: [(UInt32, UInt32)] = [
        (1000, 2000), (.max, .max), (.max - 700, .max - 1500), (0x7FFF_FF00, 0x8000_0000),
    ]

    /// Plays the transcript with all bases. Without a state it begins with the client's SYN.
    static func play(
        _ text: String, from state: FlowState? = nil, location: SourceLocation = #_sourceLocation
    ) {
        for (client, target) in bases {
            var transcript = TrackingTranscript(
                state: state ?? .tcpOpening, client: client, target: target)
            var isFirst = state == nil
            for line in text.split(separator: "\n") where !line.isEmpty {
                if line == "loosen" {
                    transcript.tracker.loosen()
                    continue
                }
                transcript.step(String(line), isFirst: isFirst, location)
                isFirst = false
            }
        }
    }

    private mutating func step(_ line: String, isFirst: Bool, _ location: SourceLocation) {
        let halves = line.split(separator: "=")
        let words = halves[0].split(separator: " ").map(String.init)
        let expected = halves[1].split(separator: " ").map(String.init)
        let direction: FlowDirection = words[0] == ">" ? .outbound : .inbound
        let segment = segment(words, direction)
        var verdict = "refresh"
        if isFirst {
            tracker = TCPTracker(opening: segment)
        } else {
            verdict = name(tracker.track(segment, direction, state: &state))
        }
        #expect(
            [verdict, "\(state)"] == expected, "\(line), bases \(client) \(target)",
            sourceLocation: location)
    }

    private func name(_ verdict: TrackingVerdict) -> String {
        switch verdict {
        case .pass(let refreshes): refreshes ? "refresh" : "pass"
        case .reopen: "reopen"
        case .drop(let cause): "\(cause)"
        }
    }

    func segment(_ words: [String], _ direction: FlowDirection) -> TCPSegment {
        let own = direction == .outbound ? client : target
        let other = direction == .outbound ? target : client
        func number(_ name: String) -> Int? {
            words.firstIndex(of: name).map { Int(words[$0 + 1])! }
        }
        func place(_ base: UInt32, _ name: String) -> UInt32 {
            base &+ UInt32(truncatingIfNeeded: number(name) ?? 0)
        }
        let numbers = TCPNumbers(
            sequence: number("absolute").map { UInt32($0) } ?? place(own, "seq"),
            acknowledgment: number("ack") == nil ? 0 : place(other, "ack"),
            acknowledgedEdge: number("sack") == nil ? nil : place(other, "sack"),
            window: UInt16(number("win") ?? 1000),
            windowScale: number("ws").map { UInt8($0) })
        return TCPSegment(
            flags: Self.flags(words[1]), numbers: numbers,
            payloadBytes: UInt32(number("len") ?? 0), isPartial: words.contains("partial"))
    }

    static func flags(_ letters: String) -> TCPFlags {
        let known: [Character: TCPFlags] = [
            "S": .syn, "A": .ack, "F": .fin, "R": .rst, "P": .psh, "U": .urg, "E": .ece,
            "C": .cwr,
        ]
        return letters.reduce(into: TCPFlags()) { flags, letter in
            if let flag = known[letter] { flags.insert(flag) }
        }
    }
}
