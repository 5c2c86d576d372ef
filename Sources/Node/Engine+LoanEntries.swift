// Loans in the buckets' sequences: what is committed of them, what never will be, and what state transfer
// tells of them. DESIGN part 5, rules 7, 10 and 17.

import Configuration
import Consensus
import Tables
import Translation
import Wire

extension Engine {
    /// An entry is committed, whoever decided it, and the tables have it: the loans learn of it. False if
    /// there is no room for its loan.
    mutating func noteLoan(_ entry: FlowEntry, _ now: Tick) -> Bool {
        var isKept = true
        if case .lent(let transfer) = entry {
            let tenant = tenant(of: transfer.grant.destination.resource)
            isKept = exchange.loans.take(transfer, tenant: tenant, at: now)
        } else if let loan = LoanEntry(entry) {
            let tenant = tenant(of: loan.grant.port.toward.scope)
            isKept = exchange.loans.committed(loan, tenant: tenant, at: now)
        }
        if !isKept { counters.loansUnkept += 1 }
        return isKept
    }

    /// What became of flows on loan, in the order of the buckets' sequences.
    mutating func noteLoanChanges(_ now: Tick) {
        takeLoanChanges(now)
        var hasEnded = false
        while let port = exchange.loans.pollVoid() {
            hasEnded = true
            endOnLoan(port, now)
        }
        if hasEnded { takeLoanChanges(now) }
    }

    // Rule 17: not by an entry, since the view says it to all copies.
    private mutating func endOnLoan(_ port: LoanPort, _ now: Tick) {
        guard
            let ending = translator.endOnLoan(port.port, toward: port.toward, &flowsV4, at: now)
        else { return }
        counters.flowsOnVoidLoans += 1
        let group = translator.resources.resources[ending.resourceSlot].group
        if leads(group: group, ending.bucket) { tell(ending, now) }
    }

    private mutating func takeLoanChanges(_ now: Tick) {
        for change in translator.takeLoanChanges() {
            switch change {
            case .taken(let id, let port, let tenant):
                guard !exchange.loans.take(id, LoanPort(port), tenant: tenant, at: now) else {
                    continue
                }
                counters.loansUnkept += 1
                if let copy = exchange.copy(ofBorrower: id) { exchange.replica.lose(copy) }
            case .ended(let port):
                exchange.loans.release(LoanPort(port), by: port.bucket, at: now)
            case .undone(let port): exchange.loans.forget(LoanPort(port), by: port.bucket)
            }
        }
    }

    /// An entry of this engine's will never be committed; true if it was a loan's.
    mutating func undoLoan(_ slot: TailSlot, _ now: Tick) -> Bool {
        let head = exchange.replica.head(slot)
        guard head.kind == EntryKind(.loan) || head.kind == EntryKind(.giveBack),
            let entry = try? FlowEntry.parse(
                kind: head.kind.rawValue, flags: head.flags, exchange.replica.body(slot), at: 0
            ).entry, let loan = LoanEntry(entry)
        else { return false }
        exchange.loans.undone(loan, at: now)
        return true
    }

    private func tenant(of resource: ResourceID) -> Int {
        translator.resources.slot(of: resource)
            .map { translator.resources.resources[$0].tenantSlot } ?? 0
    }

    // MARK: What is told of flows and ports on loan

    /// The entry of a flow, with the loan that its port is on.
    func withLoan(_ entry: FlowEntry, _ handle: FlowHandle) -> FlowEntry {
        guard exchange.loans.heldCount > 0,
            let port = translator.borrowedPort(flowsV4[hot: handle])
        else { return entry }
        let loan = exchange.loans.id(of: LoanPort(port))
        switch entry {
        case .create(var creation):
            creation.loan = loan
            return .create(creation)
        case .record(var transfer):
            transfer.creation.loan = loan
            return .record(transfer)
        default: return entry
        }
    }

    /// What state transfer tells of an IPv4 record.
    func transferEntry(_ handle: FlowHandle, _ now: Tick) -> FlowEntry? {
        if let port = translator.lentPort(flowsV4[hot: handle]) {
            return exchange.loans.transfer(of: LoanPort(port)).map { .lent($0) }
        }
        return translator.recordEntry(handle, in: flowsV4, at: now).map { withLoan($0, handle) }
    }
}

extension LoanPort {
    init(_ port: BorrowedPort) { self.init(port.port, toward: port.toward) }
}
