// One segment through the tracker: the short way for data of an established connection, the long
// way for all else.

public import Wire

extension TCPTracker {
    /// Judges one segment of the flow and learns from it, if it passes. Constant cost, no
    /// allocation.
    ///
    /// `state` is the flow's and moves along RFC 7857 §2, figure 1. Only with a TCP flow's.
    @inlinable
    public mutating func track(
        _ segment: TCPSegment, _ direction: FlowDirection, state: inout FlowState
    ) -> TrackingVerdict {
        let isPlain = segment.flags.rawValue & 0x17 == TCPFlags.ack.rawValue
        guard isPlain, state == .tcpEstablished else {
            return trackTurn(segment, direction, &state)
        }
        guard judgeData(segment, direction) else { return .drop(.tcpOutOfWindow) }
        return .pass(refreshes: true)
    }

    /// `judge`, for segments without SYN, FIN and RST.
    @inlinable @inline(__always)
    mutating func judgeData(_ segment: TCPSegment, _ direction: FlowDirection) -> Bool {
        let isSettled = outbound.flags == .settled && inbound.flags == .settled
        guard isSettled, !segment.isPartial else { return judge(segment, direction) }
        return direction == .outbound
            ? TCPSide.judgeSettled(segment, sender: &outbound, receiver: &inbound)
            : TCPSide.judgeSettled(segment, sender: &inbound, receiver: &outbound)
    }

    /// Whether the segment lies in the windows. If so, the windows move on with it.
    @usableFromInline
    mutating func judge(_ segment: TCPSegment, _ direction: FlowDirection) -> Bool {
        direction == .outbound
            ? TCPSide.judge(segment, sender: &outbound, receiver: &inbound)
            : TCPSide.judge(segment, sender: &inbound, receiver: &outbound)
    }

    @usableFromInline
    mutating func trackTurn(
        _ segment: TCPSegment, _ direction: FlowDirection, _ state: inout FlowState
    ) -> TrackingVerdict {
        guard segment.flags.areLegal else { return .drop(.tcpFlagsInvalid) }
        guard state.isTCP else { return .drop(.quietFlow) }
        return switch TCPEvent(segment.flags) {
        case .reset: trackReset(segment, direction, &state)
        case .open where direction == .outbound: trackClientOpen(segment, &state)
        case .open: trackTargetOpen(segment, state)
        case .answer where direction == .inbound: trackTargetAnswer(segment, &state)
        case .answer: trackClientAnswer(segment, &state)
        case .finish, .data: trackData(segment, direction, &state)
        }
    }

    /// ACK or FIN.
    // RFC 9293 §3.8.4: keepalives count as signs of life.
    private mutating func trackData(
        _ segment: TCPSegment, _ direction: FlowDirection, _ state: inout FlowState
    ) -> TrackingVerdict {
        if state == .tcpOpening, outbound.flags.contains(.awaitsAnswer) {
            return trackEarlyData(segment, direction, &state)
        }
        guard judge(segment, direction) else { return .drop(.tcpOutOfWindow) }
        // RFC 4787 §4.3 REQ-6: outbound refreshes; of a closed connection nothing else does.
        let refreshes = state != .tcpClosing || direction == .outbound
        state = state.after(segment.flags, direction)
        return .pass(refreshes: refreshes)
    }

    /// An ACK or a FIN before an answer to the client's SYN was seen.
    private mutating func trackEarlyData(
        _ segment: TCPSegment, _ direction: FlowDirection, _ state: inout FlowState
    ) -> TrackingVerdict {
        if direction == .inbound {
            // RFC 9293 §3.5.1: the target answers a connection that the client has forgotten, and
            // the client resets it when it sees that.
            guard isAnswer(segment, state) else { return .pass(refreshes: false) }
        } else if !inbound.flags.contains(.known) {
            // The answer went another way than by this tracker.
            let ahead = segment.sequence.past(outbound.limit &+ 1)
            guard ahead >= 0, ahead <= TCPSide.slack else { return .drop(.tcpOutOfWindow) }
        }
        guard judge(segment, direction) else { return .drop(.tcpOutOfWindow) }
        state = state.after(segment.flags, direction)
        return .pass(refreshes: true)
    }

    /// Whether an inbound segment acknowledges the client's SYN that awaits an answer, and nothing
    /// that was not sent.
    func isAnswer(_ segment: TCPSegment, _ state: FlowState) -> Bool {
        guard outbound.flags.contains(.awaitsAnswer), segment.flags.contains(.ack) else {
            return false
        }
        let acknowledged = segment.acknowledgment.past(outbound.limit)
        // RFC 7413 §2: data in the SYN may be acknowledged with it.
        let isOpening = state == .tcpOpening || !inbound.flags.contains(.known)
        let sent = isOpening ? max(outbound.end.past(outbound.limit), 1) : 1
        return acknowledged >= 1 && acknowledged <= sent
    }
}

extension FlowState {
    /// A live TCP flow's.
    var isTCP: Bool {
        switch self {
        case .udp, .icmpQuery, .quiet, .sticky, .lent: false
        case .tcpOpening, .tcpEstablished, .tcpClientClosing, .tcpTargetClosing, .tcpClosing,
            .tcpTransitory:
            true
        }
    }
}
