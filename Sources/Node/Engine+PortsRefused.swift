// Which dropped packets are noted as refused flows.

import Configuration
public import Translation
import Wire

extension Engine {
    /// Notes a packet that was to begin a flow, if it is dropped for a reason that its sender can do
    /// nothing about.
    mutating func noteRefusal(_ arrival: Arrival, _ reason: DropReason, _ now: Tick) {
        guard arrival.direction == .outbound, reason.refusesFlow else { return }
        let resource = translator.resources.resources[arrival.resource]
        let tuple = arrival.summary.tuple
        refusals.note(
            FlowRefusal(
                resource: resource.id, kind: resource.kind, client: tuple.source,
                destination: tuple.destination, destinationPort: tuple.destinationPort,
                ipProtocol: tuple.ipProtocol, reason: reason, last: now))
    }
}

extension DropReason {
    /// Whether it says that there was no room, or no place, for a new flow.
    public var refusesFlow: Bool {
        switch DropCause(rawValue: rawValue &- 64) {
        case .portsExhausted, .portsQuiet, .loanTimeout, .loanQueueFull, .loanTableFull, .loanQuota,
            .noElasticIP, .flowTableFull, .attachmentTableFull, .groupCapacityExceeded,
            .tenantFlowQuota, .tenantFlowRateQuota, .resourceFlowQuota, .resourceFlowRateQuota,
            .addressFlowQuota, .noTarget, .noEdge, .noRouter:
            rawValue >= 64
        default: false
        }
    }
}
