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
        scarcity.checkInvariants()
        checkHeld()
        checkLent()
        checkSearches()
        precondition(committedEntry <= lastEntry)
    }

    private func checkHeld() {
        var distances = [UInt64](repeating: 0, count: LoanDistance.allCases.count)
        var perTenant = [Int32](repeating: 0, count: tenants.held.count)
        for slot in held.records.indices {
            guard let loan = held.records[slot] else { continue }
            precondition(heldSlot(loan.id) == slot && heldSlot(loan.port) == slot)
            precondition(loan.id.ballot == ballot && loan.id.term == term, "drawn by another")
            if let distance = LoanDistance(loan.from) { distances[Int(distance.rawValue)] += 1 }
            perTenant[tenants.place(loan.tenant)] += 1
        }
        precondition(distances == counters.holding, "loans held are miscounted")
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
            precondition(loan.closedAs == nil || list != LentList.standing, "closed, and stands")
            precondition(
                loan.closedAs != nil || list == LentList.granting || list == LentList.standing,
                "a loan ended by itself")
        }
        precondition(perTenant == tenants.lent, "a tenant's loans are miscounted")
        precondition(lentByID.count == lent.count)
        let waiting = lent.lists.count(LentList.granting) + lent.lists.count(LentList.returning)
        precondition(UInt64(waiting) == lastEntry - committedEntry, "entries are miscounted")
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
