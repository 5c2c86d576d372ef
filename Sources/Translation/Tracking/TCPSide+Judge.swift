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

    // RFC 9293 §3.10.7.4: what lies outside is not accepted.
    /// True if the segment lies in all bounds; then both sides move on with it.
    static func judge(
        _ segment: TCPSegment, sender: inout TCPSide, receiver: inout TCPSide
    ) -> Bool {
        guard sender.maySend(segment, to: receiver), sender.mayAcknowledge(segment, of: receiver)
        else { return false }
        sender.moveOn(segment, &receiver)
        return true
    }

    /// `judge` for two settled sides and a segment of data or none: the way of nearly all.
    @inlinable @inline(__always)
    static func judgeSettled(
        _ segment: TCPSegment, sender: inout TCPSide, receiver: inout TCPSide
    ) -> Bool {
        let numbers = segment.numbers
        let scale = UInt32(sender.scales & 0xF)
        let largest = Int(UInt32(sender.window) &<< scale)
        let reach = Int(UInt32(receiver.window) &<< UInt32(receiver.scales & 0xF))
        let edge = numbers.acknowledgedEdge
        let ahead = edge.past(receiver.end)
        guard ahead <= 0, ahead >= -max(latestAcknowledgment, largest) else { return false }
        if segment.payloadBytes > 0 {
            let end = numbers.sequence &+ segment.payloadBytes
            let progress = end.past(sender.end)
            guard numbers.sequence.past(sender.limit) <= 0, progress >= -reach else {
                return false
            }
            let over = end.past(sender.limit)
            if over > 0 { receiver.offer(reach + over) }
            if progress > 0 { sender.end = end }
        }
        let bytes = UInt32(numbers.window) &<< scale
        if numbers.window > sender.window || edge != numbers.acknowledgment {
            sender.offer(Int(bytes) + edge.past(numbers.acknowledgment))
        }
        sender.acknowledged = numbers.acknowledgment.latest(sender.acknowledged)
        receiver.limit = (edge &+ max(bytes, 1)).latest(receiver.limit)
        return true
    }

    /// I and II.
    // RFC 9293 §3.8.1, §3.8.4: what was sent may be sent again, as keepalives are.
    func maySend(_ segment: TCPSegment, to receiver: TCPSide) -> Bool {
        if segment.length == 0 { return true }
        if isBeyondLimit(segment.sequence) { return false }
        return !flags.contains(.known) || !receiver.flags.contains(.known)
            || segment.end.past(end) >= -receiver.largestWindow
    }

    /// Beyond what the receiver has offered, as far as that is known.
    func isBeyondLimit(_ sequence: UInt32) -> Bool {
        guard flags.contains(.limited) else { return false }
        return sequence.past(limit) > (flags.contains(.learned) ? Self.slack : 0)
    }

    /// III and IV. SACK blocks count: what they name was received.
    func mayAcknowledge(_ segment: TCPSegment, of receiver: TCPSide) -> Bool {
        guard segment.flags.contains(.ack), receiver.flags.contains(.known) else { return true }
        // RFC 2018 §3.
        let ahead = segment.numbers.acknowledgedEdge.past(receiver.end)
        if ahead > 0 {
            guard receiver.flags.contains(.learned) else { return false }
            return !flags.contains(.known) || ahead <= max(largestWindow, Self.slack)
        }
        return !flags.contains(.known) || ahead >= -max(Self.latestAcknowledgment, largestWindow)
    }

    /// Takes in what a segment that passed says of both sides.
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

    /// The other side lets this one send up to `edge`.
    // RFC 9293 §3.8.6: windows don't shrink, or if they do, not for what is under way.
    mutating func grant(_ edge: UInt32) {
        limit = flags.contains(.limited) ? edge.latest(limit) : edge
        flags.insert(.limited)
        flags.remove(.awaitsAnswer)
    }
}
