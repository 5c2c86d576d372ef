// The registry as the data plane sees it. Everything in a snapshot is in force: what still waits
// for nodes is left out, and nothing in it depends on the time or on who asks, but for which
// tenants are in it.

import Configuration
import ControlClient
import Placement
import Wire

extension Registry {
    /// For whom a snapshot is made.
    enum Reader: Hashable, Sendable {
        /// Only the groups that it is a member of, and their tenants.
        case node(Identifier)
        case router(Identifier)
        case edge(Identifier)
    }

    /// The groups whose tenants a reader is told of. Throws if there is no such reader.
    func groups(for reader: Reader) throws(Problem) -> [GroupRecord] {
        switch reader {
        case .node(let id):
            _ = try API.Node.row(id, in: self)
            return groups.sorted.filter { $0.members.contains(id) }
        case .router(let id):
            _ = try API.Host.row(id, in: self)
            return groups.sorted
        case .edge(let id):
            _ = try API.Edge.row(id, in: self)
            return groups.sorted
        }
    }

    /// The configuration of these groups and their tenants, at the registry's version; with the
    /// channels' keys if it is for nodes.
    func snapshot(groups: [GroupRecord], forNodes: Bool = false) -> Snapshot {
        var snapshot = Snapshot(version: version, cluster: clusterSettings)
        if forNodes { snapshot.cluster.keys = channelKeys?.keys }
        snapshot.nodes = nodes.sorted.map(NodeEntry.init)
        snapshot.hosts = hosts.sorted.compactMap { host in
            IPAddress(host.address).map {
                HostEntry(id: host.id.rawValue, name: host.name, address: $0)
            }
        }
        snapshot.edges = edges.sorted.compactMap { edge in
            IPAddress(edge.address).map {
                EdgeEntry(
                    id: edge.id.rawValue, name: edge.name, address: $0,
                    mtu: UInt16(edge.mtu ?? Defaults.edgeMTU))
            }
        }
        snapshot.groups = groups.map(groupEntry)
        let served = Set(groups.map(\.id))
        addTenants(tenants.sorted(where: { $0.group.map(served.contains) ?? false }), to: &snapshot)
        return snapshot
    }

    private func groupEntry(_ group: GroupRecord) -> GroupEntry {
        let members = group.members.map(\.rawValue)
        return GroupEntry(
            id: group.id.rawValue, members: members.map { NodeID(rawValue: $0) },
            leaders: Placement.leaders(
                group: group.id.rawValue, members: members, bucketCount: cluster.bucketCount))
    }

    private func addTenants(_ tenants: [TenantRecord], to snapshot: inout Snapshot) {
        let included = Set(tenants.map(\.id))
        snapshot.tenants = tenants.map {
            TenantEntry(
                id: $0.id.rawValue, name: $0.name, group: $0.group?.rawValue ?? 0,
                quota: Quota($0.quota))
        }
        snapshot.vpcs = vpcs.sorted(where: { included.contains($0.tenant) }).compactMap { vpc in
            IPPrefix(vpc.prefix).map {
                VPCEntry(
                    id: vpc.id.rawValue, tenant: vpc.tenant.rawValue,
                    vni: VNI(truncating: vpc.vni), prefix: $0)
            }
        }
        snapshot.natGateways = natGateways.sorted(where: { included.contains($0.tenant) })
            .map(natGatewayEntry)
        let targets = Dictionary(
            grouping: self.targets.sorted(where: { included.contains($0.tenant) }),
            by: \.targetGroup)
        snapshot.targetGroups = targetGroups.sorted(where: { included.contains($0.tenant) })
            .map { targetGroupEntry($0, targets: targets[$0.id] ?? []) }
        let listeners = Dictionary(
            grouping: self.listeners.sorted(where: { included.contains($0.tenant) }),
            by: \.loadBalancer)
        snapshot.loadBalancers =
            loadBalancers
            .sorted(where: { included.contains($0.tenant) && !$0.isDeleting })
            .compactMap { loadBalancerEntry($0, listeners: listeners[$0.id] ?? []) }
    }

    private func natGatewayEntry(_ gateway: NATGatewayRecord) -> NATGatewayEntry {
        NATGatewayEntry(
            id: ResourceID(rawValue: gateway.id.rawValue), tenant: gateway.tenant.rawValue,
            name: gateway.name, vni: vni(of: gateway.vpc), hashKey: hashKey(of: gateway.id),
            eips: gateway.eips.compactMap { eips[$0.rawValue] }.compactMap(EIPEntry.init),
            timers: FlowTimers(gateway), quota: Quota(gateway.quota),
            portsPerAddress: UInt32(gateway.portsPerAddress ?? 0))
    }

    private func loadBalancerEntry(
        _ balancer: LoadBalancerRecord, listeners: [ListenerRecord]
    ) -> LoadBalancerEntry? {
        guard let address = IPAddress(balancer.address) else { return nil }
        return LoadBalancerEntry(
            id: ResourceID(rawValue: balancer.id.rawValue), tenant: balancer.tenant.rawValue,
            name: balancer.name, vni: vni(of: balancer.vpc), hashKey: hashKey(of: balancer.id),
            address: address,
            publicAddress: balancer.eip.flatMap { eips[$0.rawValue] }
                .flatMap { IPv4Address($0.address) },
            listeners: listeners.map(ListenerEntry.init),
            timers: FlowTimers(balancer), quota: Quota(balancer.quota))
    }

    private func targetGroupEntry(
        _ group: TargetGroupRecord, targets: [TargetRecord]
    ) -> TargetGroupEntry {
        TargetGroupEntry(
            id: group.id.rawValue, name: group.name, vni: vni(of: group.vpc),
            preservesClientAddress: group.preservesClientAddress,
            algorithm: group.algorithm == .leastFlows ? .leastFlows : .flowHash,
            isSticky: group.stickiness == .sourceAddress,
            targets: Self.inForce(targets).compactMap(TargetEntry.init))
    }

    /// A target that was registered again while its former flows are being ended takes them over:
    /// the nodes know flows by addresses, and would end its new ones too.
    private static func inForce(_ targets: [TargetRecord]) -> [TargetRecord] {
        let living = Set(targets.lazy.filter { $0.release == nil }.map(\.name))
        return targets.filter { $0.release == nil || !living.contains($0.name) }
    }

    private func vni(of vpc: Identifier) -> VNI {
        guard let record = vpcs[vpc.rawValue] else {
            preconditionFailure("a VPC with resources can't be deleted")
        }
        return VNI(truncating: record.vni)
    }

    private func hashKey(of resource: Identifier) -> HashKey {
        guard let secret = secrets[resource.rawValue] else {
            preconditionFailure("a resource is made with its secret")
        }
        return HashKey(first: secret.first, second: secret.second)
    }
}

// Numbers and addresses in records were checked before they were stored.

extension NodeEntry {
    fileprivate init(_ node: NodeRecord) {
        guard let address = IPAddress(node.address) else { preconditionFailure("unchecked") }
        self.init(
            id: NodeID(rawValue: node.id.rawValue), name: node.name, zone: node.zone,
            address: address, operations: node.operations)
    }
}

extension EIPEntry {
    fileprivate init?(_ eip: EIPRecord) {
        guard let address = IPv4Address(eip.address), let use = eip.use else { return nil }
        let state: EIPState =
            switch use {
            case .associated: .available
            case .draining: .draining
            case .releasing: .releasing
            }
        self.init(id: eip.id.rawValue, address: address, state: state)
    }
}

extension ListenerEntry {
    fileprivate init(_ listener: ListenerRecord) {
        self.init(
            id: listener.id.rawValue, index: UInt16(listener.index),
            ipProtocol: listener.ipProtocol == .tcp ? .tcp : .udp,
            port: Port(UInt16(listener.port)), targetGroup: listener.targetGroup.rawValue)
    }
}

extension TargetEntry {
    fileprivate init?(_ target: TargetRecord) {
        guard let address = IPAddress(target.address) else { return nil }
        self.init(
            id: target.id.rawValue, address: address, port: Port(UInt16(target.port)),
            weight: UInt16(target.weight),
            state: target.release != nil
                ? .terminated : target.isDraining ? .draining : .healthy)
    }
}
