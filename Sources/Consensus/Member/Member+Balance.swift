// Where copies and leaders should be, when nothing is wrong: leaders are handed over within the view;
// a view of its own gives up the copies that are too many. DESIGN part 5, rules 10 and 14.

import Wire

extension Member {
    mutating func considerBalance(_ group: Int) {
        tellWhatFilled(group)
        guard groups[group].isActive, let view = groups[group].installed?.view,
            let own = view.seat(of: node), groups[group].promised == view.ballot,
            groups[group].led.count > 0
        else { return }
        let unwilling = unwilling(view.members)
        let isUrgent = unwilling.contains(seat: own)
        let since = max(groups[group].viewAt, groups[group].ledAt)
        let dueAt = isUrgent ? now : since + settings.balanceNanoseconds
        guard dueAt <= now else { return groups[group].wake(at: dueAt) }
        let full = fullSeats(group, view)
        guard isUrgent || isFilled(view, full) else { return }
        handOver(group, view, own, full, unwilling)
    }

    /// Orders this node's leaders to hand over to the best of those that are full.
    private mutating func handOver(
        _ group: Int, _ view: View, _ own: Int, _ full: [SeatSet], _ unwilling: SeatSet
    ) {
        let patience = groups[group].orderedAt + settings.balanceNanoseconds
        if patience <= now { groups[group].ordered.removeAll() }
        let live = liveSet(of: view.members, in: group)
        let preference = preference(group, for: view.members)
        for bucket in view.buckets.indices where groups[group].led.contains(bucket) {
            let able = full[bucket].intersection(live).subtracting(unwilling)
            guard
                let best = preference.order(bucket).first(where: { able.contains(seat: Int($0)) }),
                Int(best) != own
            else { continue }
            groups[group].wake(at: now + settings.balanceNanoseconds)
            guard !groups[group].ordered.contains(bucket) else { continue }
            groups[group].ordered.insert(bucket)
            groups[group].orderedAt = now
            counters.handOversOrdered += 1
            ordersOut.append(
                .handOver(
                    group: view.group, ballot: view.ballot, bucket: BucketIndex(bucket), seat: best)
            )
        }
    }

    /// By bucket: who tells that its copy is full in this view.
    func fullSeats(_ group: Int, _ view: View) -> [SeatSet] {
        seats(group, view) {
            $0.full
        } own: {
            $0.full
        }
    }

    private func seats(
        _ place: Int, _ view: View, told: (GroupStanding) -> BucketSet,
        own: (MemberGroup) -> BucketSet
    ) -> [SeatSet] {
        var sets: [SeatSet] = Array(repeating: [], count: view.buckets.count)
        for seat in view.members.indices {
            guard let buckets = buckets(place, view, seat, told, own) else { continue }
            for bucket in sets.indices where buckets.contains(bucket) {
                sets[bucket].formUnion(SeatSet(seat: seat))
            }
        }
        return sets
    }

    private func buckets(
        _ place: Int, _ view: View, _ seat: Int, _ told: (GroupStanding) -> BucketSet,
        _ own: (MemberGroup) -> BucketSet
    ) -> BucketSet? {
        if view.members[seat] == node { return own(groups[place]) }
        guard let associate = groups[place].associate(of: view.members[seat]),
            let standing = groups[place].roster[associate].told,
            standing.installed == view.ballot
        else { return nil }
        return told(standing)
    }

    func isFilled(_ view: View, _ full: [SeatSet]) -> Bool {
        view.buckets.indices.allSatisfy { bucket in
            !view.buckets[bucket].isOpen
                || view.buckets[bucket].replicas.isSubset(of: full[bucket])
        }
    }

    /// Whether a view would give up copies that are too many: all are full, and who is to go leads
    /// nothing.
    func unbalanced(_ group: Int, _ view: View, _ live: SeatSet) -> ViewReason? {
        let copies = quorum(view.members.count).copies
        let members = groups[group].preference.members
        guard members == view.members else { return nil }
        var isWorse = false
        for bucket in view.buckets.indices where view.buckets[bucket].isOpen {
            let wanted = groups[group].preference.first(copies, of: live, bucket: bucket)
            if view.buckets[bucket].replicas != wanted { isWorse = true }
        }
        guard isWorse else { return nil }
        let full = fullSeats(group, view)
        let led = seats(group, view) {
            $0.led
        } own: {
            $0.led
        }
        guard isFilled(view, full) else { return nil }
        let isSettled = view.buckets.indices.allSatisfy { bucket in
            let wanted = groups[group].preference.first(copies, of: live, bucket: bucket)
            return !view.buckets[bucket].isOpen
                || led[bucket].count == 1 && led[bucket].isSubset(of: wanted)
        }
        return isSettled ? .unbalanced : nil
    }

    // MARK: What engines report

    mutating func filled(_ id: UInt64, _ ballot: Ballot, _ bucket: BucketIndex) {
        guard let group = place(of: id), groups[group].view(runningAs: ballot) else { return }
        groups[group].full.insert(Int(bucket.rawValue))
        groups[group].mustTell = true
        touch(group)
    }

    /// A copy of this node's is full no more, maybe before all engines have taken the view.
    mutating func lost(_ id: UInt64, _ ballot: Ballot, _ bucket: BucketIndex) {
        guard let group = place(of: id) else { return }
        if groups[group].installing?.view.ballot == ballot {
            groups[group].lost.insert(Int(bucket.rawValue))
        }
        guard groups[group].view(runningAs: ballot) else { return }
        groups[group].full.remove(Int(bucket.rawValue))
        groups[group].mustTell = true
        touch(group)
    }

    /// Tells what filled and who leads, several changes at once.
    private mutating func tellWhatFilled(_ group: Int) {
        guard groups[group].mustTell else { return }
        let dueAt = groups[group].toldAt + settings.heartbeatNanoseconds
        if dueAt <= now { tellAll(group) } else { groups[group].wake(at: dueAt) }
    }
}

extension MemberGroup {
    /// Whether the installed view has this ballot.
    func view(runningAs ballot: Ballot) -> Bool { installedBallot == ballot }
}
