// The steps of compiling a snapshot.

import Configuration
import Steering
import Wire

extension ResourceTable {
    mutating func compilePlaces() {
        let nodeIndices = Dictionary(
            snapshot.nodes.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first }
        )
        nodeAddresses = snapshot.nodes.map(\.address)
        edgeAddresses = snapshot.edges.map(\.address)
        for host in snapshot.hosts { senders.set(host.address.mapped, to: .host) }
        for (index, edge) in snapshot.edges.enumerated() {
            senders.set(edge.address.mapped, to: .edge(index))
        }
        for (index, node) in snapshot.nodes.enumerated() {
            senders.set(node.address.mapped, to: .node(index))
        }
        compileGroups(nodeIndices)
        compileTenants()
        for vpc in snapshot.vpcs {
            vpcs.set(
                vpc.vni, to: VPCSlot(tenant: vpc.tenant, inside: AddressRange(vpc.prefix)))
        }
    }

    private mutating func compileGroups(_ nodeIndices: [NodeID: Int]) {
        for group in snapshot.groups where groupSlots[group.id] == nil {
            groupSlots.set(group.id, to: groupCount)
            groupIDs.append(group.id)
            groupCount += 1
        }
        groupMembers = Array(repeating: [], count: groupCount)
        for group in snapshot.groups {
            guard let slot = groupSlots[group.id] else { continue }
            groupMembers[slot] = group.members.compactMap { nodeIndices[$0] }
        }
    }

    private mutating func compileTenants() {
        for tenant in snapshot.tenants {
            let entry = TenantSlot(id: tenant.id, quota: tenant.quota)
            if let slot = tenantSlots[tenant.id] {
                tenants[slot] = entry
            } else {
                tenantSlots.set(tenant.id, to: tenants.count)
                tenants.append(entry)
            }
        }
    }

    mutating func compileResources() {
        let groups = Dictionary(
            snapshot.tenants.map { ($0.id, groupSlots[$0.group] ?? 0) },
            uniquingKeysWith: { first, _ in first })
        let targetGroups = Dictionary(
            snapshot.targetGroups.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        for gateway in snapshot.natGateways {
            let slot = place(
                gateway.compiled(
                    group: groups[gateway.tenant] ?? 0, buckets: bucketCount,
                    inside: inside(gateway.vni)))
            compile(gateway, into: slot)
            resources[slot].tenantSlot = tenantSlots[gateway.tenant] ?? 0
            compile(gateway.timers, into: slot)
        }
        for balancer in snapshot.loadBalancers {
            let slot = place(
                balancer.compiled(
                    group: groups[balancer.tenant] ?? 0, buckets: bucketCount,
                    inside: inside(balancer.vni)))
            compile(balancer, targetGroups, into: slot)
            resources[slot].tenantSlot = tenantSlots[balancer.tenant] ?? 0
            compile(balancer.timers, into: slot)
        }
    }

    private mutating func compile(_ gateway: NATGatewayEntry, into slot: Int) {
        let first = eips.count
        let open = gateway.eips.filter { $0.state == .available }
        let closed = gateway.eips.filter { $0.state != .available }
        for entry in open + closed {
            var hash = SipHash13(key0: gateway.hashKey.second, key1: gateway.hashKey.first)
            hash.combine(entry.id)
            eips.append(EIPSlot(entry: entry, pairingKey: hash.finish()))
        }
        resources[slot].parts = first..<eips.count
        resources[slot].openEIPs = first..<first + open.count
    }

    private mutating func compile(
        _ balancer: LoadBalancerEntry, _ targetGroups: [UInt64: TargetGroupEntry], into slot: Int
    ) {
        let first = listeners.count
        for listener in balancer.listeners {
            guard let group = targetGroups[listener.targetGroup] else { continue }
            let begin = targets.count
            targets += group.targets
            if group.targets.contains(where: { $0.state == .terminated }) {
                resources[slot].hasTerminatedTargets = true
            }
            if group.isSticky { resources[slot].isSticky = true }
            var slot = ListenerSlot(
                entry: listener, targets: begin..<targets.count, targetVNI: group.vni,
                preservesClientAddress: group.preservesClientAddress,
                algorithm: group.algorithm, isSticky: group.isSticky)
            let ending = terminated.count
            terminated += group.targets.filter { $0.state == .terminated }
            slot.terminated = ending..<terminated.count
            listeners.append(slot)
        }
        resources[slot].parts = first..<listeners.count
    }

    private mutating func compile(_ timers: FlowTimers, into slot: Int) {
        resources[slot].resetsOnExpiry = timers.resetsOnExpiry
        let first = timeoutRules.count
        for rule in timers.rules.sorted(by: { $0.prefix.length > $1.prefix.length }) {
            timeoutRules.append(
                TimeoutRuleSlot(range: AddressRange(rule.prefix), timeouts: rule.timeouts))
        }
        resources[slot].rules = first..<timeoutRules.count
    }

    private func inside(_ network: VNI) -> AddressRange? { vpcs[network]?.inside }

    private var bucketCount: Int { snapshot.cluster.bucketCount }

    /// Puts a resource into its old slot or a new one.
    private mutating func place(_ resource: Resource) -> Int {
        if let slot = slots[resource.id] {
            resources[slot] = resource
            return slot
        }
        resources.append(resource)
        slots.set(resource.id, to: resources.count - 1)
        return resources.count - 1
    }
}

extension NATGatewayEntry {
    fileprivate func compiled(group: Int, buckets: Int, inside: AddressRange?) -> Resource {
        Resource(
            id: id, kind: .natGateway, tenant: tenant, vni: vni, group: group,
            buckets: BucketHash(key0: hashKey.first, key1: hashKey.second, bucketCount: buckets),
            hashKey: hashKey, timeouts: timers.timeouts, quota: quota,
            portsPerAddress: portsPerAddress, address: .v4(IPv4Address(rawValue: 0)),
            publicAddress: nil, inside: inside,
            parts: 0..<0, isLive: true)
    }
}

extension LoadBalancerEntry {
    fileprivate func compiled(group: Int, buckets: Int, inside: AddressRange?) -> Resource {
        Resource(
            id: id, kind: .loadBalancer, tenant: tenant, vni: vni, group: group,
            buckets: BucketHash(key0: hashKey.first, key1: hashKey.second, bucketCount: buckets),
            hashKey: hashKey, timeouts: timers.timeouts, quota: quota, address: address,
            publicAddress: publicAddress, inside: inside, parts: 0..<0, isLive: true)
    }
}
