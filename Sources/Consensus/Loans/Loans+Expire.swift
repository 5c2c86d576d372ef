// What time does: packets that waited too long, lenders that don't answer, reminders, quiet times.
// Every list is in the order in which its slots fall due.

public import Wire

extension Loans {
    /// Reminders in one call, so that its cost is bounded.
    private static var reminderLimit: Int { 64 }

    /// Does what is due. Call at `wakeAt`, or every few milliseconds.
    public mutating func tick(_ now: Tick) {
        expireWaiters(now)
        expireRequests(now)
        remind(now)
        while let slot = lent.lists.first(LentList.quiet),
            now - lent[slot].since >= settings.quietNanoseconds
        {
            free(slot)
        }
    }

    private mutating func expireWaiters(_ now: Tick) {
        while let slot = waiters.lists.first(1),
            now - waiters[slot].since >= settings.waitNanoseconds
        {
            let search = waiters[slot].search
            turnAway(slot, .loanTimeout)
            if waitersOf.count(search) == 0 { advance(search, now) }
        }
    }

    private mutating func expireRequests(_ now: Tick) {
        while let slot = requests.lists.first(1),
            now - requests[slot].askedAt >= settings.requestNanoseconds
        {
            counters.unanswered += 1
            let request = remove(request: slot)
            if let peer = request.to.peer {
                silentUntil[peer] = now + settings.silenceNanoseconds
            }
            advance(request.search, now)
        }
    }

    private mutating func remind(_ now: Tick) {
        for _ in 0..<Self.reminderLimit {
            guard let slot = lent.lists.first(LentList.standing),
                now - lent[slot].since >= settings.reminderNanoseconds
            else { return }
            counters.reminders += 1
            let id = lent[slot].id
            tell(slot, to: routes.route(of: id.group, id.bucket), at: now)
        }
    }

    /// When `tick` has something to do next, if nothing comes before.
    public var wakeAt: Tick? {
        var earliest: Tick?
        func consider(_ since: Tick?, _ wait: UInt64) {
            guard let due = since.map({ $0 + wait }) else { return }
            earliest = earliest.map { min($0, due) } ?? due
        }
        consider(waiters.lists.first(1).map { waiters[$0].since }, settings.waitNanoseconds)
        consider(
            requests.lists.first(1).map { requests[$0].askedAt }, settings.requestNanoseconds)
        consider(
            lent.lists.first(LentList.standing).map { lent[$0].since },
            settings.reminderNanoseconds)
        consider(
            lent.lists.first(LentList.quiet).map { lent[$0].since }, settings.quietNanoseconds)
        return earliest
    }
}
