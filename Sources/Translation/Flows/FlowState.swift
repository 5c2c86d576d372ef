// How long a flow may stand still, by its state.

public import Configuration
public import Wire

extension FlowState {
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
