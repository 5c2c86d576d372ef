// What is committed, whoever decided it: loans given, loans given back, flows that take a port on loan
// and those that end. A leader hears of its own entries this way, a follower of its leader's; so whoever
// comes to lead a bucket knows its loans. Each may come again, and changes nothing then.

import Tables
public import Wire

extension Loans {
    /// An entry of a lender is committed. False if there is no room for it: this copy lacks it.
    ///
    /// - Parameter tenant: the number by which the tenant's limits are counted.
    public mutating func committed(_ entry: LoanEntry, tenant: Int, at now: Tick) -> Bool {
        switch entry {
        case .loan(let id, let port):
            guard let slot = lentSlot(id) else {
                return keep(id, port, isQuiet: false, tenant, now)
            }
            if lent.lists.list(of: slot) == LentList.granting { stand(slot, now) }
        case .giveBack(let id, _):
            guard let slot = lentSlot(id), !isQuiet(slot) else { return true }
            rest(slot, now)
        }
        return true
    }

    /// An entry of this engine's will never be committed: what was to be lent is free, what was to
    /// be given back is still lent.
    public mutating func undone(_ entry: LoanEntry, at now: Tick) {
        switch entry {
        case .loan(let id, _):
            guard let slot = lentSlot(id), lent.lists.list(of: slot) == LentList.granting else {
                return
            }
            // Nobody was told of it.
            free(slot)
        case .giveBack(let id, _):
            guard let slot = lentSlot(id), lent.lists.list(of: slot) == LentList.returning else {
                return
            }
            lent[slot].closedAs = nil
            lent[slot].since = now
            lent.move(slot, to: isLed(lent[slot]) ? LentList.standing : LentList.copied)
        }
    }

    /// A loan as state transfer tells it. False if there is no room.
    public mutating func take(_ transfer: LoanTransfer, tenant: Int, at now: Tick) -> Bool {
        guard lentSlot(transfer.grant.id) == nil else { return true }
        return keep(
            transfer.grant.id, LoanPort(transfer.grant), isQuiet: transfer.isQuiet, tenant, now)
    }

    private mutating func keep(
        _ id: LoanID, _ port: LoanPort, isQuiet: Bool, _ tenant: Int, _ now: Tick
    ) -> Bool {
        // The port's last loan may rest here still: it is over at the leader.
        if let earlier = lentSlot(port) { removeLent(earlier) }
        let loan = LentLoan(
            id: id, port: port, from: .nobody, since: now, tenant: tenant,
            closedAs: isQuiet ? .used : nil)
        guard !isQuiet else { return insert(loan, quietList(chain(id.group, port.toward.bucket))) }
        return insert(loan, isLed(loan) ? LentList.standing : LentList.copied)
    }

    /// What state transfer tells of a lent port. Nil if there is no loan, or its entry is in the stream.
    public func transfer(of port: LoanPort) -> LoanTransfer? {
        guard let slot = lentSlot(port) else { return nil }
        let list = lent.lists.list(of: slot)
        guard list != LentList.granting else { return nil }
        return LoanTransfer(
            grant: LoanGrant(lent[slot].id, lent[slot].port), isQuiet: isQuiet(slot))
    }

    // MARK: Flows on loan

    /// The creation of a flow on a port of another bucket is committed: its bucket has the loan. False
    /// if there is no room for it.
    public mutating func take(_ id: LoanID, _ port: LoanPort, tenant: Int, at now: Tick) -> Bool {
        guard heldSlot(id) == nil else { return true }
        if let earlier = heldSlot(port) { _ = remove(held: earlier) }
        guard hold(HeldLoan(id: id, port: port, tenant: tenant)) else { return false }
        if isVoid(id, lender: port.toward.bucket) { voids.append(port) }
        return true
    }

    /// The id by which a flow's port is on loan; nil if it isn't.
    public func id(of port: LoanPort) -> LoanID? {
        guard held.count > 0 else { return nil }
        return heldSlot(port).map { held[$0].id }
    }

    /// The end of a bucket's flow on loan is committed and its record gone: the bucket's leader gives the
    /// loan back. False if the bucket had no loan of the port.
    @discardableResult
    public mutating func release(
        _ port: LoanPort, by borrower: BucketIndex, at now: Tick
    ) -> Bool {
        guard let slot = heldSlot(port), held[slot].id.bucket == borrower else { return false }
        let loan = remove(held: slot)
        if reign(loan.id.group, loan.id.bucket) != nil {
            close(loan.id, .used, toLender: port.toward.bucket, now)
        }
        return true
    }

    /// The flow was never committed: another leader of the bucket has the last word on its loan.
    public mutating func forget(_ port: LoanPort, by borrower: BucketIndex) {
        guard let slot = heldSlot(port), held[slot].id.bucket == borrower else { return }
        _ = remove(held: slot)
    }
}
