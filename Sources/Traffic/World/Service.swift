// A resource that a run drives.

import Configuration
import Steering
public import Wire

/// A NAT gateway or load balancer, with what routers and edges know of it.
public struct Service: Sendable {
    public enum Kind: String, Hashable, Sendable { case natGateway, loadBalancer }

    public let kind: Kind
    public let id: ResourceID
    public let tenant: String
    public let name: String
    /// Of the VPC it is in.
    public let vni: VNI
    public let vpcPrefix: IPPrefix
    let hash: BucketHash
    /// That serves its tenant.
    let group: UInt64
    /// For each bucket the ordinal of its leader among the topology's nodes: by the snapshot, until
    /// a view is announced.
    var leaders: [UInt16]
    /// NAT gateways: the addresses it translates to.
    public internal(set) var eips: [IPv4Address]
    /// Load balancers: the address that clients send to.
    public let address: IPAddress?
    /// The one that clients outside send to, if there is one.
    public let publicAddress: IPv4Address?
    public internal(set) var listeners: [ServiceListener]
    /// How long flows without packets live.
    let timeouts: IdleTimeouts
    /// Load balancers: whether a client's flows share a bucket, since one listener wants them to
    /// share a target.
    var isSticky = false

    /// Whether an address is one of its EIPs.
    func owns(_ address: IPAddress) -> Bool { address.v4.map(eips.contains) ?? false }

    /// The bucket of a load balancer's flow, as routers and edges compute it.
    func balancerBucket(
        _ ipProtocol: IPProtocol, clientVNI: VNI, _ client: IPAddress, _ clientPort: Port
    ) -> BucketIndex {
        hash.loadBalancer(
            ipProtocol: ipProtocol, clientVNI: clientVNI, client: client,
            clientPort: isSticky ? Port(0) : clientPort)
    }

    /// After so many seconds the ports of flows that ended, or fell silent, are free again: idle
    /// time, sweep and quiet time.
    public func forgetsAfterSeconds(_ ipProtocol: IPProtocol) -> Double {
        let idle =
            switch ipProtocol {
            case .tcp: timeouts.tcpClosingSeconds
            case .udp: timeouts.udpSeconds
            default: timeouts.icmpSeconds
            }
        return Double(idle) + 10
    }
}

/// A listener with its targets.
public struct ServiceListener: Sendable {
    public let index: UInt16
    public let ipProtocol: IPProtocol
    public let port: Port
    public let targetVNI: VNI
    public let preservesClientAddress: Bool
    /// All that the group names, those that get no new flows too.
    public internal(set) var targets: [ServiceTarget]
}

/// A target's own address and port.
public struct ServiceTarget: Hashable, Sendable {
    public let address: IPAddress
    public let port: Port
}

/// Reads the selected resources out of a snapshot.
struct ServiceReader {
    private let snapshot: Snapshot
    private let selection: Selection
    /// In whose order leaders are counted.
    private var nodes: [NodeEntry] = []

    init(_ snapshot: Snapshot, _ selection: Selection) {
        self.snapshot = snapshot
        self.selection = selection
    }

    mutating func read(_ nodes: [NodeEntry]) throws(TopologyError) -> [Service] {
        self.nodes = nodes
        try checkNames()
        var services: [Service] = []
        for tenant in snapshot.tenants where includes(selection.tenants, tenant.name) {
            for gateway in snapshot.natGateways
            where gateway.tenant == tenant.id && includes(selection.wantedGateways, gateway.name) {
                services.append(try read(gateway, of: tenant))
            }
            for balancer in snapshot.loadBalancers
            where balancer.tenant == tenant.id && includes(selection.wantedBalancers, balancer.name)
            {
                services.append(try read(balancer, of: tenant))
            }
        }
        guard !services.isEmpty else {
            throw TopologyError(
                "nothing to drive: no NAT gateway or load balancer fits the names given")
        }
        return services
    }

    private func includes(_ names: [String]?, _ name: String) -> Bool {
        names?.contains(name) ?? true
    }

    private func checkNames() throws(TopologyError) {
        try check(selection.tenants, among: snapshot.tenants.map(\.name), "tenant")
        try check(selection.natGateways, among: snapshot.natGateways.map(\.name), "NAT gateway")
        try check(
            selection.loadBalancers, among: snapshot.loadBalancers.map(\.name), "load balancer")
    }

    private func check(
        _ names: [String]?, among known: [String], _ noun: String
    ) throws(TopologyError) {
        for name in names ?? [] where !known.contains(name) {
            throw TopologyError(
                "the snapshot has no \(noun) called '\(name)'; it has "
                    + (known.isEmpty ? "none" : known.joined(separator: ", ")))
        }
    }

    private func leaders(of tenant: TenantEntry) throws(TopologyError) -> [UInt16] {
        guard let group = snapshot.groups.first(where: { $0.id == tenant.group }) else {
            throw TopologyError("tenant '\(tenant.name)' is in no group of the snapshot")
        }
        var ordinals: [UInt16] = []
        for bucket in 0..<snapshot.cluster.bucketCount {
            let leader = group.leader(of: BucketIndex(bucket))
            guard let ordinal = nodes.firstIndex(where: { $0.id == leader }) else {
                throw TopologyError("a leader of tenant '\(tenant.name)' is not in the snapshot")
            }
            ordinals.append(UInt16(ordinal))
        }
        return ordinals
    }

    private func prefix(_ vni: VNI) throws(TopologyError) -> IPPrefix {
        guard let vpc = snapshot.vpcs.first(where: { $0.vni == vni }) else {
            throw TopologyError("no VPC of the snapshot has VNI \(vni.rawValue)")
        }
        return vpc.prefix
    }

    private func hash(_ key: HashKey) -> BucketHash {
        BucketHash(
            key0: key.first, key1: key.second, bucketCount: snapshot.cluster.bucketCount)
    }

    private func read(
        _ gateway: NATGatewayEntry, of tenant: TenantEntry
    ) throws(TopologyError) -> Service {
        Service(
            kind: .natGateway, id: gateway.id, tenant: tenant.name, name: gateway.name,
            vni: gateway.vni, vpcPrefix: try prefix(gateway.vni), hash: hash(gateway.hashKey),
            group: tenant.group, leaders: try leaders(of: tenant),
            eips: gateway.eips.map(\.address), address: nil,
            publicAddress: nil, listeners: [], timeouts: gateway.timers.timeouts)
    }

    private func read(
        _ balancer: LoadBalancerEntry, of tenant: TenantEntry
    ) throws(TopologyError) -> Service {
        Service(
            kind: .loadBalancer, id: balancer.id, tenant: tenant.name, name: balancer.name,
            vni: balancer.vni, vpcPrefix: try prefix(balancer.vni), hash: hash(balancer.hashKey),
            group: tenant.group, leaders: try leaders(of: tenant), eips: [],
            address: balancer.address,
            publicAddress: balancer.publicAddress, listeners: balancer.listeners.compactMap(read),
            timeouts: balancer.timers.timeouts, isSticky: isSticky(balancer))
    }

    private func targetGroup(_ listener: ListenerEntry) -> TargetGroupEntry? {
        snapshot.targetGroups.first { $0.id == listener.targetGroup }
    }

    private func isSticky(_ balancer: LoadBalancerEntry) -> Bool {
        balancer.listeners.contains { targetGroup($0)?.isSticky ?? false }
    }

    private func read(_ listener: ListenerEntry) -> ServiceListener? {
        guard let group = targetGroup(listener) else { return nil }
        return ServiceListener(
            index: listener.index, ipProtocol: listener.ipProtocol, port: listener.port,
            targetVNI: group.vni, preservesClientAddress: group.preservesClientAddress,
            targets: group.targets.map { ServiceTarget(address: $0.address, port: $0.port) })
    }
}
