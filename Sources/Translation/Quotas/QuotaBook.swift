// The meters of all tenants and resources of one engine. What is over a quota is dropped under its
// name before it costs more than a look; nobody else's packets wait for it.

import Configuration
import Steering
import Wire

/// Meters by resource slot and by tenant slot. Allocates when a configuration is applied.
struct QuotaBook: Sendable {
    private var resources: [QuotaMeter] = []
    private var tenants: [QuotaMeter] = []
    /// Some quota is set.
    private var isLimiting = false

    init() {}

    /// Takes the quotas of a table into force. `held` gives, for a group's slot, of how many of its
    /// buckets the engine holds the flows; what is in use stays so.
    mutating func apply(_ table: ResourceTable, held: (Int) -> Int) {
        let buckets = table.portSets.bucketCount
        isLimiting = false
        var groups = Array(repeating: 0, count: table.tenants.count)
        for (slot, resource) in table.resources.enumerated() {
            let share = QuotaShare(resource.quota, held: held(resource.group), of: buckets)
            Self.set(share, at: slot, in: &resources, &isLimiting)
            if resource.isLive { groups[resource.tenantSlot] = resource.group }
        }
        for (slot, tenant) in table.tenants.enumerated() {
            let share = QuotaShare(tenant.quota, held: held(groups[slot]), of: buckets)
            Self.set(share, at: slot, in: &tenants, &isLimiting)
        }
    }

    private static func set(
        _ share: QuotaShare, at slot: Int, in meters: inout [QuotaMeter], _ isLimiting: inout Bool
    ) {
        if !share.isUnlimited { isLimiting = true }
        if slot < meters.count {
            meters[slot].share = share
        } else {
            meters.append(QuotaMeter(share))
        }
    }

    /// Charges a packet of `bytes` to a resource and its tenant, or says what it is too much for.
    mutating func admit(_ resource: Int, _ tenant: Int, bytes: Int, _ now: Tick) -> DropCause? {
        guard isLimiting else { return nil }
        drain(resource, tenant, now)
        if let excess = tenants[tenant].excess(bits: bytes * 8) {
            return excess == .packets ? .tenantPacketQuota : .tenantBitQuota
        }
        if let excess = resources[resource].excess(bits: bytes * 8) {
            return excess == .packets ? .resourcePacketQuota : .resourceBitQuota
        }
        tenants[tenant].charge(bits: bytes * 8)
        resources[resource].charge(bits: bytes * 8)
        return nil
    }

    /// Whether a resource and its tenant may have one more flow now.
    mutating func refusesFlow(_ resource: Int, _ tenant: Int, _ now: Tick) -> DropCause? {
        guard isLimiting else { return nil }
        drain(resource, tenant, now)
        if let excess = tenants[tenant].excessOfFlow() {
            return excess == .flows ? .tenantFlowQuota : .tenantFlowRateQuota
        }
        if let excess = resources[resource].excessOfFlow() {
            return excess == .flows ? .resourceFlowQuota : .resourceFlowRateQuota
        }
        return nil
    }

    /// Whether a resource and its tenant may have one more record, whatever its rate.
    func hasRoom(_ resource: Int, _ tenant: Int) -> Bool {
        tenants[tenant].hasRoom && resources[resource].hasRoom
    }

    /// A record lives, a flow or not.
    mutating func remembered(_ resource: Int, _ tenant: Int) {
        resources[resource].flows += 1
        tenants[tenant].flows += 1
    }

    /// Records that live, flows or not.
    func flows(ofTenant tenant: Int) -> Int { tenants[tenant].flows }

    private mutating func drain(_ resource: Int, _ tenant: Int, _ now: Tick) {
        resources[resource].drain(now)
        tenants[tenant].drain(now)
    }

    /// A flow begins: it counts towards the rate of new ones.
    mutating func chargeFlow(_ resource: Int, _ tenant: Int) {
        resources[resource].chargeFlow()
        tenants[tenant].chargeFlow()
    }

    mutating func flowEnded(_ resource: Int, _ tenant: Int) {
        resources[resource].flows -= 1
        tenants[tenant].flows -= 1
    }
}
