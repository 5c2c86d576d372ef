// How many flows an engine lets in while its memory is being backed with pages.

import Tables

extension Engine {
    /// Lets in the share of the capacity whose memory has pages; what comes beyond it is dropped
    /// by the name of a full table. An engine that nobody tells lets in all that it can hold.
    public mutating func admit(fraction: Double) {
        let share = min(max(fraction, 0), 1)
        flowsV4.admit(Int(Double(flowsV4.capacityFlows) * share))
        flowsV6.admit(Int(Double(flowsV6.capacityFlows) * share))
    }

    /// Flows that are let in, of IPv4: the capacity that was stated. IPv6 has its share beside it.
    public var admittedFlows: Int { flowsV4.admittedFlows }
}
