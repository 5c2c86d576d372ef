// From a received datagram to a packet in hand, or to where it belongs: another node, another
// engine, or nowhere.

import Configuration
import Translation
import Wire

extension Engine {
    mutating func classify(_ packet: Packet) {
        counters.packetsIn += 1
        let overlay: OverlayHeader
        let innerOffset: Int
        do {
            (overlay, innerOffset) = try OverlayHeader.parse(frames.bytes(of: packet))
        } catch {
            return drop(packet, DropReason(error))
        }
        let origin: Origin
        do {
            origin = try self.origin(of: packet, overlay)
        } catch {
            return drop(packet, DropReason(error.cause))
        }
        let summary: PacketSummary
        do {
            summary = try PacketSummary.parse(
                frames.bytes(
                    packet.frame, start: Int(packet.start) + innerOffset,
                    count: Int(packet.length) - innerOffset))
        } catch {
            return drop(packet, DropReason(error))
        }
        let arrival: Arrival
        do {
            arrival = try translator.resources.classify(
                overlay, summary, machine: origin.machine, sender: origin.sender)
        } catch {
            guard let resource = error.resource else {
                return drop(packet, DropReason(error.cause))
            }
            return refuse(packet, error.cause, of: resource)
        }
        place(Work(packet: packet, innerOffset: innerOffset, arrival: arrival, hash: 0), overlay)
    }

    /// Who sent the packet first, by what the outer header and, between nodes, the origin say.
    // RFC 8926 §6.1: only known machines may put packets into the overlay.
    private func origin(
        of packet: Packet, _ overlay: OverlayHeader
    ) throws(OriginError) -> Origin {
        guard let neighbour = translator.resources.sender(packet.remote) else {
            throw OriginError(cause: .unknownSender)
        }
        guard case .node = neighbour else {
            guard overlay.origin == nil else { throw OriginError(cause: .originMismatch) }
            return Origin(machine: packet.remote, sender: neighbour)
        }
        guard let machine = overlay.origin, overlay.marks.leg == .toLeader else {
            throw OriginError(cause: .originMismatch)
        }
        switch translator.resources.sender(machine) {
        case .host: return Origin(machine: machine, sender: .host)
        case .edge(let index): return Origin(machine: machine, sender: .edge(index))
        case .node, nil: throw OriginError(cause: .unknownSender)
        }
    }

    /// Keeps the packet if this engine owns its bucket, else sends it where it belongs.
    private mutating func place(_ work: Work, _ overlay: OverlayHeader) {
        let arrival = work.arrival
        let group = translator.resources.resources[arrival.resource].group
        let leader = translator.resources.leader(group: group, bucket: arrival.bucket)
        guard let ownIndex else { return refuse(work.packet, .notServedHere, of: arrival.resource) }
        guard leader == ownIndex else { return passOn(work, overlay, to: leader) }
        let engine = Int(arrival.bucket.rawValue) % settings.engineCount
        guard engine == settings.index else {
            counters.packetsHandedOver += 1
            handOvers.append(HandOver(engine: engine, packet: work.packet))
            return
        }
        translator.counters.countArrival(arrival.resource)
        works.append(work)
    }

    /// Drops a packet that is for a resource before it is taken in hand.
    private mutating func refuse(_ packet: Packet, _ cause: DropCause, of resource: Int) {
        translator.counters.countArrival(resource)
        drop(packet, DropReason(cause), of: resource)
    }

    /// DESIGN part 5, rule 21: a packet is passed to the leader once in this leg.
    private mutating func passOn(_ work: Work, _ overlay: OverlayHeader, to leader: Int) {
        guard overlay.marks.leg.rawValue < OverlayLeg.toLeader.rawValue else {
            return refuse(work.packet, .looping, of: work.arrival.resource)
        }
        var marked = overlay
        marked.marks.leg = .toLeader
        marked.bucket = work.arrival.bucket
        marked.origin = work.arrival.machine
        let inner = Int(work.packet.start) + work.innerOffset
        let start = inner - OverlayHeader.passedOnByteCount
        var header = frames.mutableBytes(
            work.packet.frame, start: start, count: OverlayHeader.passedOnByteCount)
        marked.writePassedOn(to: &header)
        counters.packetsPassedOn += 1
        outgoing.append(
            Packet(
                frame: work.packet.frame, start: UInt16(start),
                length: UInt16(
                    OverlayHeader.passedOnByteCount + work.arrival.summary.totalBytes),
                remote: translator.resources.nodeAddresses[leader],
                sourcePortIndex: sourcePortIndex(work.arrival.bucket)))
    }
}

/// The machine that put a packet into the overlay.
private struct Origin {
    var machine: IPAddress
    var sender: Sender
}

private struct OriginError: Error {
    var cause: DropCause
}
