// What changes around an engine: who leads which bucket, and peers that begin anew.

import Tables
public import Wire

extension Loans {
    /// Makes room for a group's loans: to be called before this engine may keep a copy of any of its
    /// buckets. False if there is none.
    @discardableResult
    public mutating func addGroup(_ group: UInt64) -> Bool { routes.add(group) }

    /// Sets who leads a bucket. False if there is no room for the group. After a change of the
    /// configuration call `routesChanged`.
    public mutating func setRoute(
        group: UInt64, bucket: BucketIndex, to route: LoanRoute
    ) -> Bool {
        if let peer = route.peer { precondition(peer < settings.peerCapacity) }
        return routes.set(group, bucket, to: route)
    }

    /// How long ports rest after a loan's end. May change while loans stand; those that rest do so by
    /// the new time.
    public mutating func setQuiet(nanoseconds: UInt64) { settings.quietNanoseconds = nanoseconds }

    /// Forgets who leads what in a group that this node serves no more. Loans go with their buckets'
    /// copies.
    public mutating func removeGroup(_ group: UInt64) { routes.clear(group) }

    /// Routes were set: what was asked of a bucket that another engine leads now is asked again. Linear.
    public mutating func routesChanged(at now: Tick) {
        abandon(now) { routes, request in
            !Self.isSame(routes.route(of: request.id.group, request.lender), request.to)
        }
    }

    private static func isSame(_ one: LoanRoute, _ other: LoanRoute) -> Bool {
        one.peer == other.peer && (one == .here) == (other == .here) && one != .nobody
    }

    /// The peer with this number lost its memory (`ChannelEvent.restarted`): what it was asked is
    /// forgotten, and it is reminded of what it borrowed, so that it says "closed" of what it lost.
    public mutating func peerRestarted(_ peer: Int, at now: Tick) {
        silentUntil[peer] = Tick(rawValue: 0)
        abandon(now) { _, request in request.to.peer == peer }
        var slot = lent.lists.first(LentList.standing)
        while let current = slot {
            slot = lent.lists.next(current)
            let id = lent[current].id
            guard routes.route(of: id.group, id.bucket).peer == peer else { continue }
            lent[current].since = Tick(rawValue: 0)
            lent.moveToFront(current, of: LentList.standing)
        }
    }

    mutating func abandon(
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
}
