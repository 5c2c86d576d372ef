// From a received datagram to a packet in hand, or to where it belongs: another node, another
// engine, or nowhere.

import Configuration
import Translation
import Wire

// Methods here are mutating even where they only read: the engine is then passed by its address.
// For a method that borrows it, the compiler copies a struct of this size to the stack.

extension Engine {
    mutating func classify(_ packet: Packet, at now: Tick) {
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
            summary = try Self.summarize(
                frames.bytes(
                    packet.frame, start: Int(packet.start) + innerOffset,
                    count: Int(packet.length) - innerOffset))
        } catch {
            return drop(packet, error.reason)
        }
        let placement: Placement
        do {
            placement = try translator.resources.classify(
                overlay, summary, sender: origin.sender)
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
            passOn(
                packet, innerOffset, overlay, summary.totalBytes, placement,
                from: origin.machine, to: leader)
        case .engine(let engine):
            counters.packetsHandedOver += 1
            handOvers.append(HandOver(engine: engine, packet: packet))
        case .thisEngine:
            translator.counters.countArrival(placement.resource)
            let work = Work(
                packet: packet, innerOffset: innerOffset,
                arrival: Arrival(
                    placement, overlay: overlay, machine: origin.machine,
                    sender: origin.sender, summary: summary),
                hash: 0)
            // RFC 1812 §5.3.1, RFC 8200 §3: a packet whose hop limit would reach 0 ends here.
            guard summary.timeToLive > 1 else {
                return refuse(work, DropReason(.timeToLiveExpired), .timeExceeded, now)
            }
            works.append(work)
        }
    }

    /// Reads the inner packet. An ICMP error then has the tuple of the flow that it is about: that
    /// of the packet inside it, read backwards.
    static func summarize(_ bytes: RawSpan) throws(MalformedPacket) -> PacketSummary {
        do {
            var summary = try PacketSummary.parse(bytes)
            guard summary.kind == .icmpError else { return summary }
            let embedded = try EmbeddedPacket.parse(in: bytes, of: summary)
            guard ErrorRewrite.checksumIsValid(bytes, summary) else {
                throw MalformedPacket(reason: DropReason(.badErrorChecksum))
            }
            guard ErrorRewrite.destination(bytes, summary) == embedded.tuple.source else {
                throw MalformedPacket(reason: DropReason(.errorMisaddressed))
            }
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
    private mutating func refuse(_ packet: Packet, _ cause: DropCause, of resource: Int) {
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

    /// Whose the packet's bucket is.
    private mutating func owner(of placement: Placement) -> BucketOwner {
        guard let ownIndex else { return .nobodyHere }
        let group = translator.resources.resources[placement.resource].group
        let leader = translator.resources.leader(group: group, bucket: placement.bucket)
        guard leader == ownIndex else { return .node(leader) }
        let engine = Int(placement.bucket.rawValue) % settings.engineCount
        return engine == settings.index ? .thisEngine : .engine(engine)
    }

    /// DESIGN part 5, rule 21: a packet is passed to the leader once in this leg.
    private mutating func passOn(
        _ packet: Packet, _ innerOffset: Int, _ overlay: OverlayHeader, _ innerBytes: Int,
        _ placement: Placement, from machine: IPAddress, to leader: Int
    ) {
        guard overlay.marks.leg.rawValue < OverlayLeg.toLeader.rawValue else {
            return refuse(packet, .looping, of: placement.resource)
        }
        var marked = overlay
        marked.marks.leg = .toLeader
        marked.bucket = placement.bucket
        marked.origin = machine
        let start = Int(packet.start) + innerOffset - OverlayHeader.passedOnByteCount
        var header = frames.mutableBytes(
            packet.frame, start: start, count: OverlayHeader.passedOnByteCount)
        marked.writePassedOn(to: &header)
        counters.packetsPassedOn += 1
        outgoing.append(
            Packet(
                frame: packet.frame, start: UInt16(start),
                length: UInt16(OverlayHeader.passedOnByteCount + innerBytes),
                remote: translator.resources.nodeAddresses[leader],
                sourcePortIndex: sourcePortIndex(placement.bucket)))
    }
}

/// Who decides for a bucket.
private enum BucketOwner {
    /// This node isn't in the snapshot.
    case nobodyHere
    /// Another one, by its index in the snapshot.
    case node(Int)
    /// Another engine of this node.
    case engine(Int)
    case thisEngine
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
