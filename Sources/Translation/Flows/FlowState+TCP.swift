// The edges of RFC 7857 §2, figure 1. They say where a segment leads that belongs to the
// connection; whether it does is `TCPTracker`'s to judge.

public import Wire

/// What a segment means to the state machine: the strongest of its flags.
@usableFromInline
enum TCPEvent: Sendable {
    case reset
    case finish
    /// SYN without ACK.
    case open
    /// SYN with ACK.
    case answer
    case data

    @inlinable @inline(__always)
    init(_ flags: TCPFlags) {
        if flags.contains(.rst) {
            self = .reset
        } else if flags.contains(.syn) {
            self = flags.contains(.ack) ? .answer : .open
        } else {
            self = flags.contains(.fin) ? .finish : .data
        }
    }
}

extension FlowState {
    /// The state after a segment that belongs to the connection. States of other protocols, and
    /// `quiet`, stay as they are, and no illegal set of flags changes any.
    @inlinable
    public func after(_ flags: TCPFlags, _ direction: FlowDirection) -> FlowState {
        guard flags.areLegal else { return self }
        return switch self {
        case .udp, .icmpQuery, .quiet, .sticky, .lent: self
        case .tcpOpening: afterOpening(TCPEvent(flags), direction)
        case .tcpEstablished: afterEstablished(TCPEvent(flags), direction)
        case .tcpClientClosing, .tcpTargetClosing: afterHalfClosed(TCPEvent(flags), direction)
        case .tcpClosing: afterClosing(TCPEvent(flags), direction)
        case .tcpTransitory: afterTransitory(TCPEvent(flags), direction)
        }
    }

    // RFC 5382 §4.2 REQ-2.
    // RFC 7857 §2, INIT: the target's answer establishes. Of a simultaneous open (RFC 9293 §3.5)
    // the target's SYN alone does not, as anyone can forge it; the client's answer to it does.
    @usableFromInline
    func afterOpening(_ event: TCPEvent, _ direction: FlowDirection) -> FlowState {
        switch (event, direction) {
        case (.reset, _): .tcpTransitory
        case (.answer, _), (.data, .inbound): .tcpEstablished
        case (.finish, .inbound): .tcpTargetClosing
        case (.open, _), (.data, .outbound), (.finish, .outbound): self
        }
    }

    // RFC 7857 §2, ESTABLISHED. RFC 5961 §4.2: a SYN changes nothing; who gets it asks back.
    @usableFromInline
    func afterEstablished(_ event: TCPEvent, _ direction: FlowDirection) -> FlowState {
        switch event {
        // RFC 7857 §2.2: an RST is translated, and the mapping waits for a while.
        case .reset: .tcpTransitory
        case .finish: .closing(direction)
        case .open, .answer, .data: self
        }
    }

    // RFC 7857 §2, C FIN RCV and S FIN RCV.
    @usableFromInline
    func afterHalfClosed(_ event: TCPEvent, _ direction: FlowDirection) -> FlowState {
        switch event {
        case .reset: .tcpTransitory
        case .finish where self != .closing(direction): .tcpClosing
        case .finish, .open, .answer, .data: self
        }
    }

    // RFC 7857 §2, C FIN + S FIN RCV: only time ends it, or a new connection of the same client.
    @usableFromInline
    func afterClosing(_ event: TCPEvent, _ direction: FlowDirection) -> FlowState {
        // RFC 9293 §3.6.1 MAY-2: the client may begin anew while the old connection lingers.
        event == .open && direction == .outbound ? .tcpOpening : self
    }

    // RFC 7857 §2, TRANS: data brings the connection back, as the RST was not believed.
    @usableFromInline
    func afterTransitory(_ event: TCPEvent, _ direction: FlowDirection) -> FlowState {
        switch (event, direction) {
        case (.reset, _), (.open, .inbound): self
        case (.open, .outbound): .tcpOpening
        case (.finish, _): .closing(direction)
        case (.answer, _), (.data, _): .tcpEstablished
        }
    }

    /// A FIN of this direction, and none of the other, was seen.
    @usableFromInline
    static func closing(_ direction: FlowDirection) -> FlowState {
        direction == .outbound ? .tcpClientClosing : .tcpTargetClosing
    }
}
