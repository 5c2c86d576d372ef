// The server's end of a TCP flow: it answers what comes, and keeps no timers.

import Wire

extension TrafficEngine {
    /// A segment of the client, at the server. True if the frame was used for the answer.
    mutating func answerSegment(
        _ arrival: Arrival, _ slot: Int, _ route: AnswerRoute, _ pool: inout FramePool
    ) -> Bool {
        let segment = arrival.received.tcp
        if segment.flags.contains(.rst) { return false }
        if segment.flags.contains(.syn) { return answerSYN(arrival, slot, route, &pool) }
        let tcp = flows[slot].tcp
        let ahead = segment.sequence &- tcp.serverExpects
        if segment.payloadBytes > 0 {
            return answerData(arrival, slot, route, ahead: ahead, &pool)
        }
        guard segment.flags.contains(.fin) else { return false }
        // A FIN that was answered already is answered again with the same numbers.
        guard ahead == 0 || ahead == UInt32.max else { return noteBadNumbers() }
        if ahead == 0 {
            flows[slot].tcp.serverExpects &+= 1
            flows[slot].tcp.serverNext &+= 1
        }
        reply(
            arrival, slot, route, [.fin, .ack], sequence: flows[slot].tcp.serverNext &- 1,
            payloadBytes: 0, &pool)
        return true
    }

    private mutating func answerSYN(
        _ arrival: Arrival, _ slot: Int, _ route: AnswerRoute, _ pool: inout FramePool
    ) -> Bool {
        let segment = arrival.received.tcp
        // The client's initial sequence number is its nonce.
        guard segment.sequence == flows[slot].nonce else {
            noteMisdelivery(flows[slot].number)
            return false
        }
        let first = UInt32(truncatingIfNeeded: Mix.scatter(UInt64(flows[slot].nonce)))
        if flows[slot].tcp.serverExpects == 0 {
            flows[slot].tcp.serverExpects = segment.sequence &+ 1
            flows[slot].tcp.serverNext = first &+ 1
        }
        reply(arrival, slot, route, [.syn, .ack], sequence: first, payloadBytes: 0, &pool)
        return true
    }

    /// Data in order is answered with as much; data that was answered already, the same again.
    private mutating func answerData(
        _ arrival: Arrival, _ slot: Int, _ route: AnswerRoute, ahead: UInt32,
        _ pool: inout FramePool
    ) -> Bool {
        let count = UInt32(arrival.received.tcp.payloadBytes)
        guard ahead == 0 || ahead == 0 &- count, arrival.received.marker != nil else {
            return noteBadNumbers()
        }
        if ahead == 0 {
            flows[slot].tcp.serverExpects &+= count
            flows[slot].tcp.serverNext &+= count
        }
        reply(
            arrival, slot, route, [.psh, .ack], sequence: flows[slot].tcp.serverNext &- count,
            payloadBytes: Int(count), &pool)
        return true
    }

    private mutating func reply(
        _ arrival: Arrival, _ slot: Int, _ route: AnswerRoute, _ flags: TCPFlags,
        sequence: UInt32, payloadBytes: Int, _ pool: inout FramePool
    ) {
        var form = answerForm(arrival.received)
        form.number = flows[slot].number
        form.serial = flows[slot].serverSerial
        flows[slot].serverSerial &+= 1
        form.tcpFlags = flags
        form.tcpSequence = sequence
        form.tcpAcknowledgment = flows[slot].tcp.serverExpects
        form.payloadBytes = payloadBytes
        var marker = payloadBytes > 0 ? arrival.received.marker : nil
        marker?.kind = .answer
        emit(
            form, route.header, marker, from: route.endpoint, to: route.node,
            arrival.packet.frame, start: arrival.answerStart, &pool)
    }
}
