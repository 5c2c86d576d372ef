// The lender's side: a loan is committed before it is told, told again, seldom, while it stands, and
// ended by "closed" alone.

import Tables
public import Wire

extension Loans {
    /// Takes a message of the peer with this number.
    public mutating func handle(_ message: PeerMessage, from peer: Int, at now: Tick) {
        silentUntil[peer] = Tick(rawValue: 0)
        switch message {
        case .loanRequest(let request): requested(request, from: peer, at: now)
        case .loanGrant(let grant): granted(grant, from: route(back: peer, grant), at: now)
        case .loanNone(let none): denied(none, at: now)
        case .loanClosed(let closed): self.closed(closed, at: now)
        }
    }

    /// The peer's route, as far as it matters for an answer to it.
    private func route(back peer: Int, _ grant: LoanGrant) -> LoanRoute {
        let route = routes.route(of: grant.id.group, grant.destination.lender)
        return route.peer == peer ? route : .peer(peer, isOwnNode: false)
    }

    private mutating func requested(_ request: LoanRequest, from peer: Int, at now: Tick) {
        guard reign(request.id.group, request.destination.lender) != nil else {
            return counters.misdirected += 1
        }
        // Whoever asked before this bucket began knows nothing of it yet, and asks anew once it does.
        guard !isVoid(request.id, lender: request.destination.lender) else {
            return counters.misdirected += 1
        }
        let from = LoanRoute.peer(peer, isOwnNode: false)
        if let slot = lentSlot(request.id) {
            // It came again: the loan is told again, if it stands.
            if lent.lists.list(of: slot) == LentList.standing { tell(slot, to: from, at: now) }
            return
        }
        let toward = PortDestination(request.destination)
        asks.append(LoanAsk(id: request.id, toward: toward, from: from))
    }

    /// Answers an ask. True if the port is now lent: the caller marks it as taken.
    ///
    /// - Parameters:
    ///   - port: a port of the lender's set that is free toward the destination: neither a flow's
    ///     nor `isTaken`. Nil if there is none.
    ///   - tenant: the number by which the tenant's limits are counted.
    public mutating func answer(
        _ ask: LoanAsk, with port: Port?, tenant: Int, at now: Tick
    ) -> Bool {
        // A request that came twice is answered once.
        guard lentSlot(ask.id) == nil else { return false }
        guard let port else {
            deny(ask, .noPort, now)
            return false
        }
        guard tenants.lent(tenant) < settings.lentPerTenant, lend(port, ask, tenant, now) else {
            deny(ask, .noRoom, now)
            return false
        }
        return true
    }

    private mutating func lend(_ port: Port, _ ask: LoanAsk, _ tenant: Int, _ now: Tick) -> Bool {
        guard lent.count < settings.lentCapacity / 2 else { return false }
        let loanPort = LoanPort(port, toward: ask.toward)
        let loan = LentLoan(
            id: ask.id, port: loanPort, from: ask.from, since: now, tenant: tenant, closedAs: nil)
        guard insert(loan, LentList.granting) else { return false }
        counters.lent += 1
        entries.append(.loan(ask.id, loanPort))
        return true
    }

    mutating func insert(_ loan: LentLoan, _ list: Int) -> Bool {
        let id = hash.of(loan.id)
        guard lentByID[id] == nil, let chain = chain(loan.id.group, loan.port.toward.bucket) else {
            return false
        }
        let name = hash.of(loan.port.toward, port: loan.port.port)
        guard let slot = lent.insert(loan, name: name, list: list) else { return false }
        lentByID.set(id, to: UInt32(slot))
        lentOf.append(slot, to: chain)
        tenants.addLent(loan.tenant, 1)
        return true
    }

    /// Whether this engine leads the bucket that lends.
    func isLed(_ loan: LentLoan) -> Bool { reign(loan.id.group, loan.port.toward.bucket) != nil }

    private mutating func deny(_ ask: LoanAsk, _ cause: LoanDenial, _ now: Tick) {
        counters.denied += 1
        let none = LoanNone(id: ask.id, lender: ask.toward.bucket, cause: cause)
        guard let peer = ask.from.peer else { return denied(none, at: now) }
        dispatches.append(LoanDispatch(peer: peer, message: .loanNone(none)))
    }

    // MARK: Commitment

    /// A loan is committed: it is told, by whoever leads the lender.
    mutating func stand(_ slot: Int, _ now: Tick) {
        guard isLed(lent[slot]) else { return lent.move(slot, to: LentList.copied) }
        lent.move(slot, to: LentList.standing)
        // Closed before it was told: the borrower refuses it.
        guard lent[slot].closedAs == nil else { return beginReturn(slot) }
        tell(slot, to: lent[slot].from, at: now)
    }

    /// A loan's end is committed: the port rests.
    mutating func rest(_ slot: Int, _ now: Tick) {
        counters.returned += 1
        let isUnused = lent[slot].closedAs == .unused
        lent[slot].closedAs = .used
        lent[slot].since = now
        lent.move(slot, to: quietList(lentOf.list(of: slot)))
        if isUnused { free(slot) }
    }

    /// The port may be given again.
    mutating func free(_ slot: Int) {
        let port = removeLent(slot).port
        scarcity.forget(port.toward)
        freed.append(port)
    }

    @discardableResult
    mutating func removeLent(_ slot: Int) -> LentLoan {
        let loan = lent[slot]
        lentByID.remove(hash.of(loan.id))
        lentOf.remove(slot)
        lent.remove(slot, name: hash.of(loan.port.toward, port: loan.port.port))
        tenants.addLent(loan.tenant, -1)
        return loan
    }

    /// Tells the borrower of a loan that stands.
    mutating func tell(_ slot: Int, to route: LoanRoute, at now: Tick) {
        lent[slot].since = now
        lent.move(slot, to: LentList.standing)
        let loan = lent[slot]
        let grant = LoanGrant(loan.id, loan.port)
        switch route {
        case .nobody: break
        case .here: granted(grant, from: .here, at: now)
        case .peer(let peer, _):
            dispatches.append(LoanDispatch(peer: peer, message: .loanGrant(grant)))
        }
    }

    // MARK: The end

    /// The borrower gives a loan back, or never had it.
    mutating func closed(_ message: LoanClosed, at now: Tick) {
        guard let slot = lentSlot(message.id), lent[slot].closedAs == nil, isLed(lent[slot]) else {
            return
        }
        lent[slot].closedAs = message.use
        if lent.lists.list(of: slot) == LentList.standing { beginReturn(slot) }
    }

    mutating func beginReturn(_ slot: Int) {
        lent.move(slot, to: LentList.returning)
        entries.append(.giveBack(lent[slot].id, lent[slot].port))
    }

    func lentSlot(_ id: LoanID) -> Int? {
        guard lent.count > 0, let slot = lentByID[hash.of(id)].map(Int.init), lent[slot].id == id
        else { return nil }
        return slot
    }
}
