// The end of flows: by idleness, then quiet, then gone. A sweep visits a bounded number of records
// a turn, so that its cost doesn't depend on how many flows end. Only the leader of a bucket ends
// flows, and it proposes first (DESIGN part 5, rules 7 and 15); what is quiet goes by itself.

import Configuration
import Steering
import Tables
public import Wire

/// What the time makes of a record.
private enum Fate {
    case stays
    /// Its quiet time is over.
    case goes
    case ends(EndReason)
}

extension Translator {
    /// Visits up to `limit` slots of the table, removes what has been quiet for long enough, and
    /// proposes the end of what has been idle for too long.
    ///
    /// `onEnd` is told of each record whose end is due. It is marked, lives on, and is not told again
    /// until `finishEnd` or `undo`.
    mutating func sweep<Layout: TranslationLayout>(
        table flows: inout FlowTable<Layout>, limit: Int, now: Tick,
        onEnd: (EndProposal) -> Void
    ) {
        flows.sweep(limit: limit) { handle, hot, _ in
            if isOutliver(hot) { outlivers += 1 }
            guard hot.commitment == .settled else { return .keep }
            switch fate(of: hot, now) {
            case .stays: return .keep
            case .goes:
                forget(hot)
                return .remove
            case .ends(let reason):
                if let proposal = propose(reason, of: handle, &hot) { onEnd(proposal) }
                return .keep
            }
        }
    }

    private func fate<Record: FlowRecord>(of record: Record, _ now: Tick) -> Fate {
        // DESIGN part 5, rule 17: a loan never ends by time.
        guard record.state != .lent else { return .stays }
        let idle = now.centiseconds &- record.lastSeenCentiseconds
        // A clock reading older than the record's is idle by nothing.
        guard idle < 1 << 31 else { return .stays }
        let limit = resources.idleCentiseconds(of: record)
        let reign = reign(of: record)
        guard record.state != .quiet else {
            return idle >= limit && reign.isOver(limit, now) ? .goes : .stays
        }
        // DESIGN part 5, rule 15: only leaders expire.
        guard reign.isLed else { return .stays }
        if reign.idle(idle, now) >= limit { return .ends(.idle) }
        if record.state == .sticky {
            return resources.resources[record.scope.resourceSlot].isLive
                ? .stays : .ends(.addressLost)
        }
        if hasLostItsAddress(record) { return .ends(.addressLost) }
        return isTargetTerminated(record) ? .ends(.targetTerminated) : .stays
    }

    /// Whether the drain time of a flow's target is over.
    private func isTargetTerminated<Record: FlowRecord>(_ record: Record) -> Bool {
        let resource = resources.resources[record.scope.resourceSlot]
        guard resource.hasTerminatedTargets,
            let listener = resources.listener(
                of: record.scope.resourceSlot, for: record.outbound)
        else { return false }
        let translated = record.translated
        // Another listener's group may have a target at the same address and port.
        return resources.listeners[listener].terminated.contains { index in
            resources.terminated[index].address == translated.destination
                && resources.terminated[index].port == translated.destinationPort
        }
    }

    /// Whether a record lives on what its resource has no more.
    func isOutliver<Record: FlowRecord>(_ record: Record) -> Bool {
        record.state != .quiet && record.state != .lent && hasLostItsAddress(record)
    }

    /// Whether an entry that isn't known to be committed would begin something on what its resource has
    /// no more.
    public func wouldOutlive(_ entry: FlowEntry) -> Bool {
        switch entry {
        case .create(let creation):
            return hasLost(creation.translated.source, creation.name.resource)
        case .loan(let loan):
            return !resources.owns(loan.destination.external, loan.destination.resource)
        default: return false
        }
    }

    private func hasLost(_ address: IPAddress, _ id: ResourceID) -> Bool {
        // Of one that no configuration named yet nothing was given up here.
        guard let slot = resources.slot(of: id) else { return false }
        guard resources.resources[slot].isLive else { return true }
        return resources.resources[slot].kind == .natGateway
            && !resources.owns(address.mapped, id)
    }

    /// Whether a flow's resource is gone, or a NAT gateway's flow goes on by an address that its
    /// gateway has no more. The next owner may be another tenant, so the flow ends, however busy
    /// it is.
    // DESIGN part 5, rule 20: an EIP is free only when no bucket has a flow on it.
    func hasLostItsAddress<Record: FlowRecord>(_ record: Record) -> Bool {
        let resource = resources.resources[record.scope.resourceSlot]
        guard resource.isLive else { return true }
        guard resource.kind == .natGateway else { return false }
        let address = record.translated.source
        return !resource.parts.contains {
            resources.eips[$0].entry.state != .releasing
                && .v4(resources.eips[$0].entry.address) == address
        }
    }

    /// Gives back what a record held.
    mutating func forget<Record: FlowRecord>(_ record: Record, _ fate: LoanFate = .ended) {
        guard record.state != .sticky else {
            let slot = record.scope.resourceSlot
            return quotas.flowEnded(slot, resources.resources[slot].tenantSlot)
        }
        guard record.translated.ipProtocol.unlent == nil else {
            lentCount -= 1
            return notePort(record, taken: false)
        }
        noteGone(record, fate)
        release(record)
        notePort(record, taken: false)
    }

    /// Keeps the dense port sets exact.
    mutating func notePort<Record: FlowRecord>(_ record: Record, taken: Bool) {
        let translated = record.translated.unlent ?? record.translated
        // A translation that kept the client's own port drew none from a port set.
        guard resources.portSets.bucket(of: translated.sourcePort) == record.bucket else { return }
        let pool = PortDestination(
            scope: resources.resources[record.scope.resourceSlot].id,
            ipProtocol: translated.ipProtocol, external: translated.source,
            remote: translated.destination, remotePort: translated.destinationPort,
            bucket: record.bucket)
        if taken {
            ports.portTaken(translated.sourcePort, toward: pool)
        } else {
            ports.portFreed(translated.sourcePort, toward: pool)
        }
    }
}
