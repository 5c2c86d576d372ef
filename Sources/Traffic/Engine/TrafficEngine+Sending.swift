// Packets of clients, on their way into the cluster.

import Configuration
import Wire

extension TrafficEngine {
    /// Sends the first packet of a flow, or sends it again.
    mutating func sendOpening(_ slot: Int, _ now: Tick, _ pool: inout FramePool) {
        let isTCP = flows[slot].ipProtocol == .tcp
        let intended = flows[slot].opened
        let sent =
            isTCP
            ? sendSYN(slot, now, &pool)
            : sendRequest(slot, intended: flows[slot].attempts == 0 ? intended : now, now, &pool)
        if sent { countAttempt(slot, intended: intended, now) }
        armRetry(slot, now, sent)
    }

    /// Nanoseconds from a packet that must be answered to its repetition.
    func patience() -> UInt64 { UInt64(workload.plan.profile.patience.retryMilliseconds * 1e6) }

    /// After a packet that must be answered: the time of its repetition, or of another try if
    /// there was no frame to send it in.
    mutating func armRetry(_ slot: Int, _ now: Tick, _ sent: Bool) {
        wheel.schedule(UInt32(slot), at: now + (sent ? patience() : 1_000_000))
    }

    mutating func countAttempt(_ slot: Int, intended: Tick, _ now: Tick) {
        if flows[slot].attempts == 0 {
            measures.lateness.record(now - intended)
        } else {
            counters.repeated += 1
        }
        flows[slot].attempts += 1
    }

    /// Sends a request of a UDP or ICMP flow. False without a frame.
    mutating func sendRequest(
        _ slot: Int, intended: Tick, _ now: Tick, _ pool: inout FramePool
    ) -> Bool {
        guard let frame = pool.take() else { return false }
        let record = flows[slot]
        var form = clientForm(slot)
        form.payloadBytes = PacketForm.payloadBytes(
            record.ipProtocol, total: workload.requestBytes(record.number, record.sequence),
            isIPv4: record.client.isIPv4)
        form.identification = record.sequence
        form.echoSequence = record.sequence
        let marker = Marker(
            number: record.number, nonce: record.nonce, sequence: record.sequence,
            intended: intended, ticket: noteSending(slot, now))
        flows[slot].sequence &+= 1
        if isBystander(slot) { exhaustion?.bystanders.requests += 1 }
        emitFromClient(form, marker, record, frame, &pool)
        return true
    }

    /// Notes the sending of a request for the outages. While ports are being used up, openings
    /// don't count: they are meant to be refused.
    mutating func noteSending(_ slot: Int, _ now: Tick) -> UInt16 {
        let record = flows[slot]
        guard exhaustion == nil || record.phase != .opening else { return 0 }
        if record.yetToSend != 0 { noteSendingAfterFault(slot, now) }
        return outages.sent(Int(record.track), at: now)
    }

    mutating func noteAnswered(_ ticket: UInt16, _ record: FlowRecord, _ now: Tick) {
        guard exhaustion == nil || record.phase != .opening else { return }
        outages.answered(Int(record.track), ticket, at: now)
    }

    /// The next packet of the flow's client, without its contents.
    mutating func clientForm(_ slot: Int) -> PacketForm {
        let record = flows[slot]
        var form = PacketForm(
            ipProtocol: record.ipProtocol, source: record.client, sourcePort: record.clientPort,
            destination: record.server, destinationPort: record.serverPort, payloadBytes: 0)
        form.number = record.number
        form.serial = record.clientSerial
        flows[slot].clientSerial &+= 1
        return form
    }

    /// As the client's router does: encapsulates the packet for its bucket's leader.
    mutating func emitFromClient(
        _ form: PacketForm, _ marker: Marker?, _ record: FlowRecord, _ frame: UInt32,
        _ pool: inout FramePool
    ) {
        emit(
            form, clientHeader(record), marker, from: Int(record.home),
            to: leader(workload.streams[Int(record.stream)].service, record.bucket), frame,
            start: pool.headroomBytes, &pool)
    }

    func clientHeader(_ record: FlowRecord) -> OverlayHeader {
        let stream = workload.streams[Int(record.stream)]
        let service = topology.services[stream.service]
        let network = workload.networks[stream.network]
        return OverlayHeader(
            vni: network.vni, innerIsIPv4: record.client.isIPv4, bucket: record.bucket,
            eni: network.eni(ofInstance: Int(record.instance)), resource: service.id,
            listener: stream.listener.map { service.listeners[$0].index } ?? 0)
    }

    /// Writes a packet into a frame and queues it at an endpoint, for a node.
    mutating func emit(
        _ form: PacketForm, _ header: OverlayHeader, _ marker: Marker?, from endpoint: Int,
        to node: Int, _ frame: UInt32, start: Int, _ pool: inout FramePool
    ) {
        let length = OverlayHeader.byteCount + form.totalBytes
        var bytes = pool.mutableBytes(frame, start: start, count: length)
        form.write(header, marker: marker, to: &bytes)
        outbox[endpoint].append(
            Packet(
                frame: frame, start: UInt16(start), length: UInt16(length),
                remote: topology.nodes[node].address,
                sourcePortIndex: UInt8(header.bucket.rawValue & 15)))
        noteSent(header)
        counters.sent += 1
        counters.sentBytes += UInt64(form.totalBytes)
        nodeCounters[node].sent += 1
    }

    /// The ordinal of the node that leads a bucket, as routers and edges know it.
    func leader(_ service: Int, _ bucket: BucketIndex) -> Int {
        Int(topology.services[service].leaders[Int(bucket.rawValue)])
    }
}
