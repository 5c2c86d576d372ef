// Who lives, and which members of a group all reach each other. DESIGN part 5, rules 2, 6 and 14.

public import Wire

extension Member {
    /// A stream with this start of the peer begins: all that it said before is void.
    public mutating func peerOpened(_ node: NodeID, _ incarnation: Incarnation, at now: Tick) {
        self.now = now
        let peer = peer(of: node)
        if peers[peer].incarnation == incarnation, !peers[peer].isAlive {
            peers[peer].answeredLate(at: now)
        }
        peers[peer].incarnation = incarnation
        peers[peer].forgetHeartbeats()
        peers[peer].nextHeartbeat = now
        peers[peer].owedFrom = 0
        peers[peer].marks = []
        peers[peer].cutOffSince = nil
        peers[peer].forgetReach()
        for group in groups.indices {
            guard let associate = groups[group].associate(peer) else { continue }
            groups[group].roster[associate].told = nil
            groups[group].roster[associate].leads.removeAll()
            groups[group].roster[associate].leadsIn = .none
            forgetPromise(of: node, in: group)
            groups[group].askAt = nil
            touch(group)
        }
        tellMore(to: peer)
        if !peers[peer].isAlive { setAlive(peer, true) }
        settle()
    }

    /// Whom this node reaches, and whom not.
    mutating func tellReach(to peer: Int) {
        for other in peers.indices where other != peer && peers[other].incarnation != nil {
            let notice = ReachNotice(
                node: peers[other].node, isReachable: peers[other].isAlive)
            send(.reach(notice), to: peer)
        }
    }

    mutating func setAlive(_ peer: Int, _ isAlive: Bool) {
        peers[peer].isAlive = isAlive
        if !isAlive { counters.peersSuspected += 1 }
        let told = peers[peer].node
        let silence = peers[peer].silence(at: now)
        note(isAlive ? .found(node: told) : .lost(node: told, silence: silence))
        let notice = ReachNotice(node: peers[peer].node, isReachable: isAlive)
        // Also to those that share no group yet: they may be given one.
        for other in peers.indices where other != peer && peers[other].incarnation != nil {
            send(.reach(notice), to: other)
        }
        touch(peer: peer)
    }

    mutating func handle(_ notice: ReachNotice, from peer: Int) {
        guard notice.node != node else { return }
        let other = self.peer(of: notice.node)
        guard peers[peer].reaches(other) != notice.isReachable else { return }
        peers[peer].set(other, isReachable: notice.isReachable)
        touch(peer: peer)
    }

    /// Suspects the peers that have owed an answer for long.
    // Rule 14. Counted from the oldest heartbeat that wasn't echoed, not from the last that was: so a
    // peer may stand still for T_suspect less a round trip, whenever that falls.
    mutating func suspect() {
        for peer in peers.indices
        where peers[peer].isAlive && peers[peer].beats
            && peers[peer].silence(at: now)
                >= settings.suspectNanoseconds << peers[peer].patience(at: now)
        {
            setAlive(peer, false)
        }
    }

    /// This node stood still: it heard nothing meanwhile, and what came may not be read yet. Each peer
    /// has a fresh round trip before it is suspected.
    mutating func forgivePause() {
        let pause = now - (tickedAt ?? now)
        tickedAt = max(now, tickedAt ?? now)
        guard pause > settings.pauseNanoseconds else { return }
        counters.pauses += 1
        var isAwaited = false
        for peer in peers.indices where peers[peer].isAlive {
            peers[peer].forgive(at: now)
            isAwaited = true
        }
        // Others went on meanwhile, if it was long: they are heard before this member proposes.
        let wait = pause >= settings.suspectNanoseconds ? settings.suspectNanoseconds : 0
        for group in groups.indices {
            groups[group].progressAt = max(groups[group].progressAt, now + wait)
            groups[group].trouble = nil
        }
        // Without peers nobody wakes an idle node.
        if isAwaited { note(.stoodStill(nanoseconds: pause)) }
    }

    /// The largest set of `members` that all reach each other: first by those that have a view, because
    /// only they can go on with it, then by all; of two as large the one with more of those that take
    /// part in the view, so that none leaves because another is found, then with the earlier in the
    /// group's order. This node need not be in it. A node that lives and hasn't told where
    /// it stands in the group doesn't know of it yet, or has left it: it isn't counted.
    // Rule 6: of two that cannot reach each other, the lower ranked leaves.
    func liveSet(of members: [NodeID], in group: Int) -> SeatSet {
        var edges: [SeatSet] = Array(repeating: [], count: members.count)
        var alive: SeatSet = []
        let places = members.map { member in
            member == node ? -1 : takesPart(member, in: group) ? place(ofPeer: member) ?? -2 : -2
        }
        for seat in members.indices {
            edges[seat] = SeatSet(seat: seat)
            for other in members.indices where other != seat {
                guard reach(places[seat], places[other]) else { continue }
                edges[seat].formUnion(SeatSet(seat: other))
            }
            let isAlone = edges[seat].count == 1
            if !isAlone || places[seat] == -1 { alive.formUnion(SeatSet(seat: seat)) }
        }
        return Self.largestClique(
            alive, edges, holders: holders(of: members, in: group),
            partakers: partakers(of: members, in: group))
    }

    /// Those whose present start the installed view names.
    private func partakers(of members: [NodeID], in group: Int) -> SeatSet {
        guard let view = groups[group].installed?.view else { return [] }
        return members.indices.reduce(into: []) { partakers, seat in
            guard let place = view.seat(of: members[seat]),
                view.incarnations[place] == presentStart(of: members[seat])
            else { return }
            partakers.formUnion(SeatSet(seat: seat))
        }
    }

    private func holders(of members: [NodeID], in group: Int) -> SeatSet {
        members.indices.reduce(into: []) { holders, seat in
            let isEmpty =
                members[seat] == node
                ? groups[group].isEmpty
                : groups[group].roster.first { $0.node == members[seat] }?.told?.isEmpty ?? true
            if !isEmpty { holders.formUnion(SeatSet(seat: seat)) }
        }
    }

    private func takesPart(_ member: NodeID, in group: Int) -> Bool {
        guard isAlive(member) else { return true }
        return groups[group].roster.contains {
            $0.node == member && $0.told.map { !$0.isEmpty || !$0.isUnnamed } ?? false
        }
    }

    private func isAlive(place: Int) -> Bool { place >= 0 && peers[place].isAlive }

    /// Whether the two reach each other, as far as is known here. Of one that this node doesn't reach
    /// itself it takes the word of one that it does: that one's heartbeats are echoed.
    private func reach(_ one: Int, _ other: Int) -> Bool {
        if one == -1 { return isAlive(place: other) }
        if other == -1 { return isAlive(place: one) }
        guard one >= 0, other >= 0 else { return false }
        switch (peers[one].isAlive, peers[other].isAlive) {
        case (true, true): return peers[one].reaches(other) && peers[other].reaches(one)
        case (true, false): return peers[one].reaches(other)
        case (false, true): return peers[other].reaches(one)
        case (false, false): return false
        }
    }

    private static func largestClique(
        _ alive: SeatSet, _ edges: [SeatSet], holders: SeatSet, partakers: SeatSet
    ) -> SeatSet {
        var best: SeatSet = []
        // From the set of all downward, because nearly always all of them do.
        for candidate in (0...alive.rawValue).reversed() {
            let set = SeatSet(rawValue: candidate)
            guard set.isSubset(of: alive), !set.isEmpty else { continue }
            let size = (
                set.intersection(holders).count, set.count, set.intersection(partakers).count
            )
            let bestSize = (
                best.intersection(holders).count, best.count, best.intersection(partakers).count
            )
            guard size >= bestSize else { continue }
            let isClique = edges.indices.allSatisfy {
                !set.contains(seat: $0) || set.isSubset(of: edges[$0])
            }
            guard isClique else { continue }
            if size > bestSize || Self.earliness(set) > Self.earliness(best) { best = set }
            if best == alive { break }
        }
        return best
    }

    /// Greater for the set with the earlier ranks: the bits, first seat first.
    private static func earliness(_ set: SeatSet) -> Int {
        (0..<View.mostSeats).reduce(0) { $0 << 1 | (set.contains(seat: $1) ? 1 : 0) }
    }
}
