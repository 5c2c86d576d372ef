// RSTs. Whoever sees the packets can end a connection anyway; nobody else may. So an RST counts
// only if it carries the very number that its receiver expects (RFC 5961 §3.2).

import Wire

extension TCPTracker {
    mutating func trackReset(
        _ segment: TCPSegment, _ direction: FlowDirection, _ state: inout FlowState
    ) -> TrackingVerdict {
        if direction == .inbound, outbound.flags.contains(.awaitsAnswer) {
            // RFC 5961 §3.2, RFC 9293 §3.10.7.3: a SYN is refused by acknowledging it.
            if isAnswer(segment, state) { return endBy(segment, direction, &state) }
            if state == .tcpOpening, !inbound.flags.contains(.known) {
                return .drop(.tcpResetInvalid)
            }
        }
        if isExact(segment, direction) { return endBy(segment, direction, &state) }
        // A client that knows of no connection resets whatever it is answered with.
        if direction == .outbound, state == .tcpOpening { return .pass(refreshes: false) }
        // RFC 5961 §3.2: what is in the window, but inexact, makes the receiver ask back. A second
        // RST follows, exact.
        guard isInWindow(segment, direction) else { return .drop(.tcpResetInvalid) }
        return .pass(refreshes: false)
    }

    // RFC 7857 §2.2, §7.1: the wait begins with the RST that ends the connection; no further one
    // makes it longer.
    private mutating func endBy(
        _ segment: TCPSegment, _ direction: FlowDirection, _ state: inout FlowState
    ) -> TrackingVerdict {
        let before = state
        state = state.after(segment.flags, direction)
        return .pass(refreshes: state != before)
    }

    /// Whether the receiver expects this number next: what it acknowledged, or the end of what was
    /// sent to it, as its acknowledgment may be under way.
    private func isExact(_ segment: TCPSegment, _ direction: FlowDirection) -> Bool {
        let sender = self[direction]
        let receiver = self[direction.reversed]
        if receiver.flags.contains(.acknowledges), segment.sequence == receiver.acknowledged {
            return true
        }
        return sender.flags.contains(.known) && segment.sequence == sender.end
    }

    /// Whether the number lies in the receiver's window, as far as it is known.
    private func isInWindow(_ segment: TCPSegment, _ direction: FlowDirection) -> Bool {
        let sender = self[direction]
        let receiver = self[direction.reversed]
        if sender.isBeyondLimit(segment.sequence) { return false }
        if receiver.flags.contains(.acknowledges) {
            return segment.sequence.past(receiver.acknowledged) >= 0
        }
        guard sender.flags.contains(.known), receiver.flags.contains(.known) else { return true }
        return segment.sequence.past(sender.end) >= -receiver.largestWindow
    }
}
