// Where a flow stands in its life, which decides its idle timeout. For TCP these are the states of
// RFC 7857 §2, figure 1: CLOSED is the absence of a record, INIT is `tcpOpening`, TRANS is
// `tcpTransitory`.

public import Configuration
public import Wire

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

    /// Idle time after which a flow in this state ends, in hundredths of a second.
    // RFC 5382 §5 REQ-5, RFC 7857 §2.1: a half-closed connection may still carry data for long.
    @inlinable
    public func timeoutCentiseconds(_ timeouts: IdleTimeouts) -> UInt32 {
        switch self {
        // RFC 4787 §4.3 REQ-5, RFC 5508 §3.2 REQ-2.
        case .udp: timeouts.udpSeconds * 100
        case .icmpQuery: timeouts.icmpSeconds * 100
        case .tcpOpening: timeouts.tcpOpeningSeconds * 100
        case .tcpClosing, .tcpTransitory: timeouts.tcpClosingSeconds * 100
        case .tcpEstablished, .tcpClientClosing, .tcpTargetClosing:
            timeouts.tcpEstablishedSeconds * 100
        case .sticky: FlowState.stickyCentiseconds
        // A quiet time is the cluster's, and a loan never ends by time.
        case .quiet, .lent: .max
        }
    }

    /// How long a client without new flows keeps its target: an hour.
    public static var stickyCentiseconds: UInt32 { 360_000 }
}

extension Tick {
    /// The moment in hundredths of a second, modulo 2^32 (497 days): records keep this much.
    @inlinable
    public var centiseconds: UInt32 { UInt32(truncatingIfNeeded: rawValue / 10_000_000) }
}
