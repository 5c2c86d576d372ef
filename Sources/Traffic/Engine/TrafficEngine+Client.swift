// The client's end: answers that came back through the cluster.

import Wire

extension TrafficEngine {
    /// An inbound packet at a host. True if its frame was used for a packet that is sent.
    mutating func handleAtClient(
        _ arrival: Arrival, _ number: UInt32, _ pool: inout FramePool
    ) -> Bool {
        let received = arrival.received
        let slot = slot(of: number)
        let isKnown = flows[slot].number == number && flows[slot].phase != .unused
        // A flow that has ended, and whose slot is another's, is drawn again.
        let record =
            isKnown ? flows[slot] : makeRecord(workload.flow(number), opened: arrival.now)
        guard isForClient(received, arrival.endpoint, record) else {
            noteMisdelivery(number)
            return false
        }
        guard !isKnown || flows[slot].inboundSeen.insert(received.serial) else {
            counters.duplicated += 1
            noteCopy(slot)
            return false
        }
        guard isKnown, flows[slot].isLive else {
            counters.late += 1
            return false
        }
        noteHop(arrival, slot)
        if received.ipProtocol == .tcp {
            return handleSegmentAtClient(arrival, slot, &pool)
        }
        if let marker = received.marker { noteAnswer(marker, slot, arrival) }
        return false
    }

    /// Whether the packet reached the very instance and socket that its flow began at, with the
    /// flow's nonce.
    private func isForClient(_ received: Received, _ endpoint: Int, _ record: FlowRecord) -> Bool {
        if let marker = received.marker {
            guard marker.nonce == record.nonce, marker.kind == .answer else { return false }
        }
        let network = workload.networks[workload.streams[Int(record.stream)].network]
        return received.ipProtocol == record.ipProtocol
            && received.destination == record.client
            && received.destinationPort == record.clientPort
            && received.source == record.server && received.sourcePort == record.serverPort
            && received.header.vni == network.vni
            && received.header.eni == network.eni(ofInstance: Int(record.instance))
            && endpoint == Int(record.home)
    }

    /// The answer to a request of a UDP or ICMP flow.
    private mutating func noteAnswer(_ marker: Marker, _ slot: Int, _ arrival: Arrival) {
        noteRoundTrip(marker, slot, arrival)
        let record = flows[slot]
        switch record.phase {
        case .opening:
            flows[slot].phase = .established
            if record.lifetimeNanoseconds == 0 { return end(slot, .completed) }
            scheduleNext(slot, arrival.now)
        case .proving:
            // Only an answer to one of the last request's sendings proves anything.
            let ago = record.sequence &- marker.sequence
            if ago >= 1, ago <= UInt16(record.attempts), !noteProof(slot, arrival.now) {
                end(slot, .completed)
            }
        default: break
        }
    }

    /// Counts a request's answer in the latencies and the outages. The first makes the flow
    /// established.
    mutating func noteRoundTrip(_ marker: Marker, _ slot: Int, _ arrival: Arrival) {
        noteAnswered(marker.ticket, flows[slot], arrival.now)
        if isBystander(slot) { exhaustion?.bystanders.answered += 1 }
        if flows[slot].ipProtocol != .tcp, flows[slot].phase == .opening {
            noteEstablished(slot, arrival.now)
            return
        }
        let nanoseconds = marker.age(at: arrival.now)
        measures.roundTrip.record(nanoseconds)
        measures.recent.record(nanoseconds)
        if let node = arrival.node { nodeCounters[node].roundTrip.record(nanoseconds) }
    }

    /// The flow's first answer, or the SYN's.
    mutating func noteEstablished(_ slot: Int, _ now: Tick) {
        openingFlows -= 1
        let nanoseconds = now - flows[slot].opened
        if isBystander(slot) {
            exhaustion?.bystanders.established += 1
        } else {
            counters.established += 1
            resources[service(of: flows[slot])].established += 1
            exhaustion?.established(flows[slot].bucket, setupNanoseconds: nanoseconds, now)
        }
        measures.setup.record(nanoseconds)
        measures.recent.record(nanoseconds)
    }
}
