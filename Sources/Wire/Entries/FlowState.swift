// Where a flow stands in its life. For TCP these are the states of RFC 7857 §2, figure 1: CLOSED is
// the absence of a record, INIT is `tcpOpening`, TRANS is `tcpTransitory`. The numbers stand in
// entries between nodes.

/// The state of one flow.
public enum FlowState: UInt8, Sendable, BitwiseCopyable, CaseIterable {
    case udp = 0
    case icmpQuery = 1
    /// The client's SYN went out; the target has not answered it.
    case tcpOpening = 2
    case tcpEstablished = 3
    /// Both sides have sent a FIN.
    case tcpClosing = 4
    /// Ended; its ports wait until no packet of it can be under way.
    case quiet = 5
    /// The client has sent a FIN, the target goes on sending.
    case tcpClientClosing = 6
    /// The target has sent a FIN, the client goes on sending.
    case tcpTargetClosing = 7
    /// A RST was seen; data brings the flow back.
    case tcpTransitory = 8
    /// No flow: which target a client's next flow gets.
    case sticky = 9
    /// No flow: a port of this bucket that another bucket uses.
    case lent = 10

    /// The state that a flow's first packet gives it.
    @inlinable
    public init(first ipProtocol: IPProtocol) {
        switch ipProtocol {
        case .tcp: self = .tcpOpening
        case .icmp, .icmpv6: self = .icmpQuery
        default: self = .udp
        }
    }
}
