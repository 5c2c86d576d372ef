// What must hold between calls.

import Tables
import Wire

extension Loans {
    /// Traps unless tables, lists and counts agree. Linear: for tests and simulation.
    public func checkInvariants() {
        held.lists.checkInvariants()
        lent.lists.checkInvariants()
        requests.lists.checkInvariants()
        searches.lists.checkInvariants()
        waiters.lists.checkInvariants()
        waitersOf.checkInvariants()
        heldOf.checkInvariants()
        lentOf.checkInvariants()
        scarcity.checkInvariants()
        checkHeld()
        checkLent()
        checkSearches()
    }

    private func checkHeld() {
        var perTenant = [Int32](repeating: 0, count: tenants.held.count)
        for slot in held.records.indices {
            guard let loan = held.records[slot] else { continue }
            precondition(heldSlot(loan.id) == slot && heldSlot(loan.port) == slot)
            precondition(heldOf.list(of: slot) == chain(loan.id.group, loan.id.bucket))
            perTenant[tenants.place(loan.tenant)] += 1
        }
        precondition(perTenant == tenants.held, "a tenant's loans are miscounted")
        precondition(heldByID.count == held.count)
    }

    private func checkLent() {
        var perTenant = [Int32](repeating: 0, count: tenants.lent.count)
        for slot in lent.records.indices {
            guard let loan = lent.records[slot] else { continue }
            precondition(lentSlot(loan.id) == slot && isTaken(loan.port))
            perTenant[tenants.place(loan.tenant)] += 1
            let list = lent.lists.list(of: slot)
            precondition(
                lentOf.list(of: slot) == chain(loan.id.group, loan.port.toward.bucket))
            precondition(loan.closedAs == nil || list != LentList.standing, "closed, and stands")
            // Of a leader whose reign isn't open: it gives it back when it is.
            precondition(
                loan.closedAs == nil || list != LentList.copied || isBeginning(loan),
                "closed, and nobody gives it back")
            precondition(!isQuiet(slot) || loan.closedAs != nil, "ended by itself")
            precondition(list != LentList.standing || isLed(loan), "told by nobody's leader")
        }
        precondition(perTenant == tenants.lent, "a tenant's loans are miscounted")
        precondition(lentByID.count == lent.count)
    }

    private func isBeginning(_ loan: LentLoan) -> Bool {
        reign(loan.id.group, loan.port.toward.bucket).map { !$0.isOpen } ?? false
    }

    private func checkSearches() {
        var asked = 0
        for slot in searches.records.indices {
            guard let search = searches.records[slot] else { continue }
            asked += search.askedCount
            precondition(search.askedCount > 0 || waitersOf.count(slot) == 0, "they wait in vain")
            precondition(search.askedCount > 0, "a search is over")
        }
        precondition(asked == requests.count, "requests are miscounted")
        var perTenant = [Int32](repeating: 0, count: tenants.waiting.count)
        for waiter in waiters.records {
            guard let waiter else { continue }
            precondition(searches.records[waiter.search] != nil, "a packet waits for no search")
            perTenant[tenants.place(waiter.tenant)] += 1
        }
        precondition(perTenant == tenants.waiting, "waiting packets are miscounted")
    }
}
