// When a view is wanted, and by whom: the first of those that all reach each other, the others a step
// later each. DESIGN part 5, rules 5 and 6.

import Wire

extension Member {
    mutating func considerProposal(_ group: Int) {
        // Who goes proposes nothing: it would be a view with itself.
        guard !marks.contains(.leaving) else { return groups[group].proposal = nil }
        if groups[group].proposal != nil {
            pursueProposal(group)
        } else if groups[group].isEmpty {
            considerGeneration(group)
        } else {
            considerView(group)
        }
    }

    private mutating func considerView(_ group: Int) {
        guard let view = groups[group].installed?.view, let own = view.seat(of: node) else {
            return
        }
        let live = liveSet(of: view.members, in: group)
        // Rule 6: whoever is outside asks to join, it doesn't propose.
        guard live.contains(seat: own) else { return groups[group].trouble = nil }
        let voters = voters(group, view, live)
        guard voters.count >= quorum(view.members.count).promises,
            let kind = trouble(group, view, live)
        else { return groups[group].trouble = nil }
        if groups[group].trouble?.kind != kind {
            groups[group].trouble = Trouble(kind: kind, since: now)
        }
        let due = due(group, kind, rank: voters.rawValue & (1 << UInt8(own) - 1))
        if due <= now { propose(group) } else { groups[group].wake(at: due) }
    }

    /// Those of the live that are known to have a view, this member among them.
    private func voters(_ group: Int, _ view: View, _ live: SeatSet) -> SeatSet {
        view.members.indices.reduce(into: []) { voters, seat in
            let member = view.members[seat]
            guard live.contains(seat: seat) else { return }
            let hasView =
                member == node
                || groups[group].associate(of: member).flatMap {
                    groups[group].roster[$0].told
                }.map { !$0.isEmpty } ?? false
            if hasView || emptyMembersVote { voters.formUnion(SeatSet(seat: seat)) }
        }
    }

    func quorum(_ members: Int) -> Quorum {
        var quorum = Quorum(members: members, copies: settings.copies)
        if settings.plantedBug == .quorumOneShort { quorum.promises = max(1, quorum.promises - 1) }
        return quorum
    }

    /// A simulation has to see what comes of it.
    var emptyMembersVote: Bool { settings.plantedBug == .restartedMemberVotes }

    private func trouble(_ group: Int, _ view: View, _ live: SeatSet) -> ViewReason? {
        let newer = groups[group].roster.count { associate in
            view.seat(of: associate.node) != nil
                && associate.told.map { $0.installed > view.ballot } ?? false
        }
        // They have gone on, and take this member in if they reach it. One that lives and knows
        // the newer view active answers for Q.
        let isLeft = groups[group].roster.contains { associate in
            peers[associate.peer].isAlive && view.seat(of: associate.node) != nil
                && associate.told.map { $0.installed > view.ballot && $0.isActive } ?? false
        }
        guard !isLeft else { return nil }
        guard newer < quorum(view.members.count).promises else { return nil }
        let isBehind =
            newer > 0 || groups[group].promised > view.ballot || !groups[group].isActive
        if isBehind || groups[group].installing != nil { return .stalled }
        if let kind = changed(view, live) { return kind }
        if hasGivenUp(group, view) { return .left }
        if mayReconfigure(group, view) { return .configuration }
        return unbalanced(group, view, live)
    }

    /// Whether another set of starts lives than the view names.
    private func changed(_ view: View, _ live: SeatSet) -> ViewReason? {
        var kind: ViewReason?
        for seat in view.members.indices {
            let named = view.incarnations[seat]
            let present =
                live.contains(seat: seat) ? presentStart(of: view.members[seat]) : .unknown
            guard named != present else { continue }
            if named != .unknown { return .left }
            kind = .joined
        }
        return kind
    }

    /// Whether a member has given up copies that the view counts on.
    private func hasGivenUp(_ group: Int, _ view: View) -> Bool {
        view.members.indices.contains { seat in
            guard let associate = groups[group].associate(of: view.members[seat]),
                let told = groups[group].roster[associate].told, told.isEmpty, told.hasGivenUp
            else { return false }
            return view.buckets.contains { $0.full.contains(seat: seat) }
        }
    }

    func presentStart(of member: NodeID) -> Incarnation {
        if member == node { return incarnation }
        return place(ofPeer: member).flatMap { peers[$0].incarnation } ?? .unknown
    }

    private func due(_ group: Int, _ kind: ViewReason, rank ahead: UInt8) -> Tick {
        let state = groups[group]
        let steps = UInt64(ahead.nonzeroBitCount) * settings.stepNanoseconds
        let since = state.trouble?.since ?? now
        // Those that tried in vain wait longer.
        let tries = UInt64(min(state.attempts, 8)) * settings.stepNanoseconds
        let again = state.progressAt + settings.promiseNanoseconds + tries
        switch kind {
        case .stalled:
            return again + steps
        case .left, .noMemory:
            return (state.attempts == 0 ? since : max(since, again)) + steps
        case .configuration:
            return max(since, state.progressAt + settings.suspectNanoseconds) + steps
        case .joined:
            // Who was not taken in by one view may not be by the next.
            let wait =
                settings.suspectNanoseconds
                << max(UInt64(min(state.joins, 6)), patience(with: group))
            return max(since, state.viewAt + wait) + steps
        case .unbalanced:
            return max(since, state.viewAt + settings.balanceNanoseconds) + 4 * steps
        }
    }

    /// The most that a member of the group is waited for.
    private func patience(with group: Int) -> UInt64 {
        groups[group].roster.reduce(0) { max($0, peers[$1.peer].patience(at: now)) }
    }

    /// Begins a ballot above all that were heard of.
    mutating func propose(_ group: Int, opening generation: GroupRecord? = nil) {
        let state = groups[group]
        let reason = state.trouble?.kind ?? (generation == nil ? .stalled : .noMemory)
        let isChange = reason == .configuration
        let isJoin = reason == .joined
        groups[group].joins = isJoin ? state.joins + 1 : 0
        groups[group].highestNumber += 1
        groups[group].trouble = nil
        groups[group].attempts += 1
        let ballot = Ballot(
            generation: generation?.generation ?? state.installedBallot.generation,
            number: state.highestNumber, proposer: node)
        counters.ballotsProposed += 1
        note(.proposed(group: state.plan.id, ballot: ballot, reason: reason))
        groups[group].proposal = Proposal(
            ballot: ballot, startedAt: now, generation: generation, isChange: isChange,
            sentAt: now)
        ask(group)
        promise(ballot, in: group)
        groups[group].wake(at: now + settings.stepNanoseconds)
    }

    /// Asks those for their promise that haven't given it.
    private mutating func ask(_ place: Int) {
        let group = groups[place]
        guard let proposal = group.proposal else { return }
        let prepare = Prepare(
            group: group.plan.id, ballot: proposal.ballot, configuration: group.plan.configuration,
            known: max(group.installedBallot, group.known?.view.ballot ?? .none))
        for associate in group.roster where peers[associate.peer].isAlive {
            let isAsked =
                proposal.generation == nil
                ? associate.told?.isEmpty == false || emptyMembersVote
                : associate.told?.isEmpty ?? false
            let hasPromised = proposal.promises.contains {
                $0.node == associate.node && $0.isComplete
            }
            if isAsked && !hasPromised { send(.prepare(prepare), to: associate.peer) }
        }
    }

    /// Says again what was not answered, and gives up in the end.
    private mutating func pursueProposal(_ group: Int) {
        tryBuilding(group)
        guard let proposal = groups[group].proposal else { return }
        if now - proposal.startedAt >= 10 * settings.stepNanoseconds { return abandon(group) }
        let resendAt = proposal.sentAt + proposal.resendNanoseconds
        if resendAt <= now {
            groups[group].proposal?.sentAt = now
            groups[group].proposal?.resendNanoseconds *= 2
            if let built = proposal.built { sendInstalls(group, built) } else { ask(group) }
        }
        groups[group].wake(at: max(resendAt, now + 1))
        groups[group].wake(at: proposal.startedAt + 10 * settings.stepNanoseconds)
    }

    /// Sends the view to those of its members that haven't told that they have it.
    mutating func sendInstalls(_ place: Int, _ founded: FoundedView) {
        var isMissing = false
        for associate in groups[place].roster {
            guard let seat = founded.view.seat(of: associate.node),
                founded.view.incarnations[seat] == peers[associate.peer].incarnation,
                associate.told?.installed ?? .none < founded.view.ballot
            else { continue }
            isMissing = true
            send(founded, to: associate.peer, isInstall: true)
        }
        if !isMissing && groups[place].isActive { groups[place].proposal = nil }
    }

    mutating func abandon(_ group: Int) {
        groups[group].proposal = nil
        groups[group].progressAt = now
        touch(group)
    }

    /// Somebody promised a higher ballot: this member's own cannot win any more, or not soon. It
    /// begins anew, above it, if no view comes of that one.
    mutating func yield(to ballot: Ballot, in group: Int) {
        guard let proposal = groups[group].proposal, proposal.ballot < ballot,
            ballot.generation == proposal.ballot.generation,
            !groups[group].isActive
                || proposal.built?.view.ballot != groups[group].installedBallot
        else { return }
        abandon(group)
    }
}
