// SYNs: of the client, which begin a connection or ask after one; and what answers them. RFC 9293
// §3.5, RFC 5961 §4, RFC 7323 §2.

import Wire

extension TCPTracker {
    /// SYN from the client.
    mutating func trackClientOpen(
        _ segment: TCPSegment, _ state: inout FlowState
    ) -> TrackingVerdict {
        switch state {
        case .tcpOpening:
            repeatOpening(segment)
            return .pass(refreshes: true)
        case .tcpClosing, .tcpTransitory:
            // RFC 9293 §3.6.1 MAY-2.
            self = TCPTracker(opening: segment)
            state = state.after(segment.flags, .outbound)
            return .reopen
        default:
            // RFC 5961 §4.2: the target asks back, whatever the sequence number; a client that
            // was restarted resets the old connection then. If it is the target that was
            // restarted, it answers this SYN.
            outbound.limit = segment.sequence
            outbound.flags.remove(.limited)
            outbound.flags.insert(.awaitsAnswer)
            let shift = segment.numbers.windowScale.map { $0 + 1 } ?? 0
            outbound.scales = outbound.scales & 0xF | shift << 4
            return .pass(refreshes: true)
        }
    }

    /// The same SYN once more, or that of another attempt.
    private mutating func repeatOpening(_ segment: TCPSegment) {
        let isSame =
            outbound.flags.contains(.awaitsAnswer) && outbound.limit == segment.sequence
        let again = TCPTracker(opening: segment)
        guard isSame else {
            self = again
            return
        }
        let target = inbound
        let end = outbound.end.latest(segment.end)
        // The target may answer either of them: an offer once made stays.
        if again.outbound.flags.contains(.scaleKnown) { self = again }
        inbound = target
        outbound.end = end
        outbound.window = max(outbound.window, segment.numbers.window)
    }

    /// SYN from the target.
    mutating func trackTargetOpen(
        _ segment: TCPSegment, _ state: FlowState
    ) -> TrackingVerdict {
        switch state {
        case .tcpOpening:
            // RFC 9293 §3.5, figure 7: a simultaneous open. Anyone could have sent it, so it
            // refreshes nothing, and the target's answer to the client still counts for more.
            inbound = TCPSide(offering: segment)
            return .pass(refreshes: false)
        case .tcpEstablished, .tcpClientClosing, .tcpTargetClosing:
            // The target's SYN once more, from before it saw the client's answer.
            guard inbound.maySend(segment, to: outbound) else { return .drop(.tcpUnexpectedSYN) }
            return .pass(refreshes: false)
        default:
            return .drop(.tcpUnexpectedSYN)
        }
    }

    /// SYN and ACK from the target.
    mutating func trackTargetAnswer(
        _ segment: TCPSegment, _ state: inout FlowState
    ) -> TrackingVerdict {
        if isAnswer(segment, state) {
            answer(segment, state)
            state = .tcpEstablished
            return .pass(refreshes: true)
        }
        if state == .tcpOpening {
            guard !outbound.flags.contains(.awaitsAnswer) else {
                // RFC 9293 §3.5, figure 8: the client resets the answer to an old SYN.
                return .pass(refreshes: false)
            }
            inbound = TCPSide(synchronizing: segment)
        }
        guard judge(segment, .inbound) else { return .drop(.tcpUnexpectedSYN) }
        state = state.after(segment.flags, .inbound)
        return .pass(refreshes: true)
    }

    /// SYN and ACK from the client: its half of a simultaneous open.
    mutating func trackClientAnswer(
        _ segment: TCPSegment, _ state: inout FlowState
    ) -> TrackingVerdict {
        if state == .tcpOpening, outbound.flags.contains(.awaitsAnswer) {
            guard inbound.flags.contains(.known), segment.sequence == outbound.limit,
                segment.acknowledgment == inbound.end
            else { return .drop(.tcpUnexpectedSYN) }
            settleScales()
            outbound.flags.remove(.awaitsAnswer)
        }
        guard judge(segment, .outbound) else { return .drop(.tcpUnexpectedSYN) }
        state = state.after(segment.flags, .outbound)
        return .pass(refreshes: true)
    }

    /// The client's SYN is answered: all numbers of the target follow from the answer.
    private mutating func answer(_ segment: TCPSegment, _ state: FlowState) {
        if state != .tcpOpening, inbound.flags.contains(.known) {
            outbound = outbound.restarted(at: segment.acknowledgment)
        }
        let window = outbound.window
        inbound = TCPSide(offering: segment)
        settleScales()
        inbound.acknowledged = segment.acknowledgment
        inbound.flags.insert(.acknowledges)
        outbound.grant(segment.numbers.acknowledgedEdge &+ UInt32(max(segment.numbers.window, 1)))
        // RFC 7413 §2: the target may send before the client's third segment.
        inbound.grant(inbound.end &+ UInt32(window))
    }

    // RFC 7323 §2.2: windows are scaled only if both SYNs said so.
    private mutating func settleScales() {
        let areScaled =
            outbound.flags.contains(.scaleKnown) && inbound.flags.contains(.scaleKnown)
        outbound.settleScale(areScaled)
        inbound.settleScale(areScaled)
    }
}

extension TCPSide {
    /// A side that has sent its SYN: until the other has, its scale is an offer.
    init(offering segment: TCPSegment) {
        self.init(synchronizing: segment)
        scales = segment.numbers.windowScale ?? 0
        if segment.numbers.windowScale == nil { flags.remove(.scaleKnown) }
    }

    /// Windows offered so far were in bytes; from now on they are in units.
    mutating func settleScale(_ isScaled: Bool) {
        let bytes = Int(window)
        scales = isScaled ? scales & 0xF : 0
        flags.insert(.scaleKnown)
        window = 0
        offer(bytes)
    }

    /// The client after a SYN in the midst of a connection that the target answered.
    func restarted(at number: UInt32) -> TCPSide {
        var side = TCPSide()
        side.end = number
        side.flags = scales >> 4 == 0 ? [.known, .learned] : [.known, .learned, .scaleKnown]
        side.scales = scales >> 4 == 0 ? 0 : scales >> 4 - 1
        side.window = 1
        return side
    }
}
