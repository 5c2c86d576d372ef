// Packets of a node's own making: ICMP errors and resets to the sender of what was dropped, and
// resets to both ends of a flow that was ended.

import Configuration
import Translation
import Wire

extension Engine {
    /// Drops a packet in hand and tells its sender why.
    mutating func refuse(_ work: Work, _ reason: DropReason, _ answer: Answer, _ now: Tick) {
        self.answer(work, answer, now)
        noteRefusal(work.arrival, reason, now)
        drop(work.packet, reason, of: work.arrival.resource)
    }

    private mutating func answer(_ work: Work, _ answer: Answer, _ now: Tick) {
        let summary = work.arrival.summary
        guard Answer.mayAnswer(summary, with: answer), let source = ownAddress(work.arrival) else {
            return
        }
        guard answerLimiter.allows(work.arrival.resource, at: now) else {
            counters.answersSuppressed += 1
            return
        }
        if let error = ICMPAnswer(answer, isIPv4: summary.isIPv4) {
            send(error, about: work, from: source, answer.isDenial, now)
        } else {
            reset(work, now)
        }
    }

    private mutating func send(
        _ error: ICMPAnswer, about work: Work, from source: IPAddress, _ isDenial: Bool,
        _ now: Tick
    ) {
        let copied = error.copiedBytes(of: work.arrival.summary.totalBytes)
        guard let frame = frames.take() else {
            counters.answersSuppressed += 1
            return
        }
        let start = frames.headroomBytes + OverlayHeader.byteCount
        frames.copy(
            work.packet.frame, start: Int(work.packet.start) + work.innerOffset, count: copied,
            to: frame, start: start + error.headerBytes)
        var bytes = frames.mutableBytes(
            frame, start: start, count: error.headerBytes + copied)
        error.write(to: &bytes, from: source, to: work.arrival.summary.tuple.source)
        let packet = packet(
            frame, innerBytes: error.headerBytes + copied, to: work.arrival.machine,
            overlay: overlay(answering: work.arrival))
        guard !isDenial else { return deny(.packet(packet), copy(of: work.arrival), now) }
        counters.answersMade += 1
        outgoing.append(packet)
    }

    private mutating func reset(_ work: Work, _ now: Tick) {
        let summary = work.arrival.summary
        guard let numbers = TCPReset(answering: TCPSegment(summary)) else { return }
        let packet = packet(
            Reset(summary.tuple.reversed, numbers), to: work.arrival.machine,
            overlay: overlay(answering: work.arrival))
        if let packet { deny(.packet(packet), copy(of: work.arrival), now) }
    }

    /// Sends a reset of a flow whose end is committed.
    mutating func send(_ reset: Reset, to machine: IPAddress, overlay: OverlayHeader) {
        guard let packet = packet(reset, to: machine, overlay: overlay) else { return }
        counters.answersMade += 1
        outgoing.append(packet)
    }

    /// A reset in a frame of its own; without a free one it is counted and forgotten.
    private mutating func packet(
        _ reset: Reset, to machine: IPAddress, overlay: OverlayHeader
    ) -> Packet? {
        guard let frame = frames.take() else {
            counters.answersSuppressed += 1
            return nil
        }
        var bytes = frames.mutableBytes(
            frame, start: frames.headroomBytes + OverlayHeader.byteCount,
            count: reset.byteCount)
        reset.write(to: &bytes)
        return packet(frame, innerBytes: reset.byteCount, to: machine, overlay: overlay)
    }

    private mutating func packet(
        _ frame: UInt32, innerBytes: Int, to machine: IPAddress, overlay: OverlayHeader
    ) -> Packet {
        var header = frames.mutableBytes(
            frame, start: frames.headroomBytes, count: OverlayHeader.byteCount)
        overlay.write(to: &header)
        var packet = Packet(
            frame: frame, start: UInt16(frames.headroomBytes),
            length: UInt16(OverlayHeader.byteCount + innerBytes), remote: machine,
            sourcePortIndex: sourcePortIndex(overlay.bucket))
        packet.role = .answer
        return packet
    }

    /// The encapsulation back to where a packet came from.
    private func overlay(answering arrival: Arrival) -> OverlayHeader {
        OverlayHeader(
            vni: arrival.vni, innerIsIPv4: arrival.summary.isIPv4, bucket: arrival.bucket,
            marks: arrival.direction == .outbound ? .inbound : [], eni: arrival.eni,
            resource: translator.resources.resources[arrival.resource].id,
            listener: arrival.listener)
    }

    /// The address that this node speaks from: one of the resource's that the sender may see. Nil if
    /// there is none: what the outside addressed to another is not answered.
    private func ownAddress(_ arrival: Arrival) -> IPAddress? {
        let resource = translator.resources.resources[arrival.resource]
        let addressed = arrival.summary.tuple.destination
        switch (resource.kind, arrival.direction) {
        case (.natGateway, .outbound):
            let eip = resource.parts.first.map { translator.resources.eips[$0].entry.address }
            return eip.map(IPAddress.v4) ?? addressed
        case (.loadBalancer, .inbound):
            return resource.address.isIPv4 == addressed.isIPv4 ? resource.address : addressed
        case (.natGateway, .inbound):
            let isOwn = resource.parts.contains {
                .v4(translator.resources.eips[$0].entry.address) == addressed
            }
            return isOwn ? addressed : nil
        case (.loadBalancer, .outbound):
            return addressed
        }
    }
}

extension Answer {
    /// It says that there is no such flow, and could be none: the bucket's leader alone may.
    // DESIGN part 5, rule 11.
    fileprivate var isDenial: Bool {
        switch self {
        case .hostUnreachable, .reset: true
        case .timeExceeded, .packetTooBig: false
        }
    }
}
