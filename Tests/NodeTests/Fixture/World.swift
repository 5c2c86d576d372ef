// The small world of these tests: two nodes, two hosts, two edges, and two tenants whose instances
// have the same inner addresses.

import Configuration
import Steering
import Wire

/// An instance or a target: where it is, and by what it is known.
struct Instance: Sendable {
    var vni: VNI
    var eni: ENI
    var host: IPAddress

    func on(_ host: IPAddress) -> Instance { Instance(vni: vni, eni: eni, host: host) }
}

/// Names of what the snapshot holds. Addresses outside are those of RFC 5737.
struct World {
    static let node1 = IPAddress("192.0.2.1")!
    static let node2 = IPAddress("192.0.2.2")!
    static let host1 = IPAddress("192.0.2.101")!
    static let host2 = IPAddress("192.0.2.102")!
    static let edge1 = IPAddress("192.0.2.201")!
    static let edge2 = IPAddress("192.0.2.202")!
    static let router = IPAddress("192.0.2.250")!

    static let acme: UInt64 = 10
    static let bolt: UInt64 = 20
    static let acmeNetwork = VNI(truncating: 100)
    static let boltNetwork = VNI(truncating: 200)
    static let acmeIPv6 = VNI(truncating: 300)
    static let acmeNAT = ResourceID(rawValue: 0xA1)
    static let boltNAT = ResourceID(rawValue: 0xB1)
    static let acmeBalancer = ResourceID(rawValue: 0xA2)
    static let acmeBalancer6 = ResourceID(rawValue: 0xA3)

    static let acmeInstance = Instance(
        vni: acmeNetwork, eni: ENI(rawValue: 0xE0A1), host: host1)
    static let boltInstance = Instance(
        vni: boltNetwork, eni: ENI(rawValue: 0xE0B1), host: host2)
    static let acmeInstance6 = Instance(
        vni: acmeIPv6, eni: ENI(rawValue: 0xE0A6), host: host1)
    static let outside = Instance(vni: .outside, eni: .none, host: edge1)

    static let firstEIP: IPAddress = .v4(IPv4Address(203, 0, 113, 1))
    static let secondEIP: IPAddress = .v4(IPv4Address(203, 0, 113, 2))
    static let boltEIP: IPAddress = .v4(IPv4Address(203, 0, 113, 11))
    static let balancerPublic = IPv4Address(203, 0, 113, 80)
    static let balancerAddress: IPAddress = .v4(IPv4Address(10, 0, 9, 10))
    static let balancerAddress6 = IPAddress("fd00:a::10")!

    var snapshot: Snapshot

    /// Node 1 leads every bucket, or the two take turns.
    enum Leaders { case firstNode, secondNode, alternating }

    init(
        bucketCount: Int = 64, portRange: ClosedRange<UInt16> = 1024...65535,
        leaders: Leaders = .firstNode
    ) {
        snapshot = Snapshot(
            version: 1,
            cluster: ClusterSettings(
                id: 7, bucketCount: bucketCount, portRange: portRange))
        addMachines(leaders)
        addTenants()
        addGateways()
        addBalancers()
    }

    var buckets: Int { snapshot.cluster.bucketCount }

    var portSets: PortSets {
        PortSets(range: snapshot.cluster.portRange, bucketCount: buckets)!
    }
}

extension World {
    private mutating func addMachines(_ leaders: Leaders) {
        let ids = [NodeID(rawValue: 1), NodeID(rawValue: 2)]
        for (id, address) in zip(ids, [Self.node1, Self.node2]) {
            snapshot.nodes.append(
                NodeEntry(
                    id: id, name: "node\(id.rawValue)", zone: "a", address: address,
                    operations: "\(address):8480"))
        }
        for (id, address) in [Self.host1, Self.host2].enumerated() {
            snapshot.hosts.append(
                HostEntry(id: UInt64(id) + 1, name: "host\(id + 1)", address: address))
        }
        for (id, address) in [Self.edge1, Self.edge2].enumerated() {
            snapshot.edges.append(
                EdgeEntry(id: UInt64(id) + 1, name: "edge\(id + 1)", address: address))
        }
        let order = (0..<buckets).map { bucket -> UInt8 in
            switch leaders {
            case .firstNode: 0
            case .secondNode: 1
            case .alternating: UInt8(bucket % 2)
            }
        }
        for group in [UInt64(1), 2] {
            snapshot.groups.append(GroupEntry(id: group, members: ids, leaders: order))
        }
    }

    private mutating func addTenants() {
        snapshot.tenants = [
            TenantEntry(id: Self.acme, name: "acme", group: 1),
            TenantEntry(id: Self.bolt, name: "bolt", group: 2),
        ]
        let inside = IPPrefix("10.0.0.0/16")!
        snapshot.vpcs = [
            VPCEntry(id: 1, tenant: Self.acme, vni: Self.acmeNetwork, prefix: inside),
            VPCEntry(id: 2, tenant: Self.bolt, vni: Self.boltNetwork, prefix: inside),
            VPCEntry(
                id: 3, tenant: Self.acme, vni: Self.acmeIPv6, prefix: IPPrefix("fd00:a::/48")!),
        ]
    }

    private mutating func addGateways() {
        func eip(_ id: UInt64, _ address: IPAddress) -> EIPEntry {
            guard case .v4(let address) = address else { preconditionFailure() }
            return EIPEntry(id: id, address: address, state: .available)
        }
        snapshot.natGateways = [
            NATGatewayEntry(
                id: Self.acmeNAT, tenant: Self.acme, name: "main", vni: Self.acmeNetwork,
                hashKey: HashKey(first: 0x1111, second: 0x2222),
                eips: [eip(1, Self.firstEIP), eip(2, Self.secondEIP)]),
            NATGatewayEntry(
                id: Self.boltNAT, tenant: Self.bolt, name: "main", vni: Self.boltNetwork,
                hashKey: HashKey(first: 0x3333, second: 0x4444), eips: [eip(3, Self.boltEIP)]),
        ]
    }

    private mutating func addBalancers() {
        snapshot.targetGroups = [
            targetGroup(1, Self.acmeNetwork, preserves: true, "10.0.8.%:53"),
            targetGroup(2, Self.acmeNetwork, preserves: true, "10.0.8.%:80"),
            targetGroup(3, Self.acmeNetwork, preserves: false, "10.0.7.%:8080"),
            targetGroup(4, Self.acmeIPv6, preserves: true, "[fd00:a::8:%]:443"),
            targetGroup(5, Self.acmeIPv6, preserves: false, "[fd00:a::7:%]:8443"),
        ]
        var web = LoadBalancerEntry(
            id: Self.acmeBalancer, tenant: Self.acme, name: "web", vni: Self.acmeNetwork,
            hashKey: HashKey(first: 0x5555, second: 0x6666), address: Self.balancerAddress,
            publicAddress: Self.balancerPublic)
        web.listeners = [
            listener(1, .udp, 53, group: 1), listener(2, .tcp, 80, group: 2),
            listener(3, .udp, 5353, group: 3), listener(4, .tcp, 8080, group: 3),
        ]
        var web6 = LoadBalancerEntry(
            id: Self.acmeBalancer6, tenant: Self.acme, name: "web6", vni: Self.acmeIPv6,
            hashKey: HashKey(first: 0x7777, second: 0x8888), address: Self.balancerAddress6)
        web6.listeners = [
            listener(1, .tcp, 443, group: 4), listener(2, .udp, 443, group: 4),
            listener(3, .tcp, 8443, group: 5), listener(4, .udp, 8443, group: 5),
        ]
        snapshot.loadBalancers = [web, web6]
    }

    private func listener(
        _ index: UInt16, _ ipProtocol: IPProtocol, _ port: UInt16, group: UInt64
    ) -> ListenerEntry {
        ListenerEntry(
            id: 0xD000 + UInt64(index), index: index, ipProtocol: ipProtocol, port: Port(port),
            targetGroup: group)
    }

    /// Four targets whose last number takes the place of `%`.
    private func targetGroup(
        _ id: UInt64, _ vni: VNI, preserves: Bool, _ pattern: String
    ) -> TargetGroupEntry {
        let targets = (1...4).map { number in
            let text = String(pattern.map { $0 == "%" ? Character("\(number)") : $0 })
            let end = Endpoint(stringLiteral: text)
            return TargetEntry(
                id: 0x1000 * id + UInt64(number), address: end.address, port: end.port)
        }
        return TargetGroupEntry(
            id: id, name: "group\(id)", vni: vni, preservesClientAddress: preserves,
            targets: targets)
    }
}
