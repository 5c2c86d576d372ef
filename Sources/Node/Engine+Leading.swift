// Who leads a packet's bucket, and what becomes of packets while nobody is known to: they wait, for a
// short time and in a bounded room. DESIGN part 5, rules 9, 12 and 21.

import Configuration
import Consensus
import Translation
public import Wire

/// Who decides for a bucket.
enum BucketOwner {
    /// This node isn't in the snapshot.
    case nobodyHere
    /// Another one, by its index in the snapshot.
    case node(Int)
    /// Another engine of this node.
    case engine(Int)
    case thisEngine
    /// Nobody yet, or this engine without a lease.
    case unsettled
    /// Its group is beyond those that this node has room for.
    case beyondCapacity
}

/// A packet, as it came, that waits for a leader of its bucket.
struct WaitingPacket {
    var packet: Packet
    /// By the snapshot of this version.
    var placement: Placement
    var version: UInt64
    var since: Tick
}

/// A packet in hand that would begin a flow, and waits until this engine may decide.
struct UndecidedPacket {
    var work: Work
    var since: Tick
}

extension Engine {
    /// Whose the packet's bucket is.
    mutating func owner(of placement: Placement) -> BucketOwner {
        guard ownIndex != nil else { return .nobodyHere }
        let group = translator.resources.resources[placement.resource].group
        guard group < max(1, settings.groupCapacity) else { return .beyondCapacity }
        let engine = Int(placement.bucket.rawValue) % settings.engineCount
        if engine == settings.index {
            let copy = exchange.replica.copy(group: group, placement.bucket)
            if exchange.replica.leads(copy) { return hasLease(group) ? .thisEngine : .unsettled }
        }
        guard let leader = leader(group, placement.bucket) else { return .unsettled }
        guard leader == ownIndex else { return .node(leader) }
        return engine == settings.index ? .unsettled : .engine(engine)
    }

    /// The leader of a bucket, by its index in the snapshot. Of a group that this node isn't in, the
    /// first member, which knows more.
    mutating func leader(_ group: Int, _ bucket: BucketIndex) -> Int? {
        if let leader = exchange.replica.leader(group: group, bucket) {
            return translator.resources.nodeIndex(of: leader.node)
        }
        guard exchange.replica.view(group: group) == nil,
            let own = ownIndex, !translator.resources.groupMembers[group].contains(own)
        else { return nil }
        return translator.resources.groupMembers[group].first
    }

    /// Whether a record is of a bucket that this engine leads; else it is a copy for another's.
    func leads<Record: FlowRecord>(_ record: Record) -> Bool {
        leads(
            group: translator.resources.resources[record.scope.resourceSlot].group, record.bucket)
    }

    func leads(group: Int, _ bucket: BucketIndex) -> Bool {
        Int(bucket.rawValue) % settings.engineCount == settings.index
            && exchange.replica.leads(exchange.replica.copy(group: group, bucket))
    }

    // MARK: Leases

    /// Whether this engine may forward for a group in this turn.
    mutating func hasLease(_ group: Int) -> Bool {
        if group >= leaseEnds.count {
            leaseEnds.append(
                contentsOf: repeatElement(
                    CachedLease(), count: translator.resources.groupIDs.count - leaseEnds.count))
        }
        if leaseEnds[group].turn != leaseTurn {
            let end = exchange.leases.end(of: translator.resources.groupIDs[group])
            leaseEnds[group] = CachedLease(turn: leaseTurn, end: end ?? Tick(rawValue: 0))
        }
        let end = leaseEnds[group].end
        guard end > turnBegan else { return settings.plantedBug == .leaseIgnored }
        leasedUntil = min(leasedUntil, end)
        return true
    }

    /// A turn begins: leases are looked up anew.
    mutating func beginTurn(_ now: Tick) {
        turnBegan = now
        leaseTurn &+= 1
        staleLeft = 4
        discardSteps = Self.discardStepsPerTurn
        leasedUntil = Tick(rawValue: .max)
    }

    /// Drops what is to be sent if a lease ended since the turn began: to be called with the clock as
    /// it stands just before packets are given to the kernel. Batches of peers stay, and packets that
    /// are passed on: whoever leads looks at its own lease.
    // DESIGN part 5, rule 13.
    public mutating func dropUnleased(at now: Tick) {
        guard now >= leasedUntil, settings.plantedBug != .leaseIgnored else { return }
        leasedUntil = Tick(rawValue: .max)
        var kept = 0
        for index in outgoing.indices {
            guard outgoing[index].role != .other else {
                outgoing[kept] = outgoing[index]
                kept += 1
                continue
            }
            counters.countUnleased(outgoing[index].role)
            frames.give(outgoing[index].frame)
        }
        outgoing.removeLast(outgoing.count - kept)
    }

    // MARK: Waiting

    /// Keeps a packet until its bucket has a leader.
    mutating func wait(_ packet: Packet, _ placement: Placement, _ now: Tick) {
        guard waitingRoom.count < settings.waitingCapacity else {
            return refuse(packet, .leaderUnknown, of: placement.resource)
        }
        waitingRoom.append(
            WaitingPacket(
                packet: packet, placement: placement,
                version: translator.resources.snapshot.version, since: waitsSince ?? now))
    }

    /// Keeps a packet in hand until this engine may decide for its bucket.
    mutating func wait(_ work: Work, _ now: Tick) {
        guard undecided.count < settings.waitingCapacity else {
            return drop(work.packet, DropReason(.leaderUnknown), of: work.arrival.resource)
        }
        undecided.append(UndecidedPacket(work: work, since: waitsSince ?? now))
    }

    /// Looks again at all that waits; what waited too long is dropped.
    mutating func retryWaiting(_ now: Tick) {
        retriedBatches = counters.batchesIn
        for one in takeSettled(now) {
            waitsSince = one.since
            classifyAgain(one.packet, at: now)
        }
        waitsSince = nil
        guard !undecided.isEmpty else { return }
        var hands: [UndecidedPacket] = []
        swap(&hands, &undecided)
        for one in hands {
            guard now - one.since < settings.waitingNanoseconds,
                exchange.replica.leads(copy(of: one.work.arrival))
            else {
                drop(one.work.packet, DropReason(.leaderChanged), of: one.work.arrival.resource)
                continue
            }
            let arrival = one.work.arrival
            guard hasLease(translator.resources.resources[arrival.resource].group) else {
                undecided.append(one)
                continue
            }
            waitsSince = one.since
            decide(one.work, now, loanHint)
        }
        waitsSince = nil
    }

    /// Those that wait no longer for a leader, out of the room; of the others, those that waited too
    /// long are dropped.
    ///
    /// Cost: a look at the bucket's leader for each that waits; headers are read again only of those
    /// that go on.
    private mutating func takeSettled(_ now: Tick) -> [WaitingPacket] {
        var settled: [WaitingPacket] = []
        var kept = 0
        for index in waitingRoom.indices {
            let one = waitingRoom[index]
            if now - one.since >= settings.waitingNanoseconds {
                refuse(one.packet, .leaderUnknown, of: one.placement.resource)
            } else if isUnsettled(one) {
                waitingRoom[kept] = one
                kept += 1
            } else {
                settled.append(one)
            }
        }
        waitingRoom.removeLast(waitingRoom.count - kept)
        return settled
    }

    /// Of a newer snapshot's resources nothing is known but by classifying.
    private mutating func isUnsettled(_ one: WaitingPacket) -> Bool {
        guard one.version == translator.resources.snapshot.version else { return false }
        guard case .unsettled = owner(of: one.placement) else { return false }
        return true
    }
}

/// Until when a group's lease runs, as looked up in one turn.
struct CachedLease {
    var turn: UInt64 = 0
    var end = Tick(rawValue: 0)
}
