// Ports on loan in the engine's turn: packets that wait for one, buckets that are asked for one, and
// inbound packets that go on to the borrower. DESIGN part 5, rule 17; docs/decisions/015.

import Configuration
import Consensus
import Steering
import Tables
import Translation
import Wire

extension Engine {
    /// Keeps a packet that wants a port of another bucket, or turns to the next EIP.
    mutating func seekLoan(
        _ work: Work, toward destination: PortDestination, refusedEIPs: Int, _ now: Tick
    ) {
        if let follows = loanSeekers.follow(work) {
            if !follows { refuse(work, .loanQueueFull, now) }
            return
        }
        let seeker = LoanSeeker(work: work, refusedEIPs: refusedEIPs)
        guard let token = loanSeekers.reserve(seeker) else {
            return refuse(work, .loanQueueFull, now)
        }
        let resource = translator.resources.resources[work.arrival.resource]
        let answer = exchange.loans.request(
            toward: destination, group: translator.resources.groupIDs[resource.group],
            tenant: resource.tenantSlot, token: token, at: now)
        guard case .refused(let reason) = answer else { return }
        turnAway(loanSeekers.give(token), reason, now)
    }

    /// There is no loan at this EIP: the next one is tried, if there is no port at all toward the
    /// destination; else the packet is dropped by what was in the way.
    private mutating func turnAway(_ seeker: LoanSeeker, _ reason: LoanRefusal, _ now: Tick) {
        let cause: DropCause
        switch reason {
        case .portsExhausted, .noLender:
            // Each EIP that is asked for costs a look at all of them. Of those beyond, the bucket's
            // own ports are looked at.
            var hint = LoanHint(mayAsk: seeker.refusedEIPs < Self.mostEIPsTried)
            hint.refusedEIPs = seeker.refusedEIPs + 1
            decide(seeker.work, now, hint)
            return decideFollowers(of: seeker, now, mayAsk: hint.mayAsk)
        case .loanTimeout: cause = .loanTimeout
        case .loanQueueFull: cause = .loanQueueFull
        case .loanTableFull: cause = .loanTableFull
        case .tenantLoans: cause = .loanQuota
        }
        var refused: LoanSeeker? = seeker
        while let one = refused {
            refused = loanSeekers.takeNext(of: one)
            refuse(one.work, cause, now)
        }
    }

    /// The packets that waited behind a flow's first go its way: through the flow that there is now,
    /// or behind the first that waits again.
    private mutating func decideFollowers(
        of seeker: LoanSeeker, _ now: Tick, mayAsk: Bool = true
    ) {
        var last = seeker
        while let next = loanSeekers.takeNext(of: last) {
            decide(next.work, now, LoanHint(mayAsk: mayAsk))
            last = next
        }
    }

    /// EIPs whose loans one packet may seek.
    private static var mostEIPsTried: Int { 16 }

    private mutating func refuse(_ work: Work, _ cause: DropCause, _ now: Tick) {
        refuse(work, DropReason(cause), .hostUnreachable, now)
    }

    /// Whatever the loans have to say, until they have nothing more.
    mutating func settleLoans(_ now: Tick) {
        var isBusy = true
        while isBusy {
            isBusy = false
            while let ask = exchange.loans.pollAsk() {
                isBusy = true
                lend(ask, now)
            }
            while let entry = exchange.loans.pollEntry() {
                isBusy = true
                exchange.propose(entry, at: now)
            }
            // With one copy they are committed already.
            if isBusy { applyEntries(now) }
            while let outcome = exchange.loans.pollOutcome() {
                isBusy = true
                takeUp(outcome, now)
            }
            while let freed = exchange.loans.pollFreed() {
                isBusy = true
                free(freed)
            }
            while let denied = exchange.loans.pollDenial() {
                isBusy = true
                guard let copy = exchange.copy(ofBorrower: denied.id) else { continue }
                deny(.loan(denied), copy, now)
            }
        }
    }

    /// A port may be given again, unless it was lent anew meanwhile.
    private mutating func free(_ freed: LoanPort) {
        guard !exchange.loans.isTaken(freed) else { return }
        translator.unlend(freed.port, toward: freed.toward, &flowsV4)
        exchange.loans.portFreed(toward: freed.toward)
    }

    /// A bucket of this engine is asked for a port.
    private mutating func lend(_ ask: LoanAsk, _ now: Tick) {
        // Whoever asked asks another, or again.
        guard exchange.mayLend(ask) else { return }
        let port = portToLend(ask, now)
        let tenant = translator.resources.slot(of: ask.toward.scope)
            .map { translator.resources.resources[$0].tenantSlot }
        let isLent = exchange.loans.answer(ask, with: port, tenant: tenant ?? 0, at: now)
        if !isLent, let port { translator.unlend(port, toward: ask.toward, &flowsV4) }
    }

    /// A free port, which stands in the flow table already; nil if there is none, or no room for it.
    private mutating func portToLend(_ ask: LoanAsk, _ now: Tick) -> Port? {
        // A peer may ask for what this gateway doesn't translate.
        let table = translator.resources
        guard ask.toward.external.mapped != nil, ask.toward.remote.mapped != nil,
            let slot = table.slot(of: ask.toward.scope),
            // Who leads was looked up by the group that the request names.
            table.groupIDs[table.resources[slot].group] == ask.id.group
        else { return nil }
        let port = translator.portToLend(toward: ask.toward, flowsV4) {
            exchange.loans.isTaken(LoanPort($0, toward: ask.toward))
        }
        guard let port,
            translator.lend(
                port, toward: ask.toward, &flowsV4, at: now)
        else { return nil }
        return port
    }

    /// A packet that waited goes on, if its bucket is still this engine's to decide for.
    // DESIGN part 5, rules 11 and 13.
    private mutating func takeUp(_ outcome: LoanOutcome, _ now: Tick) {
        let seeker = loanSeekers.give(outcome.token)
        guard mayTakeUp(seeker.work.arrival) else {
            if case .granted(let port) = outcome.result { exchange.loans.decline(port, at: now) }
            return setAside(seeker, now)
        }
        switch outcome.result {
        case .refused(let reason):
            turnAway(seeker, reason, now)
        case .granted(let port)
        where translator.resources.portSets.bucket(of: port.port) != port.toward.bucket:
            // Not the lender's to give.
            exchange.loans.decline(port, at: now)
            turnAway(seeker, .loanTimeout, now)
        case .granted(let port):
            var hint = LoanHint()
            hint.granted = (IPAddress(unmapping: port.toward.external), port.port)
            let before = counters.decisions
            decide(seeker.work, now, hint)
            // It may not begin any more.
            if counters.decisions == before { exchange.loans.decline(port, at: now) }
            decideFollowers(of: seeker, now)
        }
    }

    private mutating func mayTakeUp(_ arrival: Arrival) -> Bool {
        exchange.replica.mayDecide(copy(of: arrival))
            && hasLease(translator.resources.resources[arrival.resource].group)
    }

    /// Packets that nothing may be decided about now: they wait until it may, while this engine leads.
    private mutating func setAside(_ seeker: LoanSeeker, _ now: Tick) {
        let leads = exchange.replica.leads(copy(of: seeker.work.arrival))
        var one: LoanSeeker? = seeker
        while let current = one {
            one = loanSeekers.takeNext(of: current)
            let work = current.work
            if leads {
                wait(work, now)
            } else {
                drop(work.packet, DropReason(.leaderChanged), of: work.arrival.resource)
            }
        }
    }

    /// An inbound packet of a lent port goes on to its borrower: the third leg, and the last.
    mutating func passOverLoan(
        _ work: Work, _ destination: PortDestination, _ port: Port, _ now: Tick
    ) {
        guard !work.arrival.isOverLoan else {
            return drop(work.packet, DropReason(.looping), of: work.arrival.resource)
        }
        let state = exchange.loans.lentState(of: LoanPort(port, toward: destination))
        guard case .lent(let borrower) = state, case .peer(let peer, _) = borrower.route,
            let address = address(of: exchange.node(of: peer))
        else {
            let cause: DropCause = state == .quiet ? .quietFlow : .borrowerUnknown
            return drop(work.packet, DropReason(cause), of: work.arrival.resource)
        }
        var overlay = OverlayHeader(
            vni: work.arrival.vni, innerIsIPv4: true, bucket: borrower.bucket,
            marks: [.inbound], eni: work.arrival.eni,
            resource: translator.resources.resources[work.arrival.resource].id)
        overlay.marks.leg = .overLoan
        overlay.origin = work.arrival.machine
        if work.arrival.summary.kind == .fragment {
            let tuple = work.arrival.summary.tuple
            overlay.fragment = OverlayFragment(
                sourcePort: tuple.sourcePort, destinationPort: tuple.destinationPort,
                newIdentification: work.arrival.newIdentification)
        }
        send(work, overlay, to: address)
    }

    private mutating func send(_ work: Work, _ overlay: OverlayHeader, to address: IPAddress) {
        let packet = work.packet
        let totalBytes = work.arrival.summary.totalBytes
        let start = Int(packet.start) + work.innerOffset - overlay.passedOnBytes
        var header = frames.mutableBytes(
            packet.frame, start: start, count: overlay.passedOnBytes)
        overlay.writePassedOn(to: &header)
        translator.counters.countDeparture(
            work.arrival.resource, work.arrival.direction, bytes: totalBytes)
        counters.packetsPassedOn += 1
        counters.packetsOverLoan += 1
        outgoing.append(
            Packet(
                frame: packet.frame, start: UInt16(start),
                length: UInt16(overlay.passedOnBytes + totalBytes), remote: address,
                sourcePortIndex: sourcePortIndex(overlay.bucket)))
    }
}
