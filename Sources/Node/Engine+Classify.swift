// From a received datagram to a packet in hand, or to where it belongs: another node, another
// engine, or nowhere.

import Configuration
import Steering
import Translation
import Wire

// Methods here are mutating even where they only read: the engine is then passed by its address.
// For a method that borrows it, the compiler copies a struct of this size to the stack.

extension Engine {
    mutating func classify(_ packet: Packet, at now: Tick) {
        guard !isControl(packet) else {
            return isSubscription(packet)
                ? subscribe(packet, at: now) : receiveBatch(packet, at: now)
        }
        counters.packetsIn += 1
        classifyAgain(packet, at: now)
    }

    /// Classifies a packet that was counted before.
    mutating func classifyAgain(_ packet: Packet, at now: Tick) {
        do {
            let received = try read(packet)
            guard received.summary.kind != .fragment || received.overlay.fragment != nil else {
                return collect(received, at: now)
            }
            place(received, at: now)
        } catch {
            drop(packet, error.reason)
        }
    }

    /// Reads both headers and who sent them.
    mutating func read(_ packet: Packet) throws(MalformedPacket) -> ReceivedPacket {
        let overlay: OverlayHeader
        let innerOffset: Int
        do {
            (overlay, innerOffset) = try OverlayHeader.parse(frames.bytes(of: packet))
        } catch {
            throw MalformedPacket(reason: DropReason(error))
        }
        let origin: Origin
        do {
            origin = try self.origin(of: packet, overlay)
        } catch {
            throw MalformedPacket(reason: DropReason(error.cause))
        }
        var summary = try Self.summarize(
            frames.bytes(
                packet.frame, start: Int(packet.start) + innerOffset,
                count: Int(packet.length) - innerOffset), overlay)
        if summary.kind == .fragment, let fragment = overlay.fragment {
            summary.tuple.sourcePort = fragment.sourcePort
            summary.tuple.destinationPort = fragment.destinationPort
        }
        return ReceivedPacket(
            packet: packet, innerOffset: innerOffset, overlay: overlay, machine: origin.machine,
            sender: origin.sender, summary: summary)
    }

    /// Gives a packet to whoever leads its bucket: into this turn's hand, to another engine, or to
    /// another node.
    mutating func place(_ received: ReceivedPacket, at now: Tick) {
        let packet = received.packet
        let summary = received.summary
        let placement: Placement
        do {
            placement = try translator.resources.classify(
                received.overlay, summary, sender: received.sender)
        } catch {
            guard let resource = error.resource else {
                return drop(packet, DropReason(error.cause))
            }
            return refuse(packet, error.cause, of: resource)
        }
        switch owner(of: placement) {
        case .nobodyHere:
            refuse(packet, .notServedHere, of: placement.resource)
        case .node(let leader):
            passOn(received, placement, to: leader, leg: .toLeader)
        case .beyondCapacity:
            refuse(packet, .groupCapacityExceeded, of: placement.resource)
        case .unsettled:
            wait(packet, placement, now)
        case .engine(let engine):
            handOver(received, placement, to: engine)
        case .thisEngine:
            translator.counters.countArrival(placement.resource)
            let work = Work(
                packet: packet, innerOffset: received.innerOffset,
                arrival: Arrival(
                    placement, overlay: received.overlay, machine: received.machine,
                    sender: received.sender, summary: summary),
                hash: 0)
            // RFC 1812 §5.3.1, RFC 8200 §3: a packet whose hop limit would reach 0 ends here.
            guard summary.timeToLive > 1 else {
                return refuse(work, DropReason(.timeToLiveExpired), .timeExceeded, now)
            }
            // What came over a loan was charged by its lender.
            if !work.arrival.isOverLoan, let cause = translator.admit(work.arrival, at: now) {
                return drop(packet, DropReason(cause), of: placement.resource)
            }
            works.append(work)
        }
    }

    /// A fragment that was collected here takes along what was learned of its datagram.
    private mutating func handOver(
        _ received: ReceivedPacket, _ placement: Placement, to engine: Int
    ) {
        counters.packetsHandedOver += 1
        var packet = received.packet
        if received.overlay.fragment != nil,
            received.overlay.marks.leg.rawValue < OverlayLeg.toLeader.rawValue, let ownIndex
        {
            packet = marked(received, placement, leg: .toLeader)
            packet.remote = translator.resources.nodeAddresses[ownIndex]
        }
        handOvers.append(HandOver(engine: engine, packet: packet))
    }

    /// Reads the inner packet. An ICMP error then has the tuple of the flow that it is about: that
    /// of the packet inside it, read backwards.
    static func summarize(
        _ bytes: RawSpan, _ overlay: OverlayHeader
    ) throws(MalformedPacket) -> PacketSummary {
        do {
            var summary = try PacketSummary.parse(bytes)
            // RFC 8200 §8.1.
            if summary.kind == .udp, !summary.isIPv4,
                bytes.bigEndianUInt16(at: summary.transportOffset + 6) == 0
            {
                throw MalformedPacket(reason: DropReason(.udpChecksumMissing))
            }
            // What a router gives back is what a node sent it.
            if overlay.marks.contains(.returnTaken) { summary.tuple = summary.tuple.reversed }
            guard summary.kind == .icmpError else { return summary }
            let embedded = try EmbeddedPacket.parse(in: bytes, of: summary)
            guard ErrorRewrite.checksumIsValid(bytes, summary) else {
                throw MalformedPacket(reason: DropReason(.badErrorChecksum))
            }
            guard ErrorRewrite.destination(bytes, summary) == embedded.tuple.source else {
                throw MalformedPacket(reason: DropReason(.errorMisaddressed))
            }
            // RFC 4787 §9 REQ-12 (a): whoever sends it.
            summary.tuple = embedded.tuple.reversed
            return summary
        } catch let error as PacketError {
            throw MalformedPacket(reason: DropReason(error))
        } catch let error as MalformedPacket {
            throw error
        } catch {
            preconditionFailure("nothing else is thrown")
        }
    }

    /// Drops a packet that is for a resource before it is taken in hand.
    mutating func refuse(_ packet: Packet, _ cause: DropCause, of resource: Int) {
        translator.counters.countArrival(resource)
        drop(packet, DropReason(cause), of: resource)
    }

    /// Who sent the packet first, by what the outer header and, between nodes, the origin say.
    // RFC 8926 §6.1: only known machines may put packets into the overlay.
    private mutating func origin(
        of packet: Packet, _ overlay: OverlayHeader
    ) throws(OriginError) -> Origin {
        guard let neighbour = translator.resources.sender(packet.remote) else {
            throw OriginError(cause: .unknownSender)
        }
        guard case .node = neighbour else {
            guard overlay.origin == nil, overlay.fragment == nil else {
                throw OriginError(cause: .originMismatch)
            }
            return Origin(machine: packet.remote, sender: neighbour)
        }
        let leg = overlay.marks.leg
        guard let machine = overlay.origin, leg != .none else {
            throw OriginError(cause: .originMismatch)
        }
        switch translator.resources.sender(machine) {
        case .host: return Origin(machine: machine, sender: .host)
        case .edge(let index): return Origin(machine: machine, sender: .edge(index))
        case .node, nil: throw OriginError(cause: .unknownSender)
        }
    }

    /// DESIGN part 5, rule 21: a packet is passed on once in each leg of its way.
    mutating func passOn(
        _ received: ReceivedPacket, _ placement: Placement, to node: Int, leg: OverlayLeg
    ) {
        let before = received.overlay.marks.leg
        let wasPassed = received.overlay.origin != nil && before.rawValue >= leg.rawValue
        guard !wasPassed, before.rawValue <= leg.rawValue, before != .toLeader else {
            return refuse(received.packet, .looping, of: placement.resource)
        }
        counters.packetsPassedOn += 1
        if leg == .toLeader, received.overlay.origin == nil { correct(received, placement) }
        var packet = marked(received, placement, leg: leg)
        packet.remote = translator.resources.nodeAddresses[node]
        outgoing.append(packet)
    }

    /// Who sent a packet to another than its bucket's leader hears who leads.
    // DESIGN part 5, rule 21: each look at the subscribers is linear in them, so a turn has few.
    private mutating func correct(_ received: ReceivedPacket, _ placement: Placement) {
        guard settings.index == 0, staleLeft > 0 else { return }
        staleLeft -= 1
        let group = translator.resources.resources[placement.resource].group
        announcer.stale(
            sender: received.machine, group: translator.resources.groupIDs[group],
            at: turnBegan)
    }

    /// The packet with its leg, its origin and its bucket in the encapsulation.
    private mutating func marked(
        _ received: ReceivedPacket, _ placement: Placement, leg: OverlayLeg
    ) -> Packet {
        var overlay = received.overlay
        overlay.marks.leg = leg
        overlay.bucket = placement.bucket
        overlay.origin = received.machine
        let packet = received.packet
        let start = Int(packet.start) + received.innerOffset - overlay.passedOnBytes
        var header = frames.mutableBytes(
            packet.frame, start: start, count: overlay.passedOnBytes)
        overlay.writePassedOn(to: &header)
        return Packet(
            frame: packet.frame, start: UInt16(start),
            length: UInt16(overlay.passedOnBytes + received.summary.totalBytes),
            remote: packet.remote, sourcePortIndex: sourcePortIndex(placement.bucket))
    }
}

/// A packet of which both headers were read.
struct ReceivedPacket {
    var packet: Packet
    var innerOffset: Int
    var overlay: OverlayHeader
    /// Who put it into the overlay.
    var machine: IPAddress
    var sender: Sender
    var summary: PacketSummary
}

/// The machine that put a packet into the overlay.
private struct Origin {
    var machine: IPAddress
    var sender: Sender
}

private struct OriginError: Error {
    var cause: DropCause
}

/// Why an inner packet is not looked at any further.
struct MalformedPacket: Error {
    var reason: DropReason
}
