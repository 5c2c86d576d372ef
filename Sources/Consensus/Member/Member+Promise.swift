// Promising a ballot: first every engine freezes the group, then all members hear of it, then the
// proposer hears what this member holds. DESIGN part 5, rules 3 and 4.

import Wire

extension Member {
    mutating func handle(_ prepare: Prepare, from peer: Int) {
        guard let group = place(of: prepare.group), prepare.ballot.proposer == peers[peer].node
        else { return }
        note(prepare.ballot, in: group)
        if groups[group].associate(peer) == nil { add(peers[peer].node, to: group) }
        guard mayPromise(prepare.ballot, in: group), prepare.ballot >= groups[group].promised else {
            // What this member tells instead says why.
            return tell(group, to: peer)
        }
        if prepare.known < groups[group].installedBallot, let view = groups[group].installed {
            send(view, to: peer, isInstall: false)
        }
        if prepare.ballot > groups[group].promised {
            yield(to: prepare.ballot, in: group)
            promise(prepare.ballot, in: group)
        } else if groups[group].isPromiseComplete {
            sendPromise(group)
        }
        touch(group)
    }

    // Rule 3: a member without memory promises nothing but a higher generation. Rule 4: only such a
    // member promises that.
    private func mayPromise(_ ballot: Ballot, in group: Int) -> Bool {
        guard let installed = groups[group].installed?.view.ballot else {
            let known = groups[group].record?.generation ?? 0
            return groups[group].installing == nil
                && (ballot.generation > known || emptyMembersVote && ballot.generation == known)
        }
        return ballot.generation == installed.generation
    }

    /// Orders the engines to freeze the group; `frozen` goes on.
    mutating func promise(_ ballot: Ballot, in group: Int) {
        precondition(ballot > groups[group].promised)
        if let own = groups[group].proposal?.ballot, own < ballot { groups[group].proposal = nil }
        groups[group].promised = ballot
        groups[group].isPromiseComplete = false
        groups[group].enginesFrozen = 0
        groups[group].standings.removeAll(keepingCapacity: true)
        for engine in 0..<engineCount { groups[group].frozenCounts[engine] = 0 }
        groups[group].progressAt = now
        if let offered = groups[group].offered, offered.view.ballot < ballot {
            groups[group].offered = nil
        }
        ordersOut.append(.freeze(group: groups[group].plan.id, ballot: ballot))
    }

    mutating func frozen(
        _ id: UInt64, _ ballot: Ballot, _ standings: [BucketStanding], engine: Int
    ) {
        guard let group = place(of: id), groups[group].promised == ballot,
            !groups[group].isPromiseComplete, groups[group].enginesFrozen & 1 << UInt64(engine) == 0
        else { return }
        groups[group].standings += standings.lazy.filter { !$0.isBlank }
        groups[group].frozenCounts[engine] += standings.count
        let buckets = (settings.bucketCount - engine + engineCount - 1) / engineCount
        guard
            standings.count < EngineReport.mostStandings
                || groups[group].frozenCounts[engine] >= buckets
        else { return }
        groups[group].enginesFrozen |= 1 << UInt64(engine)
        guard groups[group].enginesFrozen.nonzeroBitCount == engineCount else { return }
        // Each engine took the view that was ordered before it froze, whether or not it said so yet:
        // the promise tells of that view.
        if let installing = groups[group].installing { finishInstall(installing, in: group) }
        groups[group].isPromiseComplete = true
        groups[group].progressAt = now
        // Rule 12: before any later grant, to every member of the old view.
        tellAll(group)
        sendPromise(group)
    }

    private mutating func sendPromise(_ place: Int) {
        let group = groups[place]
        let noted = group.roster.compactMap { associate in
            peers[associate.peer].incarnation.map {
                NotedStart(node: associate.node, incarnation: $0)
            }
        }
        let whole = PromisePart(
            group: group.plan.id, ballot: group.promised, installed: group.installedBallot,
            generation: group.record?.generation ?? 0,
            configuration: group.record?.configuration ?? 0, part: 0, parts: 1,
            noted: noted + [NotedStart(node: node, incarnation: incarnation)],
            standings: group.standings)
        if group.promised.proposer == node {
            take(whole, from: node, incarnation, in: place)
        } else if let peer = self.place(ofPeer: group.promised.proposer) {
            for part in PromisePart.parts(of: whole) { send(.promise(part), to: peer) }
        }
    }

    mutating func handle(_ part: PromisePart, from peer: Int) {
        guard let group = place(of: part.group), let start = peers[peer].incarnation else { return }
        take(part, from: peers[peer].node, start, in: group)
    }

    /// A promise to this member's own ballot.
    private mutating func take(
        _ part: PromisePart, from node: NodeID, _ start: Incarnation, in group: Int
    ) {
        guard let proposal = groups[group].proposal, proposal.ballot == part.ballot,
            proposal.built == nil
        else { return }
        let known = proposal.promises.firstIndex { $0.node == node }
        if let known, proposal.promises[known].isComplete { return }
        if part.part == 0 {
            let held = HeldPromise(
                part, node: node, incarnation: start, bucketCount: settings.bucketCount)
            if let known {
                groups[group].proposal?.promises[known] = held
            } else {
                groups[group].proposal?.promises.append(held)
            }
        }
        guard let place = groups[group].proposal?.promises.firstIndex(where: { $0.node == node })
        else { return }
        groups[group].proposal?.promises[place].take(part)
        touch(group)
    }

    /// The peer began anew: what its earlier start promised counts no more.
    mutating func forgetPromise(of node: NodeID, in group: Int) {
        groups[group].proposal?.promises.removeAll { $0.node == node }
    }
}
