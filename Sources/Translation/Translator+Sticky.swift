// Stickiness by source address: a record of its own says which target a client's next flow gets. It
// lies in the flow table beside the flows, under keys that no packet has, so that it is kept, found
// and handed on as they are.

import Configuration
import Tables
import Wire

extension Translator {
    /// The target that the client has kept, if it still takes flows.
    func stuckTarget<Layout: TranslationLayout>(
        _ arrival: Arrival, _ slot: ListenerSlot, _ flows: borrowing FlowTable<Layout>
    ) -> Int? {
        let key = Layout.Key(
            arrival.summary.tuple.stickyKey(slot.entry.index), scope: arrival.scope,
            direction: .outbound)
        guard let match = flows.find(key) else { return nil }
        let kept = flows[hot: match.handle].translated
        return slot.targets.first {
            resources.targets[$0].isOpen && resources.targets[$0].address == kept.destination
                && resources.targets[$0].port == kept.destinationPort
        }
    }

    /// Notes which target a new flow's client has, or that it still has it.
    mutating func stick<Layout: TranslationLayout>(
        _ proposal: Proposal, _ arrival: Arrival, _ flows: inout FlowTable<Layout>, _ now: Tick
    ) {
        guard case .target(let index, _) = proposal.place,
            let listener = resources.listener(of: arrival.resource, for: arrival.summary.tuple),
            resources.listeners[listener].isSticky
        else { return }
        let number = resources.listeners[listener].entry.index
        let outbound = arrival.summary.tuple.stickyKey(number)
        let key = Layout.Key(outbound, scope: arrival.scope, direction: .outbound)
        let target = resources.targets[index]
        let translated = outbound.translatedDestination(target.address, target.port)
        if let match = flows.find(key) {
            guard flows[hot: match.handle].translated != translated else {
                flows[hot: match.handle].lastSeenCentiseconds = now.centiseconds
                return
            }
            // Its entry is on its way; the client's next flow finds it settled.
            guard flows[hot: match.handle].commitment == .settled else { return }
            forget(flows[hot: match.handle])
            flows.remove(match.handle)
        }
        var record = Layout.Hot(
            scope: arrival.scope, outbound: outbound, translated: translated,
            bucket: arrival.bucket, state: .sticky)
        record.lastSeenCentiseconds = now.centiseconds
        record.commitment = .creating
        record.replication.toldState = .sticky
        madeSticky = remember(record, chain: chain(arrival), &flows, now)
    }

    /// Adds a record that is no flow, but takes as much memory, and so counts as one towards the
    /// quotas. Nil if there is no room: the flow itself goes on without it.
    // RFC 6888 §3 REQ-5.
    mutating func remember<Layout: TranslationLayout>(
        _ record: Layout.Hot, chain: Int, _ flows: inout FlowTable<Layout>, _ now: Tick
    ) -> FlowHandle? {
        let slot = record.scope.resourceSlot
        let tenant = resources.resources[slot].tenantSlot
        guard quotas.hasRoom(slot, tenant),
            let handle = try? flows.insert(
                record, FlowDetails(startCentiseconds: now.centiseconds), chain: chain)
        else { return nil }
        quotas.remembered(slot, tenant)
        return handle
    }
}

extension FlowTuple {
    /// What a client is remembered by at a listener. Protocol 253 is for experiments (RFC 3692) and
    /// is classified as nothing that a resource serves.
    fileprivate func stickyKey(_ listener: UInt16) -> FlowTuple {
        FlowTuple(
            ipProtocol: IPProtocol(rawValue: 253), source: source, sourcePort: Port(listener),
            destination: destination, destinationPort: Port(UInt16(ipProtocol.rawValue)))
    }
}
