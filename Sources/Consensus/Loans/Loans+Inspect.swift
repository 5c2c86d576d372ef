// What the engine asks about ports: while it allocates, when an inbound packet comes, when an EIP is
// to go.

public import Tables
import Wire

extension Loans {
    /// Loans taken, and given, at this moment, of buckets led and followed; those in their quiet time
    /// counted.
    public var heldCount: Int { held.count }
    public var lentCount: Int { lent.count }
    public var waitingCount: Int { waiters.count }

    /// Loans that buckets led here have now, by where the lender is. Linear.
    public func holding(_ distance: LoanDistance) -> Int {
        held.records.count { loan in
            guard let loan, reign(loan.id.group, loan.id.bucket) != nil else { return false }
            let route = routes.route(of: loan.id.group, loan.port.toward.bucket)
            return LoanDistance(route) == distance
        }
    }

    /// Ports of buckets led here that are lent now, or rest after it. Linear.
    public var lendingCount: Int {
        lent.records.count { $0.map { isLed($0) } ?? false }
    }

    /// Whether a port of this engine's sets is lent, or was and is still quiet: the allocator may not
    /// give it. One comparison while nothing is lent, else one look-up.
    public func isTaken(_ port: LoanPort) -> Bool {
        guard lent.count > 0 else { return false }
        return lentSlot(port) != nil
    }

    /// Where an inbound packet of a port of this engine's sets goes, for which it has no flow.
    public func lentState(of port: LoanPort) -> LentState {
        guard lent.count > 0, let slot = lentSlot(port) else { return .notLent }
        let list = lent.lists.list(of: slot)
        guard list == LentList.standing || list == LentList.copied else { return .quiet }
        let id = lent[slot].id
        return .lent(
            LoanBorrower(bucket: id.bucket, route: routes.route(of: id.group, id.bucket)))
    }

    func lentSlot(_ port: LoanPort) -> Int? {
        guard let slot = lent.slot(of: hash.of(port.toward, port: port.port)),
            lent[slot].port == port
        else { return nil }
        return slot
    }

    /// Whether there is a loan, taken or given, of a port for which a condition holds. Linear in the
    /// loans: for the close of an EIP (DESIGN part 5, rule 20).
    public func hasLoans(where holds: (LoanPort) -> Bool) -> Bool {
        for list in 1..<HeldList.count
        where held.lists.contains(list, where: { holds(held[$0].port) }) { return true }
        for list in 1..<LentList.count
        where lent.lists.contains(list, where: { holds(lent[$0].port) }) { return true }
        return false
    }

    /// A port of a bucket of this engine became free: what was known of its scarcity is forgotten, so
    /// that the engine's other buckets see it at once.
    public mutating func portFreed(toward destination: PortDestination) {
        scarcity.forget(destination)
    }
}
