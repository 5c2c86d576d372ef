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

    // RFC 5382 §3.1, RFC 7857 §2.
    static let steps = [
        Step(.tcpOpening, .syn, .outbound, .tcpOpening),
        Step(.tcpOpening, .ack, .outbound, .tcpOpening),
        Step(.tcpOpening, .syn, .inbound, .tcpOpening),
        Step(.tcpOpening, [.syn, .ack], .inbound, .tcpEstablished),
        Step(.tcpOpening, [.rst, .ack], .inbound, .tcpClosing),
        Step(.tcpOpening, .rst, .outbound, .tcpClosing),
        Step(.tcpEstablished, .ack, .inbound, .tcpEstablished),
        Step(.tcpEstablished, [.psh, .ack], .outbound, .tcpEstablished),
        Step(.tcpEstablished, .syn, .outbound, .tcpEstablished),
        Step(.tcpEstablished, [.fin, .ack], .outbound, .tcpClosing),
        Step(.tcpEstablished, [.fin, .ack], .inbound, .tcpClosing),
        Step(.tcpEstablished, .rst, .inbound, .tcpClosing),
        Step(.tcpClosing, .ack, .outbound, .tcpClosing),
        Step(.tcpClosing, .ack, .inbound, .tcpClosing),
        Step(.tcpClosing, [.syn, .ack], .inbound, .tcpClosing),
        // The client begins a new connection from the same port.
        Step(.tcpClosing, .syn, .outbound, .tcpOpening),
        Step(.tcpClosing, [.syn, .fin], .outbound, .tcpClosing),
        Step(.tcpClosing, [.syn, .rst], .outbound, .tcpClosing),
        Step(.tcpClosing, [.syn, .ack], .outbound, .tcpClosing),
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
        for state in [FlowState.tcpOpening, .tcpEstablished, .tcpClosing] {
            for flags in 0...UInt8.max {
                for direction in FlowDirection.allCases {
                    let next = state.after(TCPFlags(rawValue: flags), direction)
                    #expect([.tcpOpening, .tcpEstablished, .tcpClosing].contains(next))
                }
            }
        }
    }

    @Test func `a first packet gives the state of its protocol`() {
        #expect(FlowState(first: .tcp) == .tcpOpening)
        #expect(FlowState(first: .udp) == .udp)
        #expect(FlowState(first: .icmpQuery) == .icmpQuery)
    }

    // RFC 4787 §4.3 REQ-5, RFC 5382 §5 REQ-5, RFC 5508 §3.2 REQ-2: where we deviate, as AWS does,
    // the defaults say so.
    @Test func `each state has the idle time that the resource gives it`() {
        let timeouts = IdleTimeouts(
            tcpEstablishedSeconds: 1, tcpOpeningSeconds: 2, tcpClosingSeconds: 2, udpSeconds: 3,
            icmpSeconds: 4)
        let expected: [FlowState: UInt32] = [
            .tcpEstablished: 100, .tcpOpening: 200, .tcpClosing: 200, .udp: 300,
            .icmpQuery: 400, .quiet: FlowState.quietCentiseconds,
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
