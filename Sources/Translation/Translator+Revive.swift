// Flows that come back: a client that goes on within the quiet time, and one whose packets begin to
// come from another interface or edge.

import Configuration
import Tables
import Wire

extension Translator {
    /// Gives a quiet flow its life back, with its old translation: the same client goes on toward
    /// the same destination, so late packets of its first life can do no harm. It is a decision
    /// like a creation, and counts towards the quotas. The cause if this packet may not do so.
    mutating func revive<Layout: TranslationLayout>(
        _ match: FlowMatch, _ arrival: Arrival, _ flows: inout FlowTable<Layout>, _ now: Tick
    ) -> DropCause? {
        guard mayRevive(flows[hot: match.handle], match.direction, arrival) else {
            return .quietFlow
        }
        if let cause = quotaRefusal(arrival, now) { return cause }
        flows[hot: match.handle].state = FlowState(first: arrival.summary.tuple.ipProtocol)
        flows[hot: match.handle].commitment = .reviving
        flows[hot: match.handle].replication.toldState = flows[hot: match.handle].state
        flows[cold: match.handle].startCentiseconds = now.centiseconds
        flows[cold: match.handle].tracker = Self.tracker(of: arrival.summary)
        began(flows[hot: match.handle])
        return nil
    }

    func mayRevive<Record: FlowRecord>(
        _ record: Record, _ direction: FlowDirection, _ arrival: Arrival
    ) -> Bool {
        direction == .outbound && Self.mayBegin(arrival.summary) && isOnOffer(record)
    }

    /// Whether a new flow could get what this one has: an EIP or target that takes new flows.
    private func isOnOffer<Record: FlowRecord>(_ record: Record) -> Bool {
        let resource = resources.resources[record.scope.resourceSlot]
        let translated = record.translated
        switch resource.kind {
        case .natGateway:
            return resource.openEIPs.contains {
                .v4(resources.eips[$0].entry.address) == translated.source
            }
        case .loadBalancer:
            let outbound = record.outbound
            return resource.parts.contains { listener in
                resources.listeners[listener].entry.matches(outbound)
                    && resources.listeners[listener].targets.contains {
                        resources.targets[$0].isOpen
                            && resources.targets[$0].address == translated.destination
                            && resources.targets[$0].port == translated.destinationPort
                    }
            }
        }
    }

    /// Whether an outbound packet came from another interface, or by another edge, than the flow's
    /// answers go to. An interface that moved to another host is still the same.
    mutating func isElsewhere<Record: FlowRecord>(_ record: Record, _ arrival: Arrival) -> Bool {
        let client = attachments[record.clientAttachment]
        return arrival.vni == .outside
            ? client.machine != arrival.machine : client.eni != arrival.eni
    }

    /// Lets the flow's answers go where this packet came from; the old interface's other flows
    /// stay. False if the table of attachments is full.
    mutating func reattach<Layout: TranslationLayout>(
        _ handle: FlowHandle, _ arrival: Arrival, _ flows: inout FlowTable<Layout>
    ) -> Bool {
        guard let client = clientAttachment(arrival) else { return false }
        attachments.retain(client)
        attachments.release(flows[hot: handle].clientAttachment)
        flows[hot: handle].clientAttachment = client
        return true
    }
}
