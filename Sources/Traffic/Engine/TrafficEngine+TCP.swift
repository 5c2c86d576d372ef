// Both ends of a TCP flow: handshake, one request at a time with its answer, FIN both ways
// (RFC 9293). Segments that are lost are sent again by the client's timer; the server only answers.

import Wire

extension TrafficEngine {
    /// The client's SYN. False without a frame.
    mutating func sendSYN(_ slot: Int, _ now: Tick, _ pool: inout FramePool) -> Bool {
        guard let frame = pool.take() else { return false }
        let record = flows[slot]
        var form = clientForm(slot)
        form.tcpFlags = .syn
        form.tcpSequence = record.nonce
        flows[slot].ticket = noteSending(slot, now)
        emitFromClient(form, nil, record, frame, &pool)
        return true
    }

    /// The request that is due, or that waits for its answer once more.
    mutating func sendData(_ slot: Int, _ now: Tick, _ pool: inout FramePool) {
        guard let frame = pool.take() else { return armRetry(slot, now, false) }
        let record = flows[slot]
        var form = clientForm(slot)
        form.payloadBytes = PacketForm.payloadBytes(
            .tcp, total: workload.requestBytes(record.number, record.sequence),
            isIPv4: record.client.isIPv4)
        form.tcpFlags = [.ack, .psh]
        form.tcpSequence = record.tcp.clientNext
        form.tcpAcknowledgment = record.tcp.clientExpects
        let marker = Marker(
            number: record.number, nonce: record.nonce, sequence: record.sequence,
            intended: record.due, ticket: noteSending(slot, now))
        flows[slot].tcp.requestBytes = UInt16(form.payloadBytes)
        emitFromClient(form, marker, record, frame, &pool)
        countAttempt(slot, intended: record.due, now)
        if isBystander(slot), record.attempts == 0 { exhaustion?.bystanders.requests += 1 }
        armRetry(slot, now, true)
    }

    /// The client's FIN, with the acknowledgment of all it has. False without a frame.
    mutating func sendFIN(_ slot: Int, _ now: Tick, _ pool: inout FramePool) -> Bool {
        guard let frame = pool.take() else { return false }
        let record = flows[slot]
        flows[slot].attempts += 1
        if flows[slot].attempts > 1 { counters.repeated += 1 }
        var form = clientForm(slot)
        form.tcpFlags = [.fin, .ack]
        form.tcpSequence = record.tcp.clientNext
        form.tcpAcknowledgment = record.tcp.clientExpects
        emitFromClient(form, nil, record, frame, &pool)
        return true
    }

    /// A segment of the server, at the client. True if the frame was used for an ACK.
    mutating func handleSegmentAtClient(
        _ arrival: Arrival, _ slot: Int, _ pool: inout FramePool
    ) -> Bool {
        let segment = arrival.received.tcp
        let tcp = flows[slot].tcp
        if segment.flags.contains(.rst) {
            end(slot, flows[slot].phase == .opening ? .refused(.reset, at: arrival.now) : .broken)
            return false
        }
        switch flows[slot].phase {
        case .opening where segment.flags == [.syn, .ack]:
            guard segment.acknowledgment == tcp.clientNext &+ 1 else { return noteBadNumbers() }
            return takeSYNACK(arrival, slot, &pool)
        case .established where segment.payloadBytes > 0:
            guard segment.sequence == tcp.clientExpects,
                segment.acknowledgment == tcp.clientNext &+ UInt32(tcp.requestBytes)
            else { return noteOldOrBad(segment, tcp) }
            return takeAnswer(arrival, slot, &pool)
        case .closing where segment.flags.contains(.fin):
            guard segment.sequence == tcp.clientExpects,
                segment.acknowledgment == tcp.clientNext &+ 1
            else { return noteBadNumbers() }
            flows[slot].tcp.clientNext &+= 1
            flows[slot].tcp.clientExpects &+= 1
            acknowledge(arrival, slot, [.ack], &pool)
            end(slot, .completed)
            return true
        default:
            return false
        }
    }

    private mutating func takeSYNACK(
        _ arrival: Arrival, _ slot: Int, _ pool: inout FramePool
    ) -> Bool {
        flows[slot].tcp.clientNext &+= 1
        flows[slot].tcp.clientExpects = arrival.received.tcp.sequence &+ 1
        noteAnswered(flows[slot].ticket, flows[slot], arrival.now)
        noteEstablished(slot, arrival.now)
        flows[slot].phase = .established
        flows[slot].attempts = 0
        // The first request follows the handshake at once.
        let due = TimerWheel.rounded(arrival.now)
        flows[slot].due = due
        wheel.schedule(UInt32(slot), at: due)
        acknowledge(arrival, slot, [.ack], &pool)
        return true
    }

    private mutating func takeAnswer(
        _ arrival: Arrival, _ slot: Int, _ pool: inout FramePool
    ) -> Bool {
        guard let marker = arrival.received.marker else { return noteBadNumbers() }
        noteRoundTrip(marker, slot, arrival)
        flows[slot].tcp.clientNext &+= UInt32(flows[slot].tcp.requestBytes)
        flows[slot].tcp.clientExpects &+= UInt32(arrival.received.tcp.payloadBytes)
        flows[slot].sequence &+= 1
        guard flows[slot].due >= flows[slot].ends else {
            scheduleNext(slot, arrival.now)
            acknowledge(arrival, slot, [.ack], &pool)
            return true
        }
        if noteProof(slot, arrival.now) {
            acknowledge(arrival, slot, [.ack], &pool)
            return true
        }
        flows[slot].phase = .closing
        flows[slot].attempts = 1
        wheel.schedule(UInt32(slot), at: arrival.now + patience())
        acknowledge(arrival, slot, [.fin, .ack], &pool)
        return true
    }

    /// Writes a segment without data over the one that came, back to the server.
    private mutating func acknowledge(
        _ arrival: Arrival, _ slot: Int, _ flags: TCPFlags, _ pool: inout FramePool
    ) {
        let record = flows[slot]
        var form = clientForm(slot)
        form.tcpFlags = flags
        form.tcpSequence = record.tcp.clientNext
        form.tcpAcknowledgment = record.tcp.clientExpects
        emit(
            form, clientHeader(record), nil, from: Int(record.home),
            to: leader(workload.streams[Int(record.stream)].service, record.bucket),
            arrival.packet.frame, start: arrival.answerStart, &pool)
    }

    /// An answer that came twice, because the request was sent twice, is no fault.
    private mutating func noteOldOrBad(_ segment: TCPSegment, _ tcp: TCPNumbers) -> Bool {
        let behind = tcp.clientExpects &- segment.sequence
        return behind > 0 && behind < 1 << 20 ? false : noteBadNumbers()
    }

    mutating func noteBadNumbers() -> Bool {
        counters.badTCPNumbers += 1
        return false
    }
}
