// A view begins: each bucket's copy takes its seat. DESIGN part 5, rules 5, 8 and 9.

import Tables
import Wire

extension Replica {
    /// Takes a view. The member has seen to it that it names this node's incarnation, and that its
    /// generation is on disk. Older views than the installed one are ignored.
    mutating func install(_ view: View, builtOn: Ballot) {
        guard let slot = slots[view.group].map(Int.init),
            groups[slot].view.map({ $0.ballot < view.ballot }) ?? true
        else { return }
        counters.viewsInstalled += 1
        let before = groups[slot].view?.ballot
        let generation = before?.generation
        groups[slot].view = view
        groups[slot].isActive = false
        groups[slot].promised = max(groups[slot].promised, view.ballot)
        let seat = view.seat(of: settings.own.node)
        groups[slot].seat = seat
        groups[slot].leads = view.buckets.map { BucketLead(seat: $0.leader, term: 1) }
        for (bucket, seats) in view.buckets.enumerated() where isHere(BucketIndex(bucket)) {
            let copy = copy(group: slot, BucketIndex(bucket))
            // Rule 19: all records of an older generation are void, and of a bucket that began anew.
            let isOlder = generation.map { $0 < view.ballot.generation } ?? false
            if isOlder || isFromBeforeBeginning(copy) { void(copy) }
            let reign = reign(copy)
            sit(copy, seats, seat, in: view)
            let stays = role(copy) == .leader && self.reign(copy) == reign
            if stays, before != builtOn { events.append(.interrupted(copy)) }
        }
        reports.append(.installed(group: view.group, ballot: view.ballot))
        for bucket in lostCopies(view, slot) {
            reports.append(.lost(group: view.group, ballot: view.ballot, bucket: bucket))
        }
    }

    /// Buckets began with nothing, as the view knows that is installed next.
    mutating func begin(_ group: UInt64, _ buckets: BucketSet, _ beginning: Beginning) {
        guard let slot = slots[group].map(Int.init) else { return }
        if groups[slot].beginnings.isEmpty {
            groups[slot].beginnings = Array(repeating: Beginning(), count: settings.bucketCount)
        }
        for bucket in 0..<settings.bucketCount where buckets.contains(bucket) {
            groups[slot].beginnings[bucket] = beginning
        }
    }

    private func isFromBeforeBeginning(_ copy: CopyIndex) -> Bool {
        let stamp = copies[copy.index].stamp
        return stamp != .none && stamp.ballot < beginning(copy).ballot
    }

    /// Takes the bucket's seat in a new view.
    private mutating func sit(
        _ copy: CopyIndex, _ seats: BucketSeats, _ seat: Int?, in view: View
    ) {
        let wasLeader =
            copies[copy.index].role == .leader || copies[copy.index].role == .handingOver
        let stays = wasLeader && seat.map { Int(seats.leader) == $0 } ?? false
        if !stays { cease(copy) }
        copies[copy.index].term = 1
        copies[copy.index].leaderSeat = seats.leader
        copies[copy.index].hasActed = false
        copies[copy.index].hearing = nil
        copies[copy.index].isStale = false
        copies[copy.index].isFilling = false
        copies[copy.index].fullAt = nil
        guard let seat, seats.replicas.contains(seat: seat) else {
            setRole(copy, .none)
            copies[copy.index].isFull = false
            return
        }
        // Rule 9: what was lost since the promise is lost in this view too.
        copies[copy.index].isFull =
            seats.full.contains(seat: seat)
            && (!copies[copy.index].hasLost || Int(seats.leader) == seat)
        guard Int(seats.leader) == seat else {
            setRole(copy, .follower)
            copies[copy.index].isStale = !copies[copy.index].isFull
            events.append(.followed(copy))
            return
        }
        lead(
            copy, full: seats.full, replicas: seats.replicas, ballot: view.ballot, stays: stays)
    }

    /// Begins to lead a bucket in its present term: what isn't known to be committed is sent again, as
    /// entries of this reign; if there is nothing, an empty one.
    // Rule 8: nothing acknowledged is ever dropped by choice: the tail is adopted, not judged.
    mutating func lead(
        _ copy: CopyIndex, full: SeatSet, replicas: SeatSet, ballot: Ballot, stays: Bool = false
    ) {
        let index = copy.index
        precondition(copies[index].isFull, "only a full member leads")
        setRole(copy, .leader)
        if !stays { copies[index].reign &+= 1 }
        copies[index].hasActed = true
        let seat = UInt8(groups[groupSlot(copy)].seat ?? 0)
        copies[index].leaderSeat = seat
        note(seat, leads: bucket(copy), term: copies[index].term, group: groupSlot(copy))
        copies[index].stamp.ballot = ballot
        copies[index].stamp.term = copies[index].term
        copies[index].fullSeats = full
        copies[index].wanting = replicas.subtracting(full)
        copies[index].told = copies[index].committed
        copies[index].resendWait = settings.firstResendNanoseconds
        copies[index].resendAt = nil
        copies[index].refills = InlineArray(repeating: 0)
        for seat in 0..<View.mostSeats {
            copies[index].acknowledged[seat] = 0
            copies[index].cursors[seat] = copies[index].tail.first
        }
        events.append(.began(copy))
        if copies[index].tail.isEmpty { push(copy, .empty) }
        copies[index].opening = copies[index].last
        toSend.insert(index)
        advance(copy)
    }

    /// Ends a reign, if there is one.
    mutating func cease(_ copy: CopyIndex) {
        let role = copies[copy.index].role
        guard role == .leader || role == .handingOver else { return }
        copies[copy.index].reign &+= 1
        copies[copy.index].opening = nil
        copies[copy.index].resendAt = nil
        events.append(.ceased(copy))
    }

    /// The view is active: Q members have installed it.
    mutating func activate(_ group: UInt64, _ ballot: Ballot) {
        guard let slot = slots[group].map(Int.init), groups[slot].view?.ballot == ballot,
            !groups[slot].isActive
        else { return }
        groups[slot].isActive = true
        noteChange(slot)
        for bucket in 0..<settings.bucketCount where isHere(BucketIndex(bucket)) {
            let copy = copy(group: slot, BucketIndex(bucket))
            switch copies[copy.index].role {
            case .leader: advance(copy)
            // Rule 9: whoever a view left out is a lost copy.
            case .none: void(copy)
            case .follower, .handingOver: break
            }
        }
    }

    /// Forgets everything of a bucket.
    mutating func void(_ copy: CopyIndex) {
        cease(copy)
        setRole(copy, .none)
        copies[copy.index].isFull = false
        copies[copy.index].hasLost = false
        guard copies[copy.index].stamp != .none else { return }
        dropTail(copy, beyond: 0)
        copies[copy.index].stamp = .none
        copies[copy.index].committed = 0
        discard(copy)
    }

    /// All records of the bucket go, before anything else happens to it.
    mutating func discard(_ copy: CopyIndex) {
        copies[copy.index].discards += 1
        events.append(.discard(copy))
    }

    /// The engine has done what `discard` said.
    public mutating func discarded(_ copy: CopyIndex) { copies[copy.index].discards -= 1 }

    /// The node is no member of this group any more.
    mutating func drop(_ group: UInt64) {
        guard let slot = slots[group].map(Int.init) else { return }
        groups[slot].view = nil
        groups[slot].leads = []
        groups[slot].isActive = false
        groups[slot].seat = nil
        groups[slot].beginnings = []
        for bucket in 0..<settings.bucketCount where isHere(BucketIndex(bucket)) {
            void(copy(group: slot, BucketIndex(bucket)))
        }
    }
}
