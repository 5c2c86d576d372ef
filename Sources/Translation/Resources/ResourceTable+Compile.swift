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
        for group in snapshot.groups {
            leaders += group.leaders.map { leader in
                UInt16(nodeIndices[group.members[Int(leader)]] ?? 0)
            }
        }
        for vpc in snapshot.vpcs {
            vpcs.set(
                vpc.vni, to: VPCSlot(tenant: vpc.tenant, inside: AddressRange(vpc.prefix)))
        }
    }

    mutating func compileResources() {
        let groupIndices = Dictionary(
            snapshot.groups.enumerated().map { ($1.id, $0) },
            uniquingKeysWith: { first, _ in first })
        let groups = Dictionary(
            snapshot.tenants.map { ($0.id, groupIndices[$0.group] ?? 0) },
            uniquingKeysWith: { first, _ in first })
        let targetGroups = Dictionary(
            snapshot.targetGroups.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        for gateway in snapshot.natGateways {
            let slot = place(
                gateway.compiled(
                    group: groups[gateway.tenant] ?? 0, buckets: bucketCount,
                    inside: inside(gateway.vni)))
            let first = eips.count
            eips += gateway.eips.map { EIPSlot(entry: $0, resource: slot) }
            resources[slot].parts = first..<eips.count
        }
        for balancer in snapshot.loadBalancers {
            let slot = place(
                balancer.compiled(
                    group: groups[balancer.tenant] ?? 0, buckets: bucketCount,
                    inside: inside(balancer.vni)))
            let first = listeners.count
            for listener in balancer.listeners {
                guard let group = targetGroups[listener.targetGroup] else { continue }
                let begin = targets.count
                targets += group.targets
                listeners.append(
                    ListenerSlot(
                        entry: listener, targets: begin..<targets.count, targetVNI: group.vni,
                        preservesClientAddress: group.preservesClientAddress))
            }
            resources[slot].parts = first..<listeners.count
        }
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
            hashKey: hashKey, timeouts: timeouts, address: .v4(IPv4Address(rawValue: 0)),
            publicAddress: nil, inside: inside, parts: 0..<0, isLive: true)
    }
}

extension LoadBalancerEntry {
    fileprivate func compiled(group: Int, buckets: Int, inside: AddressRange?) -> Resource {
        Resource(
            id: id, kind: .loadBalancer, tenant: tenant, vni: vni, group: group,
            buckets: BucketHash(key0: hashKey.first, key1: hashKey.second, bucketCount: buckets),
            hashKey: hashKey, timeouts: timeouts, address: address,
            publicAddress: publicAddress, inside: inside, parts: 0..<0, isLive: true)
    }
}
