// The cluster that a self-test pretends to speak to: the quick start's, without a machine behind it.

public import Configuration
import Wire

extension Snapshot {
    /// Five nodes, two hosts, an edge; tenant `acme` with a NAT gateway of two EIPs and a load
    /// balancer of four targets.
    public static func selftest(
        nodes nodeCount: Int = 5, eips: Int = 2, bucketCount: Int = 64,
        portRange: ClosedRange<UInt16> = 1024...65535
    ) -> Snapshot {
        // Loopback addresses of its own, beside those of the quick start.
        func outer(_ third: UInt8, _ fourth: Int) -> IPAddress {
            .v4(IPv4Address(127, 77, third, UInt8(fourth)))
        }
        var snapshot = Snapshot(
            version: 1,
            cluster: ClusterSettings(id: 1, bucketCount: bucketCount, portRange: portRange))
        snapshot.nodes = (0..<nodeCount).map { index in
            NodeEntry(
                id: NodeID(rawValue: UInt64(index + 1)), name: "node\(index + 1)",
                zone: "zone\(index + 1)", address: outer(0, 11 + index), operations: "")
        }
        snapshot.hosts = (1...2).map {
            HostEntry(id: $0, name: "host\($0)", address: outer(1, Int($0)))
        }
        snapshot.edges = [EdgeEntry(id: 1, name: "edge1", address: outer(2, 1))]
        snapshot.groups = [
            GroupEntry(
                id: 1, members: snapshot.nodes.map(\.id),
                leaders: (0..<snapshot.cluster.bucketCount).map { UInt8($0 % nodeCount) })
        ]
        snapshot.tenants = [TenantEntry(id: 1, name: "acme", group: 1)]
        snapshot.addSelftestResources(eips: eips)
        return snapshot
    }

    private mutating func addSelftestResources(eips: Int) {
        let vni = VNI(truncating: 100)
        guard let prefix = IPPrefix(.v4(IPv4Address(10, 0, 0, 0)), length: 16) else { return }
        vpcs = [VPCEntry(id: 1, tenant: 1, vni: vni, prefix: prefix)]
        natGateways = [
            NATGatewayEntry(
                id: ResourceID(rawValue: 1), tenant: 1, name: "main", vni: vni,
                hashKey: HashKey(first: 1, second: 2),
                eips: (1...eips).map {
                    EIPEntry(
                        id: UInt64($0), address: IPv4Address(203, 0, 113, UInt8($0)),
                        state: .available)
                })
        ]
        loadBalancers = [
            LoadBalancerEntry(
                id: ResourceID(rawValue: 2), tenant: 1, name: "web", vni: vni,
                hashKey: HashKey(first: 3, second: 4), address: .v4(IPv4Address(10, 0, 9, 10)),
                publicAddress: IPv4Address(203, 0, 113, 200),
                listeners: [
                    ListenerEntry(
                        id: 1, index: 1, ipProtocol: .udp, port: Port(53), targetGroup: 1),
                    ListenerEntry(
                        id: 2, index: 2, ipProtocol: .tcp, port: Port(80), targetGroup: 1),
                ])
        ]
        targetGroups = [
            TargetGroupEntry(
                id: 1, name: "web", vni: vni, preservesClientAddress: true,
                targets: (1...4).map {
                    TargetEntry(
                        id: UInt64($0), address: .v4(IPv4Address(10, 0, 8, UInt8($0))),
                        port: Port(8080))
                })
        ]
    }
}
