// Installing a view: recorded on disk if it begins a generation or a configuration, then ordered to
// every engine, then told to all. DESIGN part 5, rules 2, 3, 5 and 19.

import Wire

extension Member {
    mutating func handle(_ part: ViewPart, from peer: Int) {
        guard let group = place(of: part.content.view.group) else { return }
        note(part.content.view.ballot, in: group)
        noteRests(part.rests, in: group)
        guard let whole = assemble(part, from: peer, in: group),
            whole.view.buckets.count == settings.bucketCount
        else { return }
        if part.isInstall {
            offer(whole, in: group)
        } else if whole.view.ballot > groups[group].known?.view.ballot ?? .none {
            groups[group].known = whole
        }
        touch(group)
    }

    /// The whole view, if this was its last part.
    private mutating func assemble(
        _ part: ViewPart, from peer: Int, in group: Int
    ) -> FoundedView? {
        if part.firstBucket == 0 {
            groups[group].arriving = (part, peer)
        } else {
            guard var arriving = groups[group].arriving, arriving.from == peer,
                arriving.part.content.view.ballot == part.content.view.ballot,
                arriving.part.content.view.buckets.count == part.firstBucket
            else { return nil }
            groups[group].arriving = nil
            arriving.part.content.view.buckets += part.content.view.buckets
            arriving.part.content.origins += part.content.origins
            arriving.part.content.beginnings += part.content.beginnings
            groups[group].arriving = arriving
        }
        guard let content = groups[group].arriving?.part.content,
            content.view.buckets.count == part.bucketCount
        else { return nil }
        groups[group].arriving = nil
        return content
    }

    /// Remembers a view to be installed, if it is newer than all that this member has or promised.
    mutating func offer(_ founded: FoundedView, in group: Int) {
        let state = groups[group]
        guard founded.view.ballot >= state.promised,
            founded.view.ballot > state.installedBallot,
            founded.view.ballot > state.installing?.view.ballot ?? .none,
            founded.view.ballot > state.offered?.view.ballot ?? .none,
            let own = founded.view.seat(of: node), founded.view.incarnations[own] == incarnation
        else { return }
        groups[group].offered = founded
        touch(group)
    }

    mutating func considerOffer(_ group: Int) {
        guard let founded = groups[group].offered, mayInstall(founded, group) else { return }
        let view = founded.view
        // Rule 19: on disk before this member acts under it.
        let record = GroupRecord(
            group: view.group, generation: view.ballot.generation,
            configuration: view.configuration, members: view.members)
        guard groups[group].record == record else {
            if groups[group].awaitedRecord != record {
                groups[group].awaitedRecord = record
                recordsOut.append(record)
            }
            return
        }
        install(founded, in: group)
    }

    private func mayInstall(_ founded: FoundedView, _ place: Int) -> Bool {
        let view = founded.view
        let group = groups[place]
        let generation = max(
            group.record?.generation ?? 0, group.installedBallot.generation)
        guard view.ballot >= group.promised, view.ballot.generation >= generation else {
            return false
        }
        if group.isEmpty, group.installing == nil {
            guard !isNamedInVain(view, group) else { return false }
            // A generation that this member itself promised, having nothing.
            if group.promised == view.ballot { return true }
            return isNew(founded, place) || isNoted(view, place)
        }
        // Rule 19: a full member discards what it has only for a generation known active.
        guard view.ballot.generation > group.installedBallot.generation, group.installing == nil
        else { return true }
        let others = othersOf(view, place).count {
            $0.installed.generation >= view.ballot.generation
        }
        return others >= quorum(view.members.count).promises
    }

    /// Whether the view counts on copies that this start has given up.
    private func isNamedInVain(_ view: View, _ group: MemberGroup) -> Bool {
        guard let gaveUp = group.gaveUp, gaveUp.generation == view.ballot.generation,
            let own = view.seat(of: node)
        else { return false }
        return view.buckets.contains { $0.full.contains(seat: own) }
    }

    // Rules 3 and 18: whoever was never a member, in no start, has promised nothing that it could have
    // forgotten. Were it to wait for Q others, a group of which one more died while it joined would wait
    // for ever.
    private func isNew(_ founded: FoundedView, _ place: Int) -> Bool {
        groups[place].isNew && groups[place].promised == .none && founded.builtOn != .none
    }

    // Rule 3: a member without memory installs a view once Q others, not empty themselves, know this
    // start, and none that they had promised is higher.
    private func isNoted(_ view: View, _ place: Int) -> Bool {
        let knowing = othersOf(view, place).filter { !$0.isEmpty && $0.noted == incarnation }
        return knowing.count >= quorum(view.members.count).promises
            && knowing.allSatisfy { $0.promised <= view.ballot }
    }

    /// What the other members of a view told last.
    private func othersOf(_ view: View, _ place: Int) -> [GroupStanding] {
        groups[place].roster.compactMap { associate in
            view.seat(of: associate.node) == nil ? nil : associate.told
        }
    }

    private mutating func install(_ founded: FoundedView, in group: Int) {
        let view = founded.view
        if let own = groups[group].proposal?.ballot, own < view.ballot {
            groups[group].proposal = nil
        }
        groups[group].offered = nil
        groups[group].installing = founded
        groups[group].enginesInstalled = 0
        groups[group].lost.removeAll()
        if view.ballot > groups[group].promised {
            groups[group].promised = view.ballot
            groups[group].isPromiseComplete = false
            groups[group].enginesFrozen = 0
            groups[group].standings.removeAll(keepingCapacity: true)
            for engine in 0..<engineCount { groups[group].frozenCounts[engine] = 0 }
        }
        groups[group].progressAt = now
        orderBeginnings(of: founded, in: group)
        ordersOut.append(.install(view, builtOn: founded.builtOn))
        arrangeRoster(group)
    }

    mutating func installed(_ id: UInt64, _ ballot: Ballot, engine: Int) {
        guard let group = place(of: id), let founded = groups[group].installing,
            founded.view.ballot == ballot
        else { return }
        groups[group].enginesInstalled |= 1 << UInt64(engine)
        guard groups[group].enginesInstalled.nonzeroBitCount == engineCount else { return }
        finishInstall(founded, in: group)
    }

    mutating func finishInstall(_ founded: FoundedView, in group: Int) {
        groups[group].installing = nil
        groups[group].installed = founded
        groups[group].gaveUp = nil
        groups[group].known = nil
        groups[group].isActive = false
        groups[group].progressAt = now
        groups[group].viewAt = now
        groups[group].trouble = nil
        groups[group].askAt = nil
        groups[group].full.removeAll()
        groups[group].led.removeAll()
        groups[group].leads.removeAll()
        groups[group].ordered.removeAll()
        if let own = founded.view.seat(of: node) {
            for (bucket, seats) in founded.view.buckets.enumerated() {
                let isFull = seats.full.contains(seat: own) && !groups[group].lost.contains(bucket)
                if isFull { groups[group].full.insert(bucket) }
                if seats.leader == UInt8(own) { groups[group].led.insert(bucket) }
            }
        }
        counters.viewsInstalled += 1
        let missing = founded.view.members.indices.filter {
            founded.view.incarnations[$0] == .unknown
        }
        note(
            .installed(
                group: groups[group].plan.id, ballot: founded.view.ballot,
                missing: missing.map { founded.view.members[$0] }))
        // Rules 5 and 12: every member of the old view and of the new one hears it.
        tellAll(group)
        orderLeads(group)
        for associate in groups[group].roster.indices {
            groups[group].roster[associate].isVouched = false
            vouch(associate, in: group)
        }
        touch(group)
    }
}
