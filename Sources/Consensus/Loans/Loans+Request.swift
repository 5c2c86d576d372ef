// The borrower seeks: which lender is asked next, and when a flow is told that there is no port.

public import Tables
public import Wire

extension Loans {
    /// A bucket of this engine has no free port toward a destination, and a packet that wants one.
    ///
    /// The answer is exact but for `stalenessNanoseconds`: `portsExhausted` says that every bucket of
    /// the group has none. For a destination known to be exhausted it costs one look-up.
    ///
    /// - Parameters:
    ///   - toward: the destination; `bucket` is the borrower.
    ///   - group: the id of the resource's group.
    ///   - tenant: the number by which the tenant's limits are counted.
    ///   - token: names the packet in the outcome; not used for another one that waits.
    public mutating func request(
        toward: PortDestination, group: UInt64, tenant: Int, token: UInt64, at now: Tick
    ) -> LoanAnswer {
        guard settings.bucketCount > 1, reign(group, toward.bucket) != nil else {
            return refuse(.noLender)
        }
        guard let scarce = scarcity.findOrMake(toward, at: now) else {
            return refuse(.loanTableFull)
        }
        // The caller looked into its own port set first.
        scarcity.setNone(scarce, toward.bucket)
        if scarcity.isExhausted(scarce) { return refuse(exhaustion(scarce)) }
        guard tenants.waiting(tenant) < settings.waitersPerTenant, waiters.hasRoom else {
            return refuse(.loanQueueFull)
        }
        guard tenants.held(tenant) + tenants.waiting(tenant) < settings.heldPerTenant else {
            return refuse(.tenantLoans)
        }
        guard held.count + waiters.count < settings.heldCapacity / 2,
            let search = search(toward, group, scarce)
        else { return refuse(.loanTableFull) }
        wait(token, tenant, search, now)
        advance(search, now)
        return .waiting
    }

    private mutating func refuse(_ reason: LoanRefusal) -> LoanAnswer {
        counters.refusals[Int(reason.rawValue)] += 1
        return .refused(reason)
    }

    /// What it means that all lenders said none.
    private func exhaustion(_ scarce: Int) -> LoanRefusal {
        scarcity.lacksRoom(scarce) ? .loanTableFull : .portsExhausted
    }

    /// The search of a bucket toward a destination, begun if need be.
    private mutating func search(_ toward: PortDestination, _ group: UInt64, _ scarce: Int) -> Int?
    {
        let name = hash.of(toward)
        if let found = searches.slot(of: name) {
            return searches[found].toward == toward ? found : nil
        }
        let search = Search(
            toward: toward, group: group, start: Int(name % UInt64(settings.bucketCount)),
            scarcity: scarce, asked: InlineArray(repeating: Search.nobody))
        guard let slot = searches.insert(search, name: name, list: 1) else { return nil }
        scarcity.retain(scarce)
        return slot
    }

    private mutating func wait(_ token: UInt64, _ tenant: Int, _ search: Int, _ now: Tick) {
        let waiter = Waiter(token: token, since: now, search: search, tenant: tenant)
        guard let slot = waiters.insert(waiter, list: 1) else {
            preconditionFailure("room was checked")
        }
        waitersOf.append(slot, to: search)
        tenants.addWaiting(tenant, 1)
    }

    /// The waiter goes on.
    mutating func remove(waiter slot: Int) -> Waiter {
        let waiter = waiters[slot]
        waitersOf.remove(slot)
        waiters.remove(slot)
        tenants.addWaiting(waiter.tenant, -1)
        return waiter
    }

    /// Asks as many lenders as there are packets that wait, or concludes.
    mutating func advance(_ search: Int, _ now: Tick) {
        var askedCount = searches[search].askedCount
        let wanted = min(waitersOf.count(search), settings.requestsPerSearch)
        while askedCount < wanted, let lender = nextLender(search, now) {
            ask(lender, search, now)
            askedCount += 1
        }
        guard askedCount == 0 else { return }
        conclude(search)
    }

    /// The next bucket to ask: first those of this engine, then those of this node, then others;
    /// among each from a place that differs for each bucket and destination, so that all that seek
    /// don't ask the same.
    private mutating func nextLender(_ search: Int, _ now: Tick) -> BucketIndex? {
        let record = searches[search]
        // Whoever leads the bucket no more has nobody to ask for.
        guard let slot = routes.slot(of: record.group),
            reign(record.group, record.toward.bucket) != nil
        else { return nil }
        var best: (distance: LoanDistance, bucket: BucketIndex)?
        for step in 0..<settings.bucketCount {
            var candidate = record.start + step
            if candidate >= settings.bucketCount { candidate -= settings.bucketCount }
            guard !scarcity.saidNone(record.scarcity, candidate), !record.isAsking(candidate),
                candidate != Int(record.toward.bucket.rawValue)
            else { continue }
            let bucket = BucketIndex(candidate)
            let route = routes.route(slot, bucket)
            guard let distance = LoanDistance(route), !isSilent(route, now) else { continue }
            if distance == .sameEngine { return bucket }
            if best.map({ distance.rawValue < $0.distance.rawValue }) ?? true {
                best = (distance, bucket)
            }
        }
        return best?.bucket
    }

    private mutating func isSilent(_ route: LoanRoute, _ now: Tick) -> Bool {
        route.peer.map { silentUntil[$0] > now } ?? false
    }

    private mutating func ask(_ lender: BucketIndex, _ search: Int, _ now: Tick) {
        let record = searches[search]
        guard let reign = reign(record.group, record.toward.bucket) else {
            preconditionFailure("a lender was chosen for it")
        }
        let to = routes.route(of: record.group, lender)
        let id = LoanID(
            group: record.group, bucket: record.toward.bucket, ballot: reign.ballot,
            term: reign.term, counter: nextCounter)
        nextCounter += 1
        let request = OpenRequest(id: id, search: search, lender: lender, to: to, askedAt: now)
        guard requests.insert(request, name: id.counter, list: 1) != nil else {
            preconditionFailure("each search has its requests")
        }
        searches[search].replace(Search.nobody, with: Int32(lender.rawValue))
        if let distance = LoanDistance(to) { counters.asked[Int(distance.rawValue)] += 1 }
        let toward = record.toward.of(lender)
        guard let peer = to.peer else {
            asks.append(LoanAsk(id: id, toward: toward, from: .here))
            return
        }
        let message = LoanRequest(id: id, destination: LoanDestination(toward))
        dispatches.append(LoanDispatch(peer: peer, message: .loanRequest(message)))
    }

    /// Nobody is asked, and nobody is left to ask: the packets that wait are told, and the search is
    /// over.
    private mutating func conclude(_ search: Int) {
        let record = searches[search]
        var reason = LoanRefusal.loanTimeout
        if scarcity.isExhausted(record.scarcity) {
            reason = exhaustion(record.scarcity)
        } else if !scarcity.saidNone(record.scarcity, Int(record.toward.bucket.rawValue)) {
            // A port of its own became free: who looks again finds it.
            reason = .portsExhausted
        } else if !hasLender(record) || reign(record.group, record.toward.bucket) == nil {
            reason = .noLender
        }
        while let slot = waitersOf.first(search) { turnAway(slot, reason) }
        searches.remove(search, name: hash.of(record.toward))
        scarcity.release(usedBySearch: record.scarcity)
    }

    mutating func turnAway(_ slot: Int, _ reason: LoanRefusal) {
        let waiter = remove(waiter: slot)
        counters.refusals[Int(reason.rawValue)] += 1
        outcomes.append(LoanOutcome(token: waiter.token, result: .refused(reason)))
    }

    /// Whether any other bucket has a leader.
    private func hasLender(_ search: Search) -> Bool {
        for bucket in 0..<settings.bucketCount where bucket != Int(search.toward.bucket.rawValue) {
            if routes.route(of: search.group, BucketIndex(bucket)) != .nobody { return true }
        }
        return false
    }

    /// A request is over, whatever became of it. The caller advances its search.
    mutating func remove(request slot: Int) -> OpenRequest {
        let request = requests[slot]
        requests.remove(slot, name: request.id.counter)
        searches[request.search].replace(Int32(request.lender.rawValue), with: Search.nobody)
        return request
    }

    /// The open request of an id, if this leader drew it and still holds it open.
    func openRequest(_ id: LoanID) -> Int? {
        guard let slot = requests.slot(of: id.counter), requests[slot].id == id else { return nil }
        return slot
    }
}
