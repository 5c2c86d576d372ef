// Out of promises a view. DESIGN part 5, rules 3, 5, 6 and 9; what a bucket gets is in ViewBuilder.

import Wire

extension Member {
    mutating func tryBuilding(_ group: Int) {
        guard let proposal = groups[group].proposal, proposal.built == nil,
            let base = base(group, proposal)
        else { return }
        guard promisers(base, base.members).count >= quorum(base.members.count).promises else {
            return
        }
        // Rule 18: the next configuration on a view known active, else the same.
        let target = base.view.flatMap { targetConfiguration(group, $0) }
        let members = target?.members ?? base.members
        let promised = promisers(base, members)
        // All that live are waited for, not for long.
        let enoughAt = proposal.enoughAt ?? now
        groups[group].proposal?.enoughAt = enoughAt
        let live = liveSet(of: members, in: group)
        // At a beginning nobody is served yet, and whoever misses it has to be filled later.
        let patience =
            enoughAt + settings.stepNanoseconds * (proposal.generation == nil ? 1 : 4)
        let able = promised.union(newcomers(group, members, proposal.ballot.generation))
        // Empty members promise a generation, and nothing else.
        let awaited = proposal.generation == nil ? able : promised
        if !live.isSubset(of: awaited), now < patience {
            return groups[group].wake(at: patience)
        }
        let takesPart = live.intersection(able)
        let installers = target == nil ? takesPart : installers(group, members, takesPart)
        guard installers.count >= quorum(members.count).promises else { return abandon(group) }
        build(group, proposal, target.map { base.moved(to: $0) } ?? base, takesPart)
    }

    private func promisers(_ base: Base, _ members: [NodeID]) -> SeatSet {
        members.indices.reduce(into: SeatSet()) { set, seat in
            if base.promises.contains(where: { $0.node == members[seat] }) {
                set.formUnion(SeatSet(seat: seat))
            }
        }
    }

    /// What a view is built from: promises that count, in whose configuration, and on which view.
    struct Base {
        var promises: [HeldPromise]
        var members: [NodeID]
        var configuration: UInt32
        /// Nil at the beginning of a generation.
        var view: FoundedView?

        func moved(to target: GroupRecord) -> Base {
            Base(
                promises: promises, members: target.members,
                configuration: target.configuration, view: view?.reseated(target.members))
        }
    }

    private func base(_ group: Int, _ proposal: Proposal) -> Base? {
        var promises = proposal.promises.filter { $0.isComplete }
        // Rule 3: none counts that comes from a start older than another of them knows.
        let all = promises
        promises.removeAll { promise in
            all.contains { other in
                other.noted.contains {
                    $0.node == promise.node && $0.incarnation.counter > promise.incarnation.counter
                }
            }
        }
        if let record = proposal.generation {
            promises.removeAll {
                $0.installed != .none || $0.generation >= proposal.ballot.generation
            }
            return Base(
                promises: promises, members: record.members, configuration: record.configuration)
        }
        if !emptyMembersVote { promises.removeAll { $0.installed == .none } }
        // Rule 5: the newest view that they tell of. One that isn't at hand comes with the promise.
        guard let newest = promises.map(\.installed).max(), let view = groups[group].view(newest)
        else { return nil }
        return Base(
            promises: promises, members: view.view.members,
            configuration: view.view.configuration, view: view)
    }

    /// Members without a view, or with one of an older generation: they are named, and install the
    /// view when enough others know them, or have it.
    private func newcomers(
        _ group: Int, _ members: [NodeID], _ generation: UInt32
    ) -> SeatSet {
        members.indices.reduce(into: []) { set, seat in
            let told = groups[group].associate(of: members[seat]).flatMap {
                groups[group].roster[$0].told
            }
            let isVoid = told.map { $0.isEmpty || $0.installed.generation < generation } ?? false
            if isVoid { set.formUnion(SeatSet(seat: seat)) }
        }
    }

    private mutating func build(
        _ group: Int, _ proposal: Proposal, _ base: Base, _ takesPart: SeatSet
    ) {
        let id = groups[group].plan.id
        let starts = base.members.indices.map { seat in
            takesPart.contains(seat: seat) ? presentStart(of: base.members[seat]) : .unknown
        }
        let view = View(
            group: id, ballot: proposal.ballot, configuration: base.configuration,
            members: base.members, incarnations: starts, buckets: [])
        let isChange = base.view.map { $0.view.configuration != base.configuration } ?? false
        let founded = ViewBuilder(
            view, on: base.view, promises: base.promises, takesPart: takesPart,
            quorum: quorum(base.members.count),
            preference: preference(group, for: base.members),
            unwilling: unwilling(base.members), isBaseActive: isChange
        ).found(bucketCount: settings.bucketCount)
        precondition(founded.view.isConsistent)
        // Rule 18: only with full copies of everything. One may have been lost meanwhile.
        guard !isChange || founded.view.buckets.allSatisfy(\.isOpen) else { return abandon(group) }
        counters.viewsBuilt += 1
        if proposal.generation != nil { counters.generationsOpened += 1 }
        counters.bucketsBegun += UInt64(founded.begun.count)
        // Before the first generation nothing was given out.
        let isFirst = proposal.generation != nil && proposal.ballot.generation == 1
        if founded.beginnings.contains(proposal.ballot), !isFirst {
            let rest = PortRest(beginning: proposal.ballot, nanoseconds: lossQuietNanoseconds)
            noteRests([rest], in: group)
        }
        groups[group].proposal?.built = founded
        groups[group].proposal?.sentAt = now
        groups[group].proposal?.resendNanoseconds = 20_000_000
        sendInstalls(group, founded)
        offer(founded, in: group)
    }

    mutating func preference(_ group: Int, for members: [NodeID]) -> Preference {
        if groups[group].preference.members != members {
            groups[group].preference = Preference(
                groups[group].plan, members: members, bucketCount: settings.bucketCount)
        }
        return groups[group].preference
    }

    /// Those that shall lead nothing: drained, or cut off from routers or edges while others aren't.
    func unwilling(_ members: [NodeID]) -> SeatSet {
        let all = members.indices.reduce(into: SeatSet()) { $0.formUnion(SeatSet(seat: $1)) }
        let set = members.indices.reduce(into: SeatSet()) { set, seat in
            if isUnwilling(members[seat]) { set.formUnion(SeatSet(seat: seat)) }
        }
        return set == all ? [] : set
    }

    private func isUnwilling(_ member: NodeID) -> Bool {
        let peer = place(ofPeer: member)
        let isOwn = member == node
        let said = isOwn ? marks : peer.map { peers[$0].marks } ?? []
        let since = isOwn ? cutOffSince : peer.flatMap { peers[$0].cutOffSince }
        // Rule 14: as long as the others may be about to say the same, nothing moves.
        let isCutOff = since.map { now >= $0 + settings.cutOffNanoseconds } ?? false
        return said.contains(.draining) || said.contains(.leaving) || isCutOff
    }
}
