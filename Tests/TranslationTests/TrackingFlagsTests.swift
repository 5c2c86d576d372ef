import Testing
import Translation
import Wire

/// Which sets of flags are let through at all.
struct TrackingFlagsTests {
    static let legal: Set<String> = [
        "S", "SU", "SA", "R", "RA", "FA", "FAU", "A", "AU",
    ]

    /// RFC 9293 §3.10.7; the sets that Linux's connection tracking calls valid.
    @Test func `nine sets of flags are legal, with PSH and ECN's or without`() {
        let legal = Self.legal.map { TrackingTranscript.flags($0).rawValue }
        for value in 0...UInt8.max {
            let flags = TCPFlags(rawValue: value)
            let bare = flags.subtracting([.psh, .ece, .cwr])
            #expect(flags.areLegal == legal.contains(bare.rawValue), "\(value)")
        }
    }

    @Test func `an illegal set of flags is dropped in every state and changes nothing`() {
        for state in FlowStateTests.tcpStates {
            for value in 0...UInt8.max where !TCPFlags(rawValue: value).areLegal {
                for direction in FlowDirection.allCases {
                    var tracker = TCPTracker.unknown
                    var after = state
                    let segment = TCPSegment(
                        flags: TCPFlags(rawValue: value), numbers: TCPNumbers(sequence: 7))
                    #expect(
                        tracker.track(segment, direction, state: &after)
                            == .drop(.tcpFlagsInvalid))
                    #expect(after == state && tracker == .unknown)
                }
            }
        }
    }

    @Test func `names as in the requirements`() {
        for name in ["-", "SF", "SR", "F", "FU", "FPU", "P", "U", "SFRPAU", "SAU", "RAU"] {
            #expect(!TrackingTranscript.flags(name).areLegal, "\(name)")
        }
    }

    @Test func `a quiet flow takes no segment`() {
        for state in [FlowState.quiet, .udp, .icmpQuery] {
            var tracker = TCPTracker.unknown
            var after = state
            let segment = TCPSegment(flags: .ack, numbers: TCPNumbers())
            #expect(tracker.track(segment, .outbound, state: &after) == .drop(.quietFlow))
            #expect(after == state)
        }
    }
}
