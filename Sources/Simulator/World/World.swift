// The world that a plan is played in: machines, tenants, resources, instances, servers; and the
// snapshot that names them. Nothing here changes but by a change of the configuration.

import Configuration
import Consensus
import Steering
import Wire

/// A tenant's resource, as routers and edges use it.
struct Service: Sendable {
    var kind: WorkloadKind
    /// Place of its workload in the plan.
    var workload: Int
    var tenant: UInt64
    var group: Int
    var id: ResourceID
    var vni: VNI
    var hash: BucketHash
    /// Load balancers: where clients call.
    var address: IPAddress
    /// Instances that use it: indices into `instances`.
    var clients: [Int] = []
}

/// An instance, a target, or a client outside.
struct Instance: Sendable {
    var address: IPAddress
    var vni: VNI
    var eni: ENI
    var machine: Machine
    var tenant: UInt64
}

/// Everything that there is, from the beginning on; what changes is the control plane's. A class, so
/// that checks that look at it for every flow don't copy it.
final class World {
    let plan: Plan
    private(set) var snapshot: Snapshot
    private(set) var services: [Service] = []
    private(set) var instances: [Instance] = []
    /// By the address and VNI of a target: which instance it is.
    private(set) var targets: [TargetPlace: Int] = [:]
    /// Servers outside.
    private(set) var servers: [IPAddress] = []
    let portSets: PortSets

    struct TargetPlace: Hashable, Sendable {
        var vni: VNI
        var address: IPAddress
    }

    init(_ plan: Plan, seed: UInt64) {
        self.plan = plan
        let cluster = plan.cluster
        let ports = UInt16(cluster.ports.lowerBound)...UInt16(cluster.ports.upperBound)
        snapshot = Snapshot(
            version: 1,
            cluster: ClusterSettings(
                id: 7, bucketCount: cluster.buckets, portRange: ports,
                quietSeconds: UInt32(cluster.quietNanoseconds / 1_000_000_000),
                lossQuietSeconds: UInt32(cluster.lossQuietNanoseconds / 1_000_000_000)))
        snapshot.cluster.copies = cluster.copies
        snapshot.cluster.driftPartsPerMillion = UInt32(2 * cluster.driftPerMillion)
        guard let portSets = PortSets(range: ports, bucketCount: cluster.buckets) else {
            preconditionFailure("the plan was checked")
        }
        self.portSets = portSets
        var random = SeededRandom(seed: seed, stream: .world)
        addMachines()
        addGroups(&random)
        for index in plan.workloads.indices { addWorkload(index, &random) }
        let problems = snapshot.problems()
        precondition(problems.isEmpty, "\(problems)")
        if plan.bug == .portFreedEarly { snapshot.cluster.quietSeconds = 0 }
    }

    var nodeCount: Int { plan.cluster.nodes }
    var hosts: Range<Machine> { nodeCount..<nodeCount + plan.cluster.hosts }
    var edges: Range<Machine> { hosts.upperBound..<hosts.upperBound + plan.cluster.edges }
    var machineCount: Int { edges.upperBound }

    /// Outer addresses are 192.0.2.1 and on, by machine.
    func address(of machine: Machine) -> IPAddress {
        .v4(IPv4Address(192, 0, 2, UInt8(machine + 1)))
    }

    func machine(at address: IPAddress) -> Machine? {
        guard case .v4(let address) = address, address.rawValue >> 8 == 0xC0_0002 else {
            return nil
        }
        let number = Int(address.rawValue & 255) - 1
        return (0..<machineCount).contains(number) ? number : nil
    }

    func name(of machine: Machine) -> String {
        if machine < nodeCount { return "node\(machine + 1)" }
        if hosts.contains(machine) { return "host\(machine - hosts.lowerBound + 1)" }
        return "edge\(machine - edges.lowerBound + 1)"
    }

    func nodeID(_ node: Int) -> NodeID { NodeID(rawValue: UInt64(node) + 1) }
    func node(_ id: NodeID) -> Int? {
        let index = Int(id.rawValue) - 1
        return (0..<nodeCount).contains(index) ? index : nil
    }
}

extension World {
    private func addMachines() {
        for node in 0..<nodeCount {
            snapshot.nodes.append(
                NodeEntry(
                    id: nodeID(node), name: name(of: node), zone: "a",
                    address: address(of: node), operations: "\(address(of: node)):8480"))
        }
        for host in hosts {
            snapshot.hosts.append(
                HostEntry(
                    id: UInt64(host), name: name(of: host), address: address(of: host)))
        }
        for edge in edges {
            snapshot.edges.append(
                EdgeEntry(
                    id: UInt64(edge), name: name(of: edge), address: address(of: edge)))
        }
        servers = (1...64).map { .v4(IPv4Address(198, 51, 100, UInt8($0))) }
    }

    private func addGroups(_ random: inout SeededRandom) {
        let cluster = plan.cluster
        for group in 0..<cluster.groups {
            var nodes = Array(0..<cluster.nodes)
            nodes.shuffle(using: &random)
            let members = nodes.prefix(cluster.members).map { nodeID($0) }
            snapshot.groups.append(
                GroupEntry(
                    id: UInt64(group) + 1, members: Array(members),
                    leaders: (0..<cluster.buckets).map { UInt8($0 % cluster.members) }))
        }
    }

    private func addWorkload(_ index: Int, _ random: inout SeededRandom) {
        let workload = plan.workloads[index]
        for number in 0..<workload.tenants {
            let tenant = UInt64(index * 100 + number + 10)
            let group = snapshot.tenants.count % plan.cluster.groups
            snapshot.tenants.append(
                TenantEntry(id: tenant, name: "tenant\(tenant)", group: UInt64(group) + 1))
            let vni = VNI(truncating: UInt32(tenant) * 10)
            // All tenants have the same inside addresses.
            snapshot.vpcs.append(
                VPCEntry(id: tenant, tenant: tenant, vni: vni, prefix: inside(workload)))
            let key = HashKey(first: random.next(), second: random.next())
            var service = Service(
                kind: workload.kind, workload: index, tenant: tenant, group: group,
                id: ResourceID(rawValue: tenant << 8), vni: vni,
                hash: BucketHash(
                    key0: key.first, key1: key.second, bucketCount: plan.cluster.buckets),
                address: balancerAddress(workload))
            addInstances(workload, &service)
            switch workload.kind {
            case .nat: addGateway(workload, service, key)
            case .balancer: addBalancer(workload, service, key)
            }
            services.append(service)
        }
    }

    private func inside(_ workload: WorkloadPlan) -> IPPrefix {
        guard let prefix = IPPrefix(workload.usesIPv6 ? "fd00:a::/48" : "10.0.0.0/16") else {
            preconditionFailure("a literal")
        }
        return prefix
    }

    private func balancerAddress(_ workload: WorkloadPlan) -> IPAddress {
        Self.insideAddress(9, 10, isIPv6: workload.usesIPv6)
    }

    private static func insideAddress(_ part: UInt8, _ last: UInt8, isIPv6: Bool) -> IPAddress {
        isIPv6
            ? .v6(
                IPv6Address(high: 0xfd00_000a_0000_0000, low: UInt64(part) << 16 | UInt64(last)))
            : .v4(IPv4Address(10, 0, part, last))
    }

    /// Four instances on different hosts, or, for a balancer, four clients and three targets.
    private func addInstances(_ workload: WorkloadPlan, _ service: inout Service) {
        let isBalancer = workload.kind == .balancer
        for number in 0..<(isBalancer ? 7 : 4) {
            let isTarget = number >= 4
            let address = Self.insideAddress(
                isTarget ? 8 : 1, UInt8(number + 1), isIPv6: workload.usesIPv6)
            let instance = instances.count
            instances.append(
                Instance(
                    address: address, vni: service.vni,
                    eni: ENI(rawValue: service.tenant << 16 | UInt64(number + 1)),
                    machine: hosts.lowerBound + (number + Int(service.tenant)) % hosts.count,
                    tenant: service.tenant))
            if isTarget {
                targets[TargetPlace(vni: service.vni, address: address)] = instance
            } else {
                service.clients.append(instance)
            }
        }
    }

    private func addGateway(
        _ workload: WorkloadPlan, _ service: Service, _ key: HashKey
    ) {
        let eips = (0..<workload.eips).map { number -> EIPEntry in
            let id = UInt64(snapshot.natGateways.reduce(0) { $0 + $1.eips.count } + number + 1)
            return EIPEntry(
                id: id, address: IPv4Address(203, 0, 113, UInt8(id)), state: .available)
        }
        var gateway = NATGatewayEntry(
            id: service.id, tenant: service.tenant, name: "nat\(service.tenant)",
            vni: service.vni, hashKey: key, eips: eips)
        gateway.timers = timers
        snapshot.natGateways.append(gateway)
    }

    private func addBalancer(
        _ workload: WorkloadPlan, _ service: Service, _ key: HashKey
    ) {
        var balancer = LoadBalancerEntry(
            id: service.id, tenant: service.tenant, name: "web\(service.tenant)",
            vni: service.vni, hashKey: key, address: service.address)
        balancer.timers = timers
        for (index, proto) in [IPProtocol.udp, .tcp].enumerated() {
            let group = service.tenant << 4 | UInt64(index)
            let entries = (4..<7).map { number in
                TargetEntry(
                    id: group << 8 | UInt64(number),
                    address: Self.insideAddress(
                        8, UInt8(number + 1), isIPv6: workload.usesIPv6),
                    port: Port(8080))
            }
            snapshot.targetGroups.append(
                TargetGroupEntry(
                    id: group, name: "group\(group)", vni: service.vni,
                    preservesClientAddress: true, targets: entries))
            balancer.listeners.append(
                ListenerEntry(
                    id: group << 8, index: UInt16(index + 1), ipProtocol: proto,
                    port: Self.listenerPort, targetGroup: group))
        }
        snapshot.loadBalancers.append(balancer)
    }

    static var listenerPort: Port { Port(80) }

    private var timers: FlowTimers {
        let seconds = UInt32(plan.time.idleSeconds)
        return FlowTimers(
            IdleTimeouts(
                tcpEstablishedSeconds: seconds + 1, tcpOpeningSeconds: seconds,
                tcpClosingSeconds: 1, udpSeconds: seconds, icmpSeconds: seconds),
            resetsOnExpiry: false)
    }
}
