// SYNs: of the client, which begin a connection or ask after one; and what answers them. RFC 9293
// §3.5, RFC 5961 §4.2, RFC 7323 §2.2.

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
        case _ where mayReopen(segment, state):
            self = TCPTracker(opening: segment)
            state = state.after(segment.flags, .outbound)
            return .reopen
        case _ where outbound.hasSent(segment, to: inbound):
            return .pass(refreshes: true)
        default:
            // RFC 5961 §4.2: the target asks back, whatever the sequence number; a client that
            // was restarted resets the old connection then. If the target was restarted too, it
            // answers this SYN.
            outbound.limit = segment.sequence
            outbound.flags.remove(.limited)
            outbound.flags.insert(.awaitsAnswer)
            let shift = segment.numbers.windowScale.map { $0 + 1 } ?? 0
            outbound.scales = outbound.scales & 0xF | shift << 4
            return .pass(refreshes: true)
        }
    }

    // RFC 9293 §3.6.1 MAY-2: a new connection begins beyond the old one's numbers; what lies before
    // may be an old SYN come late. The target sorts that out, and its answer counts.
    private func mayReopen(_ segment: TCPSegment, _ state: FlowState) -> Bool {
        if state == .tcpTransitory { return true }
        return state == .tcpClosing
            && (!outbound.flags.contains(.known) || segment.sequence.past(outbound.end) >= 0)
    }

    /// The same SYN once more, or that of another attempt.
    private mutating func repeatOpening(_ segment: TCPSegment) {
        let awaitsAnswer = outbound.flags.contains(.awaitsAnswer)
        if !awaitsAnswer, outbound.hasSent(segment, to: inbound) { return }
        var again = TCPTracker(opening: segment)
        guard awaitsAnswer, outbound.limit == segment.sequence else {
            // Not from the beginning on: more may have been sent than was seen.
            if !awaitsAnswer { again.outbound.flags.insert(.learned) }
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
            // RFC 5382 §4.2 REQ-2 (a), RFC 9293 §3.5: a simultaneous open. Anyone could have sent
            // it, so it refreshes nothing, and the target's answer still counts for more.
            inbound = TCPSide(offering: segment)
            return .pass(refreshes: false)
        case .tcpEstablished, .tcpClientClosing, .tcpTargetClosing:
            // The target's SYN once more, from before it saw the client's answer.
            guard inbound.hasSent(segment, to: outbound) else { return .drop(.tcpUnexpectedSYN) }
            return .pass(refreshes: false)
        default:
            // RFC 5382 §4.3 REQ-4 (a): the target begins nothing, and is told nothing.
            return .drop(.tcpUnexpectedSYN)
        }
    }

    /// SYN and ACK from the target.
    mutating func trackTargetAnswer(
        _ segment: TCPSegment, _ state: inout FlowState
    ) -> TrackingVerdict {
        if state != .tcpOpening, inbound.hasSent(segment, to: outbound) {
            guard inbound.mayAcknowledge(segment, of: outbound) else {
                return .drop(.tcpUnexpectedSYN)
            }
            inbound.moveOn(segment, &outbound)
            state = state.after(segment.flags, .inbound)
            return .pass(refreshes: true)
        }
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
            // The client's SYN was not seen here: the answer may be late, and more may have passed
            // elsewhere.
            inbound.flags.insert(.learned)
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
        let isLate = state != .tcpOpening
        let isAnother = isLate && inbound.flags.contains(.known)
        let window = outbound.window
        inbound = TCPSide(offering: segment)
        if isAnother { outbound.takePendingScale() }
        settleScales()
        // The SYN was not the first seen of the opening: more may have passed elsewhere.
        if isLate || outbound.flags.contains(.learned) {
            // Both are late duplicates, or both ends were restarted: either way what comes next
            // tells where the connection is.
            loosen()
            return
        }
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
    /// Whether a SYN may be a late one of this connection: not far behind what was sent since. By
    /// mistake, a restarted sender's is taken for one once in 32,000 times, and is sent again.
    func hasSent(_ segment: TCPSegment, to receiver: TCPSide) -> Bool {
        guard flags.contains(.known) else { return false }
        let behind = -max(Self.latestAcknowledgment, receiver.largestWindow)
        return segment.sequence.past(end) < 0 && segment.sequence.past(end) >= behind
    }

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
    /// The scale of the SYN in the midst of the connection becomes the one that counts.
    mutating func takePendingScale() {
        let pending = scales >> 4
        flags = pending == 0 ? [] : .scaleKnown
        scales = pending == 0 ? 0 : pending - 1
    }
}
