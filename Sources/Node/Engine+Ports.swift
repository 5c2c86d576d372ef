// The ports in use, copied out a piece at a time and as plain values; they are counted elsewhere.

import Tables
public import Translation
public import Wire

/// Whose ports are asked for; nil fields match all.
public struct PortFilter: Sendable {
    public var gateway: ResourceID?
    public var tenant: UInt64?

    public init() {}
}

extension Engine {
    /// Adds what matches among the next flows to `found`: `records` of them at most, and none
    /// beyond `slots` slots. Where to go on, or nil when all were visited.
    public func portsInUse(
        matching filter: PortFilter, from first: Int, slots: Int, records: Int,
        into found: inout [PortUse]
    ) -> Int? {
        let end = min(first + slots, flowsV4.capacityFlows)
        var slot = first
        var visited = 0
        while let handle = flowsV4.nextLive(from: slot, before: end) {
            slot = Int(handle.rawValue)
            guard visited < records else { return slot }
            visited += 1
            slot += 1
            guard leads(flowsV4[hot: handle]),
                let use = translator.portUse(flowsV4[hot: handle]),
                filter.gateway == nil || filter.gateway == use.gateway, belongs(use, filter.tenant)
            else { continue }
            found.append(use)
        }
        return end < flowsV4.capacityFlows ? end : nil
    }

    private func belongs(_ use: PortUse, _ tenant: UInt64?) -> Bool {
        guard let tenant else { return true }
        let slot = translator.resources.slot(of: use.gateway)
        return slot.map { translator.resources.resources[$0].tenant == tenant } ?? false
    }

    /// Adds what this engine leads of the NAT gateways among the next `limit` resources; the next
    /// slot, or nil when there is no further one.
    public func gatewayPorts(
        matching filter: PortFilter, from slot: Int, limit: Int,
        into found: inout [GatewayPorts]
    ) -> Int? {
        let end = min(slot + limit, translator.resources.resources.count)
        for index in slot..<max(slot, end) {
            guard let ports = translator.gatewayPorts(index),
                filter.gateway == nil || filter.gateway == ports.gateway,
                filter.tenant == nil || filter.tenant == ports.tenant
            else { continue }
            found.append(ports)
        }
        return end < translator.resources.resources.count ? end : nil
    }
}
