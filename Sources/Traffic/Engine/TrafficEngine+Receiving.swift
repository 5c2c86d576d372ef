// Packets from nodes: read, checked, and given to the end that they are for.

public import Wire

extension TrafficEngine {
    /// Takes packets that arrived at an endpoint's outer address, with their frames.
    public mutating func handle(
        _ packets: [Packet], at endpoint: Int, _ now: Tick, pool: inout FramePool
    ) {
        for packet in packets {
            if !handle(packet, at: endpoint, now, &pool) { pool.give(packet.frame) }
        }
    }

    /// True if the frame went into the outbox, with an answer in it.
    private mutating func handle(
        _ packet: Packet, at endpoint: Int, _ now: Tick, _ pool: inout FramePool
    ) -> Bool {
        if ViewAnnouncement.isOne(pool.bytes(of: packet)) {
            takeAnnouncement(packet, pool)
            return false
        }
        noteLeak(pool.bytes(of: packet), at: endpoint)
        let received: Received
        do throws(ReadingError) {
            received = try Received(pool.bytes(of: packet))
        } catch {
            count(error)
            return false
        }
        let node = topology.nodeOrdinals.ordinal(of: packet.remote)
        if let node {
            nodeCounters[node].received += 1
            nodeCounters[node].receivedBytes += UInt64(received.summary.totalBytes)
        }
        guard let number = received.number, number < nextNumber else {
            return handleUnmarked(received, now)
        }
        counters.arrived += 1
        noteReceived(received.header)
        counters.receivedBytes += UInt64(received.summary.totalBytes)
        let arrival = Arrival(
            packet: packet, received: received, endpoint: endpoint, node: node, now: now)
        return received.header.marks.contains(.inbound)
            ? handleAtClient(arrival, number, &pool)
            : handleAtServer(arrival, number, &pool)
    }

    private mutating func count(_ error: ReadingError) {
        switch error {
        case .malformed: counters.malformed += 1
        case .badChecksum: counters.badChecksum += 1
        case .unexpected: counters.unexpected += 1
        }
    }

    /// A packet without a flow's number: a reset or ICMP error that a node made, or none of ours.
    private mutating func handleUnmarked(_ received: Received, _ now: Tick) -> Bool {
        guard received.header.marks.contains(.inbound), let slot = clientSlot(of: received) else {
            counters.unexpected += 1
            return false
        }
        counters.madeByNodes += 1
        let wasOpening = flows[slot].phase == .opening
        if let refusal = received.refusal {
            end(slot, wasOpening ? .refused(refusal, at: now) : .broken)
        }
        return false
    }

    /// The live flow that a node's own packet is about, by its tuple.
    private func clientSlot(of received: Received) -> Int? {
        clients.find(received.clientKey).map { Int($0) }
    }

    /// Notes that a flow got a packet of another, once a flow.
    mutating func noteMisdelivery(_ number: UInt32) {
        let slot = slot(of: number)
        guard flows[slot].number == number, flows[slot].phase != .unused else {
            counters.misdelivered += 1
            return
        }
        if flows[slot].marks.insert(.misdelivered).inserted { counters.misdelivered += 1 }
    }
}

extension Received {
    /// What an ICMP error or a reset says to a flow that is being opened.
    var refusal: Refusal? {
        guard summary.kind == .icmpError else {
            return tcp.flags.contains(.rst) ? .reset : nil
        }
        let isUnreachable = summary.icmpType == ICMPType.destinationUnreachable
        return isUnreachable && summary.icmpCode == 1 ? .hostUnreachable : .otherError
    }
}

/// A packet that arrived, and where.
struct Arrival {
    var packet: Packet
    var received: Received
    var endpoint: Int
    /// The node that sent it; nil for an address that the snapshot doesn't name as one.
    var node: Int?
    var now: Tick

    /// Where an answer written over the packet begins in its frame.
    var answerStart: Int {
        Int(packet.start) + received.innerOffset - OverlayHeader.byteCount
    }
}
