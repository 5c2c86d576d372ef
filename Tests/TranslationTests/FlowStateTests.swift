import Configuration
import Testing
import Translation
import Wire

/// The states of a flow as a table: state, packet, state.
struct FlowStateTests {
    struct Step: Sendable {
        var from: FlowState
        var flags: TCPFlags
        var direction: FlowDirection
        var to: FlowState

        init(
            _ from: FlowState, _ flags: TCPFlags, _ direction: FlowDirection, _ to: FlowState
        ) {
            self.from = from
            self.flags = flags
            self.direction = direction
            self.to = to
        }
    }

    // RFC 7857 §2, figure 1: every state with every kind of segment of either direction.
    static let steps = [
        Step(.tcpOpening, .syn, .outbound, .tcpOpening),
        Step(.tcpOpening, .syn, .inbound, .tcpOpening),
        Step(.tcpOpening, [.syn, .ack], .inbound, .tcpEstablished),
        Step(.tcpOpening, [.syn, .ack], .outbound, .tcpEstablished),
        Step(.tcpOpening, .ack, .outbound, .tcpOpening),
        Step(.tcpOpening, .ack, .inbound, .tcpEstablished),
        Step(.tcpOpening, [.fin, .ack], .inbound, .tcpTargetClosing),
        Step(.tcpOpening, [.fin, .ack], .outbound, .tcpOpening),
        Step(.tcpOpening, .rst, .outbound, .tcpTransitory),
        Step(.tcpOpening, [.rst, .ack], .inbound, .tcpTransitory),
        Step(.tcpEstablished, .syn, .outbound, .tcpEstablished),
        Step(.tcpEstablished, .syn, .inbound, .tcpEstablished),
        Step(.tcpEstablished, [.syn, .ack], .inbound, .tcpEstablished),
        Step(.tcpEstablished, [.syn, .ack], .outbound, .tcpEstablished),
        Step(.tcpEstablished, .ack, .outbound, .tcpEstablished),
        Step(.tcpEstablished, [.psh, .ack], .inbound, .tcpEstablished),
        Step(.tcpEstablished, [.fin, .ack], .outbound, .tcpClientClosing),
        Step(.tcpEstablished, [.fin, .ack], .inbound, .tcpTargetClosing),
        Step(.tcpEstablished, .rst, .outbound, .tcpTransitory),
        Step(.tcpEstablished, [.rst, .ack], .inbound, .tcpTransitory),
        Step(.tcpClientClosing, .syn, .outbound, .tcpClientClosing),
        Step(.tcpClientClosing, .syn, .inbound, .tcpClientClosing),
        Step(.tcpClientClosing, [.syn, .ack], .inbound, .tcpClientClosing),
        Step(.tcpClientClosing, [.syn, .ack], .outbound, .tcpClientClosing),
        Step(.tcpClientClosing, .ack, .outbound, .tcpClientClosing),
        Step(.tcpClientClosing, [.psh, .ack], .inbound, .tcpClientClosing),
        Step(.tcpClientClosing, [.fin, .ack], .outbound, .tcpClientClosing),
        Step(.tcpClientClosing, [.fin, .ack], .inbound, .tcpClosing),
        Step(.tcpClientClosing, .rst, .outbound, .tcpTransitory),
        Step(.tcpClientClosing, [.rst, .ack], .inbound, .tcpTransitory),
        Step(.tcpTargetClosing, .syn, .outbound, .tcpTargetClosing),
        Step(.tcpTargetClosing, .syn, .inbound, .tcpTargetClosing),
        Step(.tcpTargetClosing, [.syn, .ack], .inbound, .tcpTargetClosing),
        Step(.tcpTargetClosing, [.syn, .ack], .outbound, .tcpTargetClosing),
        Step(.tcpTargetClosing, [.psh, .ack], .outbound, .tcpTargetClosing),
        Step(.tcpTargetClosing, .ack, .inbound, .tcpTargetClosing),
        Step(.tcpTargetClosing, [.fin, .ack], .outbound, .tcpClosing),
        Step(.tcpTargetClosing, [.fin, .ack], .inbound, .tcpTargetClosing),
        Step(.tcpTargetClosing, .rst, .outbound, .tcpTransitory),
        Step(.tcpTargetClosing, [.rst, .ack], .inbound, .tcpTransitory),
        Step(.tcpClosing, .syn, .outbound, .tcpOpening),
        Step(.tcpClosing, .syn, .inbound, .tcpClosing),
        Step(.tcpClosing, [.syn, .ack], .inbound, .tcpClosing),
        Step(.tcpClosing, [.syn, .ack], .outbound, .tcpClosing),
        Step(.tcpClosing, .ack, .outbound, .tcpClosing),
        Step(.tcpClosing, .ack, .inbound, .tcpClosing),
        Step(.tcpClosing, [.fin, .ack], .outbound, .tcpClosing),
        Step(.tcpClosing, [.fin, .ack], .inbound, .tcpClosing),
        Step(.tcpClosing, .rst, .outbound, .tcpClosing),
        Step(.tcpClosing, [.rst, .ack], .inbound, .tcpClosing),
        Step(.tcpTransitory, .syn, .outbound, .tcpOpening),
        Step(.tcpTransitory, .syn, .inbound, .tcpTransitory),
        Step(.tcpTransitory, [.syn, .ack], .inbound, .tcpEstablished),
        Step(.tcpTransitory, [.syn, .ack], .outbound, .tcpEstablished),
        Step(.tcpTransitory, [.psh, .ack], .outbound, .tcpEstablished),
        Step(.tcpTransitory, .ack, .inbound, .tcpEstablished),
        Step(.tcpTransitory, [.fin, .ack], .outbound, .tcpClientClosing),
        Step(.tcpTransitory, [.fin, .ack], .inbound, .tcpTargetClosing),
        Step(.tcpTransitory, .rst, .outbound, .tcpTransitory),
        Step(.tcpTransitory, [.rst, .ack], .inbound, .tcpTransitory),
    ]

    static let tcpStates: [FlowState] = [
        .tcpOpening, .tcpEstablished, .tcpClientClosing, .tcpTargetClosing, .tcpClosing,
        .tcpTransitory,
    ]

    @Test(arguments: steps.indices)
    func `a TCP flow goes from state to state by its packets' flags`(index: Int) {
        let step = Self.steps[index]
        #expect(step.from.after(step.flags, step.direction) == step.to, "\(step)")
    }

    @Test func `flags mean nothing to flows that are not TCP`() {
        for state in [FlowState.udp, .icmpQuery, .quiet] {
            for flags in 0...UInt8.max {
                for direction in FlowDirection.allCases {
                    #expect(state.after(TCPFlags(rawValue: flags), direction) == state)
                }
            }
        }
    }

    @Test func `no packet makes a flow quiet or changes its protocol`() {
        for state in Self.tcpStates {
            for flags in 0...UInt8.max {
                for direction in FlowDirection.allCases {
                    let next = state.after(TCPFlags(rawValue: flags), direction)
                    #expect(Self.tcpStates.contains(next))
                    if !TCPFlags(rawValue: flags).areLegal { #expect(next == state) }
                }
            }
        }
    }

    @Test func `a first packet gives the state of its protocol`() {
        #expect(FlowState(first: .tcp) == .tcpOpening)
        #expect(FlowState(first: .udp) == .udp)
        #expect(FlowState(first: .icmp) == .icmpQuery)
    }

    // RFC 4787 §4.3 REQ-5, REQ-5 (c), RFC 5382 §5 REQ-5, RFC 5508 §3.2 REQ-2, RFC 7857 §2.1: where we
    // deviate, as AWS does, the defaults say so.
    @Test func `each state has the idle time that the resource gives it`() {
        let timeouts = IdleTimeouts(
            tcpEstablishedSeconds: 1, tcpOpeningSeconds: 2, tcpClosingSeconds: 5, udpSeconds: 3,
            icmpSeconds: 4)
        let expected: [FlowState: UInt32] = [
            .tcpEstablished: 100, .tcpClientClosing: 100, .tcpTargetClosing: 100,
            .tcpOpening: 200, .tcpClosing: 500, .tcpTransitory: 500, .udp: 300, .icmpQuery: 400,
            .quiet: .max, .sticky: FlowState.stickyCentiseconds,
            .lent: .max,
        ]
        for state in FlowState.allCases {
            #expect(state.timeoutCentiseconds(timeouts) == expected[state], "\(state)")
        }
    }

    @Test func `hundredths of a second go round after 497 days`() {
        #expect(Tick.seconds(3).centiseconds == 300)
        #expect(Tick.milliseconds(19).centiseconds == 1)
        #expect(Tick.milliseconds(42_949_672_960).centiseconds == 0)
    }
}
