// Where a flow stands in its life, which decides its idle timeout.

public import Configuration
public import Wire

/// The state of one flow.
public enum FlowState: UInt8, Sendable, BitwiseCopyable, CaseIterable {
    case udp = 0
    case icmpQuery = 1
    /// A SYN went out; no answer yet.
    case tcpOpening = 2
    case tcpEstablished = 3
    /// A FIN or RST was seen.
    case tcpClosing = 4
    /// Ended; its ports wait until no packet of it can be under way.
    case quiet = 5

    /// The state that a flow's first packet gives it.
    @inlinable
    public init(first kind: PacketKind) {
        switch kind {
        case .tcp: self = .tcpOpening
        case .icmpQuery: self = .icmpQuery
        default: self = .udp
        }
    }

    /// The state after a packet of the flow.
    @inlinable
    public func after(_ flags: TCPFlags, _ direction: FlowDirection) -> FlowState {
        switch self {
        case .udp, .icmpQuery, .quiet: return self
        case .tcpOpening, .tcpEstablished, .tcpClosing: break
        }
        if flags.contains(.fin) || flags.contains(.rst) { return .tcpClosing }
        if self == .tcpOpening, direction == .inbound, flags.contains(.ack) {
            return .tcpEstablished
        }
        // RFC 9293 §3.6.1 MAY-2: the client may begin anew from the same port while the old
        // connection closes.
        if self == .tcpClosing, direction == .outbound, flags.contains(.syn),
            !flags.contains(.ack)
        {
            return .tcpOpening
        }
        return self
    }

    /// Idle time after which a flow in this state ends, in hundredths of a second.
    @inlinable
    public func timeoutCentiseconds(_ timeouts: IdleTimeouts) -> UInt32 {
        switch self {
        case .udp: timeouts.udpSeconds * 100
        case .icmpQuery: timeouts.icmpSeconds * 100
        case .tcpOpening: timeouts.tcpOpeningSeconds * 100
        case .tcpClosing: timeouts.tcpClosingSeconds * 100
        case .tcpEstablished: timeouts.tcpEstablishedSeconds * 100
        // DESIGN part 5, rule 16: longer than a lease and the longest life of a packet.
        case .quiet: FlowState.quietCentiseconds
        }
    }

    /// The quiet time of a port after its flow's end.
    public static var quietCentiseconds: UInt32 { 200 }
}

extension Tick {
    /// The moment in hundredths of a second, modulo 2^32 (497 days): records keep this much.
    @inlinable
    public var centiseconds: UInt32 { UInt32(truncatingIfNeeded: rawValue / 10_000_000) }
}
