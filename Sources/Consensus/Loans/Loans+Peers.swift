// What changes around an engine: who leads which bucket, and peers that begin anew.

import Tables
public import Wire

extension Loans {
    /// Sets who leads a bucket. False if there is no room for the group. After a change of the
    /// configuration call `routesChanged`.
    public mutating func setRoute(
        group: UInt64, bucket: BucketIndex, to route: LoanRoute
    ) -> Bool {
        if let peer = route.peer { precondition(peer < settings.peerCapacity) }
        return routes.set(group, bucket, to: route)
    }

    /// How long ports rest: after a loan's end, and after a start that lost what was known. May change
    /// while loans stand; those that rest do so by the new time.
    public mutating func setQuiet(nanoseconds: UInt64, afterLossNanoseconds: UInt64) {
        settings.quietNanoseconds = nanoseconds
        settings.lossQuietNanoseconds = afterLossNanoseconds
    }

    /// Forgets a group that this node serves no more.
    public mutating func removeGroup(_ group: UInt64) { routes.remove(group) }

    /// Routes were set: what was asked of, or taken from, a bucket that another engine leads now is
    /// void. With one copy a bucket's new leader knows nothing of the old one's loans. Linear.
    public mutating func routesChanged(at now: Tick) {
        abandon(now) { routes, request in
            !Self.isSame(routes.route(of: request.id.group, request.lender), request.to)
        }
        lose { routes, loan in
            !Self.isSame(routes.route(of: loan.id.group, loan.port.toward.bucket), loan.from)
        }
    }

    private static func isSame(_ one: LoanRoute, _ other: LoanRoute) -> Bool {
        one.peer == other.peer && (one == .here) == (other == .here) && one != .nobody
    }

    /// The peer with this number lost its memory (`ChannelEvent.restarted`): what it lent is void,
    /// what it was asked is forgotten, and it is reminded of what it borrowed, so that it says
    /// "closed".
    public mutating func peerRestarted(_ peer: Int, at now: Tick) {
        silentUntil[peer] = Tick(rawValue: 0)
        abandon(now) { _, request in request.to.peer == peer }
        lose { _, loan in loan.from.peer == peer }
        var slot = lent.lists.first(LentList.standing)
        while let current = slot {
            slot = lent.lists.next(current)
            let id = lent[current].id
            guard routes.route(of: id.group, id.bucket).peer == peer else { continue }
            lent[current].since = Tick(rawValue: 0)
            lent.moveToFront(current, of: LentList.standing)
        }
    }

    private mutating func abandon(
        _ now: Tick, _ isVoid: (borrowing LoanRoutes, OpenRequest) -> Bool
    ) {
        var slot = requests.lists.first(1)
        while let current = slot {
            slot = requests.lists.next(current)
            guard isVoid(routes, requests[current]) else { continue }
            let request = remove(request: current)
            abandoned.append(request.search)
        }
        while let search = abandoned.pop() {
            if searches.records[search] != nil { advance(search, now) }
        }
    }

    private mutating func lose(_ isVoid: (borrowing LoanRoutes, HeldLoan) -> Bool) {
        var slot = held.lists.first(HeldList.held)
        while let current = slot {
            slot = held.lists.next(current)
            if isVoid(routes, held[current]) { lose(current) }
        }
    }
}
