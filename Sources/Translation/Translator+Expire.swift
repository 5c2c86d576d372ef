// The end of flows: by idleness, then quiet, then gone. A sweep visits a bounded number of records
// a turn, so that its cost doesn't depend on how many flows end.

import Configuration
import Steering
import Tables
import Wire

extension Translator {
    /// Visits up to `limit` slots of the table and ends what has been idle for too long.
    ///
    /// `onEnd` is told of each flow that goes from live to quiet, with the state that it had.
    mutating func sweep<Layout: TranslationLayout>(
        table flows: inout FlowTable<Layout>, limit: Int, now: Tick,
        onEnd: (FlowEnding) -> Void
    ) {
        let clock = now.centiseconds
        flows.sweep(limit: limit) { _, hot, cold in
            guard !hot.awaitsCommitment, let reason = endReason(hot, clock) else { return .keep }
            guard hot.state != .quiet, hot.state != .sticky else {
                forget(hot)
                return .remove
            }
            onEnd(
                FlowEnding(
                    reason, of: hot, cold,
                    resource: resources.resources[hot.scope.resourceSlot].id,
                    client: attachments[hot.clientAttachment],
                    target: attachments[hot.targetAttachment]))
            hot.state = .quiet
            hot.lastSeenCentiseconds = clock
            ended(hot)
            return .keep
        }
    }

    /// Why a record's time is over; nil if it is not.
    private func endReason<Record: FlowRecord>(_ record: Record, _ clock: UInt32) -> EndReason? {
        // DESIGN part 5, rule 17: a loan never ends by time.
        guard record.state != .lent else { return nil }
        let idle = clock &- record.lastSeenCentiseconds
        // A clock reading older than the record's is idle by nothing.
        guard idle < 1 << 31 else { return nil }
        if idle >= resources.idleCentiseconds(of: record) { return .idle }
        if record.state == .sticky {
            return resources.resources[record.scope.resourceSlot].isLive ? nil : .addressLost
        }
        guard record.state != .quiet else { return nil }
        if hasLostItsAddress(record) { return .addressLost }
        return isTargetTerminated(record) ? .targetTerminated : nil
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

    /// Whether a flow's resource is gone, or a NAT gateway's flow goes on by an address that its
    /// gateway has no more. The next owner may be another tenant, so the flow ends, however busy
    /// it is.
    // DESIGN part 5, rule 20: an EIP is free only when no bucket has a flow on it.
    private func hasLostItsAddress<Record: FlowRecord>(_ record: Record) -> Bool {
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
    mutating func forget<Record: FlowRecord>(_ record: Record) {
        guard record.state != .sticky else {
            let slot = record.scope.resourceSlot
            return quotas.flowEnded(slot, resources.resources[slot].tenantSlot)
        }
        noteReleasedLoan(record)
        attachments.release(record.clientAttachment)
        attachments.release(record.targetAttachment)
        notePort(record, taken: false)
    }

    /// Keeps the dense port sets exact.
    mutating func notePort<Record: FlowRecord>(_ record: Record, taken: Bool) {
        let translated = record.translated
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
