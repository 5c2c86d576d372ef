// A case: a named script of packets, each with what must become of it.

/// One thing that a cluster must do right.
struct TrafficCase: Sendable {
    /// A sentence's worth; unique in its suite.
    var name: String
    /// Transport of the case's flow.
    var transport: CaseTransport
    var steps: [CaseStep]
    /// Begins from outside: the gateway's address and a port of its range stand for the client.
    var isUnsolicited = false
    /// About something that only IPv4's header has.
    var isOfIPv4 = false

    /// The same, left out where packets are of IPv6.
    var ofIPv4: TrafficCase {
        var copy = self
        copy.isOfIPv4 = true
        return copy
    }

    init(
        _ name: String, _ transport: CaseTransport, isUnsolicited: Bool = false,
        _ steps: [CaseStep]
    ) {
        self.name = name
        self.transport = transport
        self.steps = steps
        self.isUnsolicited = isUnsolicited
    }
}

/// What the ports of a case's flow are.
enum CaseTransport: String, Sendable, CaseIterable {
    case udp, tcp, icmp
}

/// Packets sent together, and what is waited for before the next step.
struct CaseStep: Sendable {
    /// Sent in this order, by `from`.
    var packets: [CasePacket]
    /// How each is cut into fragments before it is sent.
    var cut = Fragmentation.none
    var expectation: CaseExpectation
}

/// What must come of a step.
enum CaseExpectation: Sendable {
    /// Each packet reaches the other end, translated and in nothing else changed, whole or in
    /// fragments.
    case arrives
    /// The same; the flow may get another translation than before.
    case arrivesAnew
    /// Nothing comes out at the other end. The sender may get an ICMP error or a reset.
    case nothing
    /// Either is right, so long as what arrives is the packet.
    case either
    /// The sender gets this from a node, and nothing comes out at the other end.
    case answer(CaseAnswer)
    /// Nothing is sent; only time passes.
    case pause(milliseconds: Int)
    /// The same, until a flow in this state has idled out, or for a part of that time.
    case idles(IdleState, ofItsTime: Double)
    /// Nothing is sent until the flow has idled out; then both ends are reset by a node.
    case bothAreReset
}

/// Which of a gateway's timers runs.
enum IdleState: Sendable {
    case established, opening, closing, udp, icmp
}

/// What a node itself says to a sender.
struct CaseAnswer: Sendable {
    /// ICMP's; nil stands for a TCP reset.
    var type: UInt8?
    var code: UInt8 = 0
    /// The MTU that it tells is taken up for the steps that follow.
    var tellsMTU = false
}

extension CaseStep {
    static func passes(_ packets: CasePacket...) -> CaseStep {
        CaseStep(packets: packets, expectation: .arrives)
    }

    static func passesAnew(_ packet: CasePacket) -> CaseStep {
        CaseStep(packets: [packet], expectation: .arrivesAnew)
    }

    static func isDropped(_ packets: CasePacket...) -> CaseStep {
        CaseStep(packets: packets, expectation: .nothing)
    }

    static func mayPass(_ packet: CasePacket) -> CaseStep {
        CaseStep(packets: [packet], expectation: .either)
    }

    static func isAnswered(_ packet: CasePacket, _ answer: CaseAnswer) -> CaseStep {
        CaseStep(packets: [packet], expectation: .answer(answer))
    }

    static func idles(_ state: IdleState, ofItsTime share: Double = 1) -> CaseStep {
        CaseStep(packets: [], expectation: .idles(state, ofItsTime: share))
    }

    static let bothAreReset = CaseStep(packets: [], expectation: .bothAreReset)

    static func pause(milliseconds: Int) -> CaseStep {
        CaseStep(packets: [], expectation: .pause(milliseconds: milliseconds))
    }
}
