// One playing of a case: a flow of its own between an instance and a server of its own, so that an
// address alone tells which trial a packet belongs to.

import Wire

struct CaseTrial: Sendable {
    /// Ordinal in the suite.
    var scenario: Int
    var inside: PacketView
    /// Nil until the first packet has come out at the server.
    var outside: PacketView?
    var state = State.waiting
    /// Of the case.
    var step = 0
    /// When the step's waiting is over.
    var deadline = Tick(rawValue: 0)
    /// Packets of the step that have not arrived.
    var outstanding: [CasePacket] = []
    /// Whether an obedient cluster has done what the step wants.
    var isServed = false
    /// When the step began, and the ends that have been reset in it.
    var entered = Tick(rawValue: 0)
    var resets: [End] = []
    var atClient = Reassembler()
    var atServer = Reassembler()

    enum State: Equatable, Sendable {
        case waiting
        case running
        case passed
        case failed(String)
    }

    /// What a side sees; nil outside before the flow has a translation.
    func view(of end: End) -> PacketView? { end == .client ? inside : outside }

    /// A fragment's datagram once it is whole; a whole packet as it is.
    mutating func whole(_ packet: [UInt8], at end: End) -> [UInt8]? {
        guard packet.isFragment else { return packet }
        return end == .client ? atClient.take(packet) : atServer.take(packet)
    }

    /// Whether an end got fragments of one datagram that don't agree.
    var isContradicted: Bool { atClient.isContradicted || atServer.isContradicted }

    mutating func learnMTU(_ mtu: Int) {
        inside.pathMTU = mtu
        outside?.pathMTU = mtu
    }
}

extension CaseTransport {
    var ipProtocol: IPProtocol {
        switch self {
        case .udp: .udp
        case .tcp: .tcp
        case .icmp: .icmp
        }
    }
}
