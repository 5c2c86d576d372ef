// Where this member stands, told to the others at every change; and where they stand. A lost word is
// asked for by whoever misses it. DESIGN part 5, rules 3, 5 and 12.

import Wire

extension Member {
    func standing(_ place: Int, for peer: Int, wantsAnswer: Bool) -> GroupStanding {
        let group = groups[place]
        var standing = GroupStanding(
            group: group.plan.id, generation: group.record?.generation ?? 0,
            configuration: group.record?.configuration ?? 0, installed: group.installedBallot,
            promised: group.promised, noted: peers[peer].incarnation ?? .unknown,
            wantsAnswer: wantsAnswer, isActive: group.isActive, full: group.full, led: group.led)
        standing.isUnnamed = !group.isNamed
        standing.hasGivenUp = group.gaveUp != nil
        return standing
    }

    mutating func tell(_ group: Int, to peer: Int, wantsAnswer: Bool = false) {
        guard peers[peer].incarnation != nil else { return }
        send(.standing(standing(group, for: peer, wantsAnswer: wantsAnswer)), to: peer)
        tellLeads(group, to: peer)
    }

    /// Tells all other members, those of the old view among them, before any later grant.
    mutating func tellAll(_ group: Int) {
        groups[group].mustTell = false
        groups[group].toldAt = now
        for associate in groups[group].roster { tell(group, to: associate.peer) }
    }

    mutating func handle(_ standing: GroupStanding, from peer: Int) {
        guard let group = place(of: standing.group) else {
            return standing.wantsAnswer ? tellLeft(standing.group, to: peer) : ()
        }
        note(standing.promised, in: group)
        note(standing.installed, in: group)
        let associate = groups[group].associate(peer) ?? add(peers[peer].node, to: group)
        groups[group].roster[associate].told = standing
        vouch(associate, in: group)
        if standing.wantsAnswer {
            tell(group, to: peer)
            if standing.installed < groups[group].installedBallot { sendView(group, to: peer) }
        }
        yield(to: standing.promised, in: group)
        touch(group)
    }

    /// Remembers the highest number that anybody used: a ballot of its own goes above it.
    mutating func note(_ ballot: Ballot, in group: Int) {
        groups[group].highestNumber = max(groups[group].highestNumber, ballot.number)
    }

    // Rule 12: a grant covers the groups in which the granter promised and installed nothing above
    // the holder's view. Here it must have installed that very view, so that no member that is still
    // empty grants anything.
    mutating func vouch(_ associate: Int, in group: Int) {
        let entry = groups[group].roster[associate]
        guard let told = entry.told, let view = groups[group].installed?.view else { return }
        let ballot = view.ballot
        let counts = told.installed == ballot && told.promised <= ballot
        guard counts != entry.isVouched else { return }
        groups[group].roster[associate].isVouched = counts
        let id = groups[group].plan.id
        let above = max(told.promised, told.installed)
        ordersOut.append(
            counts
                ? .vouch(group: id, node: entry.node, ballot: ballot)
                : .withdraw(group: id, node: entry.node, ballot: above))
    }

    /// The installed view as an install, if it names the peer's present start; only to be known, if it
    /// is active and leaves the peer out.
    private mutating func sendView(_ group: Int, to peer: Int) {
        guard let founded = groups[group].installed else { return }
        guard let seat = founded.view.seat(of: peers[peer].node) else {
            if groups[group].isActive { send(founded, to: peer, isInstall: false) }
            return
        }
        guard founded.view.incarnations[seat] == peers[peer].incarnation
        else { return }
        send(founded, to: peer, isInstall: true)
    }

    mutating func send(_ founded: FoundedView, to peer: Int, isInstall: Bool) {
        guard let group = place(of: founded.view.group) else { return }
        for part in ViewPart.parts(of: founded, isInstall: isInstall, rests: rests(group)) {
            send(.view(part), to: peer)
        }
    }

    /// Asks those that said nothing yet in this stream, or that have a newer view, ever more seldom.
    mutating func considerAsking(_ group: Int) {
        let newest = max(
            groups[group].installedBallot, groups[group].installing?.view.ballot ?? .none)
        let asked = groups[group].roster.filter { associate in
            peers[associate.peer].isAlive
                && (associate.told.map {
                    $0.installed > newest || !groups[group].isNamed && !$0.isUnnamed
                } ?? true)
        }
        guard !asked.isEmpty else {
            groups[group].askAt = nil
            return
        }
        guard let askAt = groups[group].askAt else {
            groups[group].askWait = settings.promiseNanoseconds
            groups[group].askAt = now + groups[group].askWait
            groups[group].wake(at: now + groups[group].askWait)
            return
        }
        if askAt <= now {
            for associate in asked { tell(group, to: associate.peer, wantsAnswer: true) }
            groups[group].askWait = min(2 * groups[group].askWait, 640_000_000)
            groups[group].askAt = now + groups[group].askWait
        }
        groups[group].wake(at: groups[group].askAt ?? now)
    }
}
