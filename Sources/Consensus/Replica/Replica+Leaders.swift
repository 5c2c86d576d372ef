// Who leads a bucket, as far as this engine knows: by the view, and by the hand-overs that it took part
// in or was told of.

import Tables
public import Wire

extension Replica {
    /// The leader of a bucket and its term; nil if nobody is known to lead it.
    public func leader(group: UInt64, _ bucket: BucketIndex) -> (node: NodeID, term: UInt32)? {
        guard let slot = slots[group].map(Int.init) else { return nil }
        return leader(group: slot, bucket)
    }

    /// The same by the group's slot.
    public func leader(group slot: Int, _ bucket: BucketIndex) -> (node: NodeID, term: UInt32)? {
        guard slot < groups.count, let view = groups[slot].view,
            Int(bucket.rawValue) < groups[slot].leads.count
        else { return nil }
        let lead = groups[slot].leads[Int(bucket.rawValue)]
        guard Int(lead.seat) < view.members.count else { return nil }
        return (view.members[Int(lead.seat)], lead.term)
    }

    /// Who leads each bucket of a group, by seat.
    public func leads(group slot: Int) -> [BucketLead] { groups[slot].leads }

    /// Notes who leads a bucket of a group's present view, since which term.
    mutating func note(_ seat: UInt8, leads bucket: BucketIndex, term: UInt32, group slot: Int) {
        guard Int(bucket.rawValue) < groups[slot].leads.count,
            groups[slot].leads[Int(bucket.rawValue)].term < term
        else { return }
        groups[slot].leads[Int(bucket.rawValue)] = BucketLead(seat: seat, term: term)
        noteChange(slot)
    }

    /// A hand-over that the member heard of.
    mutating func note(
        group: UInt64, ballot: Ballot, bucket: BucketIndex, term: UInt32, seat: UInt8
    ) {
        guard let slot = slots[group].map(Int.init), groups[slot].view?.ballot == ballot else {
            return
        }
        note(seat, leads: bucket, term: term, group: slot)
    }

    mutating func noteChange(_ slot: Int) {
        guard !groups[slot].isChanged else { return }
        groups[slot].isChanged = true
        changedGroups.append(slot)
    }

    /// A group whose view became active, or in which a bucket was handed over, since it was last asked
    /// for; nil if there is none.
    public mutating func takeChangedGroup() -> Int? {
        guard let slot = changedGroups.popLast() else { return nil }
        groups[slot].isChanged = false
        return slot
    }

    /// Whether a seat keeps copies of a bucket that this engine leads.
    func follows(_ copy: CopyIndex, seat: Int) -> Bool {
        let group = groups[groupSlot(copy)]
        guard let own = group.seat else { return false }
        return replicas(copy).without(own).contains(seat: seat)
    }

    /// Whether others keep copies too: else what is decided is committed at once.
    public func hasFollowers(_ copy: CopyIndex) -> Bool {
        let group = groups[groupSlot(copy)]
        guard let seat = group.seat else { return false }
        return !replicas(copy).without(seat).isEmpty
    }

    /// When `tick` has something to do next, if nothing comes before.
    public var wakeAt: Tick? {
        guard !waiting.isEmpty || !toTell.isEmpty else { return nil }
        return lastTold + 1_000_000
    }
}

/// What an engine does for how many buckets, by the views that it has.
public struct ReplicaStanding: Hashable, Sendable {
    public var leads = 0
    public var follows = 0
    /// Of those followed: not full yet.
    public var filling = 0
    /// Of those led: nothing is decided yet.
    public var opening = 0
}

extension Replica {
    /// Linear in the copies.
    public var standing: ReplicaStanding {
        var standing = ReplicaStanding()
        for copy in copies {
            switch copy.role {
            case .none: break
            case .leader, .handingOver:
                standing.leads += 1
                if copy.opening != nil { standing.opening += 1 }
            case .follower:
                standing.follows += 1
                if !copy.isFull { standing.filling += 1 }
            }
        }
        return standing
    }
}
