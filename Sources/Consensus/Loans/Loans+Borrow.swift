// The borrower's side of a loan: taking the answer, giving back what it doesn't take or no longer
// has. To a loan that it neither takes nor has, it answers "closed", so that no lost message leaves a
// port lent for ever.

import Tables
public import Wire

extension Loans {
    /// A lender's loan came, for the first time or as a reminder.
    mutating func granted(_ grant: LoanGrant, from route: LoanRoute, at now: Tick) {
        let port = LoanPort(grant.port, toward: PortDestination(grant.destination))
        if let slot = openRequest(grant.id) {
            return take(port, slot, from: route, at: now)
        }
        if let slot = heldSlot(grant.id) {
            guard held[slot].port == port else { return counters.misdirected += 1 }
            guard held.lists.list(of: slot) == HeldList.held else { return }
            held[slot].confirmedAt = now
            held.move(slot, to: HeldList.held)
            return
        }
        switch standing(of: grant.id) {
        case .own, .older:
            counters.strayGrants += 1
            // An own id that isn't open may have been used before its "closed" was lost.
            close(grant.id, .used, at: route, now)
        case .newer:
            counters.newerGrants += 1
        }
    }

    /// The answer to an open request.
    private mutating func take(
        _ port: LoanPort, _ slot: Int, from route: LoanRoute, at now: Tick
    ) {
        let request = remove(request: slot)
        let search = request.search
        let isAsAsked = port.toward == searches[search].toward.of(request.lender)
        // The lender gives what it had given before: it lost that memory, and this end didn't hear.
        let earlier = heldSlot(port)
        if let earlier { lose(earlier) }
        if isAsAsked, let waiterSlot = waitersOf.first(search), hold(port, request, waiterSlot, now)
        {
            let waiter = remove(waiter: waiterSlot)
            outcomes.append(LoanOutcome(token: waiter.token, result: .granted(port)))
            if let distance = LoanDistance(request.to) {
                counters.taken[Int(distance.rawValue)] += 1
                counters.holding[Int(distance.rawValue)] += 1
            }
        } else {
            if !isAsAsked { counters.misdirected += 1 }
            close(request.id, earlier == nil ? .unused : .used, at: route, now)
        }
        advance(search, now)
    }

    private mutating func hold(
        _ port: LoanPort, _ request: OpenRequest, _ waiterSlot: Int, _ now: Tick
    ) -> Bool {
        let name = hash.of(port.toward, port: port.port)
        let id = hash.of(request.id)
        guard heldByID[id] == nil else { return false }
        let loan = HeldLoan(
            id: request.id, port: port, from: request.to, confirmedAt: now,
            tenant: waiters[waiterSlot].tenant)
        guard let slot = held.insert(loan, name: name, list: HeldList.held) else { return false }
        heldByID.set(id, to: UInt32(slot))
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

    /// A flow that stood on a port of another bucket has ended, its end is committed and its record
    /// gone: the loan is given back. False if the port wasn't on loan.
    @discardableResult
    public mutating func release(_ port: LoanPort, at now: Tick) -> Bool {
        giveBack(port, .used, now)
    }

    /// The flow that a granted port was for couldn't be created: no packet left by it.
    @discardableResult
    public mutating func decline(_ port: LoanPort, at now: Tick) -> Bool {
        giveBack(port, .unused, now)
    }

    private mutating func giveBack(_ port: LoanPort, _ use: LoanUse, _ now: Tick) -> Bool {
        guard let slot = heldSlot(port) else { return false }
        let loan = remove(held: slot)
        close(loan.id, use, at: routes.route(of: loan.id.group, port.toward.bucket), now)
        return true
    }

    mutating func remove(held slot: Int) -> HeldLoan {
        let loan = held[slot]
        heldByID.remove(hash.of(loan.id))
        held.remove(slot, name: hash.of(loan.port.toward, port: loan.port.port))
        tenants.addHeld(loan.tenant, -1)
        if let distance = LoanDistance(loan.from) {
            counters.holding[Int(distance.rawValue)] -= 1
        }
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

    /// Sends "closed" to whoever lends.
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

    /// Whose reign an id was drawn in, as against this leader's.
    enum Standing {
        case own
        case older
        case newer
    }

    // DESIGN part 5, rule 17: for an older id "closed" is said once an entry of this leader's own
    // (ballot, term) is committed, for a newer one nothing is. With one copy a leader is alone with
    // its memory: what other nodes and earlier starts drew is gone with them, so it is older; only
    // this node's own later start is newer, and then this one is the stale one.
    func standing(of id: LoanID) -> Standing {
        if id.ballot == ballot && id.term == term { return .own }
        guard id.ballot.proposer == ballot.proposer else { return .older }
        return (id.ballot, id.term) < (ballot, term) ? .older : .newer
    }
}
