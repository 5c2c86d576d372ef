// The borrower's side of a loan: taking the answer, giving back what it doesn't take or no longer
// has. To a loan that it neither takes nor has, it answers "closed", so that no lost message leaves a
// port lent for ever.

import Tables
public import Wire

extension Loans {
    /// A lender's loan came, for the first time or as a reminder.
    mutating func granted(_ grant: LoanGrant, from route: LoanRoute, at now: Tick) {
        guard let reign = reign(grant.id.group, grant.id.bucket) else {
            return counters.misdirected += 1
        }
        let port = LoanPort(grant)
        if let slot = openRequest(grant.id) {
            return take(port, slot, from: route, at: now)
        }
        if let slot = heldSlot(grant.id) {
            if held[slot].port != port { counters.misdirected += 1 }
            return
        }
        switch reign.standing(of: grant.id) {
        // What an earlier leader may have taken is known once an entry of this reign is committed.
        case .own, .older:
            guard reign.isOpen else { return }
            counters.strayGrants += 1
            denials.append(LoanDenied(id: grant.id, lender: port.toward.bucket))
        case .newer:
            counters.newerGrants += 1
        }
    }

    /// Tells a lender that its loan is not here: this leader's reign was confirmed since that was found.
    // DESIGN part 5, rules 11 and 17.
    public mutating func deny(_ denied: LoanDenied, at now: Tick) {
        let id = denied.id
        guard let reign = reign(id.group, id.bucket), reign.isOpen,
            reign.standing(of: id) != .newer, openRequest(id) == nil, heldSlot(id) == nil
        else { return }
        // An own id that isn't open may have been used before its "closed" was lost.
        close(id, .used, toLender: denied.lender, now)
    }

    /// The answer to an open request.
    private mutating func take(
        _ port: LoanPort, _ slot: Int, from route: LoanRoute, at now: Tick
    ) {
        let request = remove(request: slot)
        let search = request.search
        let isAsAsked =
            port.toward == searches[search].toward.of(request.lender) && heldSlot(port) == nil
        if isAsAsked, let waiterSlot = waitersOf.first(search),
            hold(
                HeldLoan(id: request.id, port: port, tenant: waiters[waiterSlot].tenant))
        {
            let waiter = remove(waiter: waiterSlot)
            outcomes.append(LoanOutcome(token: waiter.token, result: .granted(port)))
            if let distance = LoanDistance(request.to) {
                counters.taken[Int(distance.rawValue)] += 1
            }
        } else {
            if !isAsAsked { counters.misdirected += 1 }
            let isWanted = waitersOf.count(search) > 0
            if isWanted {
                scarcity.setNone(searches[search].scarcity, request.lender, lacksRoom: isAsAsked)
            }
            // Of a port that was free at once, one who wants it and can't take it would ask for ever.
            close(request.id, isWanted ? .used : .unused, at: route, now)
        }
        advance(search, now)
    }

    /// Notes a loan that a bucket of this engine has. False if there is no room.
    mutating func hold(_ loan: HeldLoan) -> Bool {
        let id = hash.of(loan.id)
        guard heldByID[id] == nil, let chain = chain(loan.id.group, loan.id.bucket) else {
            return false
        }
        let name = hash.of(loan.port.toward, port: loan.port.port)
        guard let slot = held.insert(loan, name: name, list: HeldList.held) else { return false }
        heldByID.set(id, to: UInt32(slot))
        heldOf.append(slot, to: chain)
        tenants.addHeld(loan.tenant, 1)
        return true
    }

    /// A lender has no port, or no room.
    mutating func denied(_ none: LoanNone, at now: Tick) {
        guard let slot = openRequest(none.id) else { return }
        guard requests[slot].lender == none.lender else { return counters.misdirected += 1 }
        let search = remove(request: slot).search
        scarcity.setNone(
            searches[search].scarcity, none.lender, lacksRoom: none.cause == .noRoom)
        advance(search, now)
    }

    /// The flow that a granted port was for couldn't be created: no packet left by it, and none will.
    @discardableResult
    public mutating func decline(_ port: LoanPort, at now: Tick) -> Bool {
        guard let slot = heldSlot(port) else { return false }
        let loan = remove(held: slot)
        close(loan.id, .unused, toLender: port.toward.bucket, now)
        return true
    }

    mutating func remove(held slot: Int) -> HeldLoan {
        let loan = held[slot]
        heldByID.remove(hash.of(loan.id))
        heldOf.remove(slot)
        held.remove(slot, name: hash.of(loan.port.toward, port: loan.port.port))
        tenants.addHeld(loan.tenant, -1)
        return loan
    }

    func heldSlot(_ port: LoanPort) -> Int? {
        guard let slot = held.slot(of: hash.of(port.toward, port: port.port)),
            held[slot].port == port
        else { return nil }
        return slot
    }

    func heldSlot(_ id: LoanID) -> Int? {
        guard held.count > 0, let slot = heldByID[hash.of(id)].map(Int.init),
            held[slot].id == id
        else { return nil }
        return slot
    }

    /// Sends "closed" to whoever leads the lender's bucket.
    mutating func close(_ id: LoanID, _ use: LoanUse, toLender lender: BucketIndex, _ now: Tick) {
        close(id, use, at: routes.route(of: id.group, lender), now)
    }

    private mutating func close(_ id: LoanID, _ use: LoanUse, at route: LoanRoute, _ now: Tick) {
        counters.closedSent += 1
        switch route {
        case .nobody: break
        case .here: closed(LoanClosed(id: id, use: use), at: now)
        case .peer(let peer, _):
            let message = LoanClosed(id: id, use: use)
            dispatches.append(LoanDispatch(peer: peer, message: .loanClosed(message)))
        }
    }
}
