// The four bounds of van Rooij, and how the windows move on. S is the sender of the segment, R its
// receiver:
//
//     I    sequence       <= S.limit
//     II   end            >= S.end - R's largest window
//     III  acknowledgment <= R.end
//     IV   acknowledgment >= R.end - max(66,000, S's largest window)
//
// Of an empty segment only III and IV are asked: it carries nothing that could be out of place.

public import Wire

extension TCPSide {
    /// How late an acknowledgment may come at the least.
    @usableFromInline static var latestAcknowledgment: Int { 66_000 }

    /// True if the segment lies in all bounds; then both sides move on with it.
    @inlinable @inline(__always)
    static func judge(
        _ segment: TCPSegment, sender: inout TCPSide, receiver: inout TCPSide
    ) -> Bool {
        guard sender.maySend(segment, to: receiver), sender.mayAcknowledge(segment, of: receiver)
        else { return false }
        sender.moveOn(segment, &receiver)
        return true
    }

    /// I and II.
    @inlinable @inline(__always)
    func maySend(_ segment: TCPSegment, to receiver: TCPSide) -> Bool {
        if segment.length == 0 { return true }
        if isBeyondLimit(segment.sequence) { return false }
        return !flags.contains(.known) || !receiver.flags.contains(.known)
            || segment.end.past(end) >= -receiver.largestWindow
    }

    /// Beyond what the receiver has offered, as far as that is known.
    @inlinable @inline(__always)
    func isBeyondLimit(_ sequence: UInt32) -> Bool {
        guard flags.contains(.limited) else { return false }
        return sequence.past(limit) > (flags.contains(.learned) ? Self.slack : 0)
    }

    /// III and IV. SACK blocks count: what they name was received (RFC 2018 §3).
    @inlinable @inline(__always)
    func mayAcknowledge(_ segment: TCPSegment, of receiver: TCPSide) -> Bool {
        guard segment.flags.contains(.ack), receiver.flags.contains(.known) else { return true }
        let ahead = segment.numbers.acknowledgedEdge.past(receiver.end)
        if ahead > 0 {
            guard receiver.flags.contains(.learned) else { return false }
            return !flags.contains(.known) || ahead <= max(largestWindow, Self.slack)
        }
        return !flags.contains(.known) || ahead >= -max(Self.latestAcknowledgment, largestWindow)
    }

    /// Takes in what a segment that passed says of both sides.
    @inlinable @inline(__always)
    mutating func moveOn(_ segment: TCPSegment, _ receiver: inout TCPSide) {
        if !flags.contains(.known) {
            end = segment.end
            flags.formUnion([.known, .learned])
        } else if segment.length > 0 {
            if flags.contains(.limited) {
                // A probe of a closed window, or a sender that takes a little more than it may.
                let over = segment.end.past(limit)
                if over > 0 { receiver.offer(receiver.largestWindow + over) }
            }
            end = segment.end.latest(end)
        }
        if segment.isPartial { flags.insert(.learned) }
        if segment.flags.contains(.ack) { acknowledge(segment, &receiver) }
    }

    @inlinable @inline(__always)
    mutating func acknowledge(_ segment: TCPSegment, _ receiver: inout TCPSide) {
        let numbers = segment.numbers
        // RFC 7323 §2.2: the window of a SYN is never scaled.
        let shift = segment.flags.contains(.syn) ? 0 : scale
        let bytes = UInt32(numbers.window) &<< shift
        offer(Int(bytes) + numbers.acknowledgedEdge.past(numbers.acknowledgment))
        acknowledged =
            flags.contains(.acknowledges)
            ? numbers.acknowledgment.latest(acknowledged) : numbers.acknowledgment
        flags.insert(.acknowledges)
        if !receiver.flags.contains(.known) {
            receiver.end = numbers.acknowledgedEdge
            receiver.flags.formUnion([.known, .learned])
        } else {
            receiver.end = numbers.acknowledgedEdge.latest(receiver.end)
        }
        // RFC 9293 §3.8.6.1: a closed window is probed with one byte.
        receiver.grant(numbers.acknowledgedEdge &+ max(bytes, 1))
    }

    /// The other side lets this one send up to `edge`. Windows don't shrink.
    @inlinable @inline(__always)
    mutating func grant(_ edge: UInt32) {
        limit = flags.contains(.limited) ? edge.latest(limit) : edge
        flags.insert(.limited)
        flags.remove(.awaitsAnswer)
    }
}
