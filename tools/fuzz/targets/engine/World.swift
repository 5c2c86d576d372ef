// The small world of the engine under the fuzzer, in variants.

import Configuration
import Wire

enum FuzzWorld {
    static let router: IPAddress = .v4(IPv4Address(192, 0, 2, 250))
    /// Nodes, hosts, an edge, this machine's router, and one that nobody knows.
    static let machines: [IPAddress] = [1, 2, 101, 102, 201, 250, 202, 99].map {
        .v4(IPv4Address(192, 0, 2, $0))
    }
    static let network = VNI(truncating: 100)
    static let network6 = VNI(truncating: 300)
    static let other = VNI(truncating: 200)

    /// Variants differ in who leads, which EIPs and targets are open, and what is there at all.
    static func snapshot(variant: UInt8) -> Snapshot {
        var snapshot = Snapshot(
            version: UInt64(variant),
            cluster: ClusterSettings(id: 1, bucketCount: 4, portRange: 1024...1039))
        for (index, address) in machines[0..<2].enumerated() {
            snapshot.nodes.append(
                NodeEntry(
                    id: NodeID(rawValue: UInt64(index) + 1), name: "", zone: "",
                    address: address, operations: ""))
        }
        snapshot.hosts = [
            HostEntry(id: 1, name: "", address: machines[2]),
            HostEntry(id: 2, name: "", address: machines[3]),
        ]
        if variant & 64 == 0 {
            snapshot.edges = [EdgeEntry(id: 1, name: "", address: machines[4])]
        }
        let leaders: [UInt8] = variant & 1 == 0 ? [0, 0, 0, 0] : [1, 0, 1, 0]
        snapshot.groups = [
            GroupEntry(id: 1, members: snapshot.nodes.map(\.id), leaders: leaders)
        ]
        snapshot.tenants = [
            TenantEntry(id: 1, name: "", group: 1), TenantEntry(id: 2, name: "", group: 1),
        ]
        for (id, vni) in [network, network6, other].enumerated() {
            guard let prefix = IPPrefix(vni == network6 ? "fd00::/16" : "10.0.0.0/16") else {
                fatalError("the prefix is well formed")
            }
            snapshot.vpcs.append(
                VPCEntry(
                    id: UInt64(id), tenant: vni == other ? 2 : 1, vni: vni, prefix: prefix))
        }
        addResources(to: &snapshot, variant: variant)
        if variant & 128 != 0 { limit(&snapshot) }
        return snapshot
    }

    static func addResources(to snapshot: inout Snapshot, variant: UInt8) {
        let key = HashKey(first: 3, second: 4)
        for (id, vni) in [(UInt64(1), network), (2, other)] where variant & 2 == 0 || id == 2 {
            let eips = (1...2).map { number in
                EIPEntry(
                    id: id * 2 + number,
                    address: IPv4Address(203, 0, 113, UInt8(id * 2 + number)),
                    state: variant & 4 != 0 && number == 1 ? .draining : .available)
            }
            snapshot.natGateways.append(
                NATGatewayEntry(
                    id: ResourceID(rawValue: id), tenant: id, name: "", vni: vni, hashKey: key,
                    eips: eips))
        }
        for id in [UInt64(3), 4] where variant & 8 == 0 {
            let isIPv6 = id == 4
            var balancer = LoadBalancerEntry(
                id: ResourceID(rawValue: id), tenant: 1, name: "",
                vni: isIPv6 ? network6 : network, hashKey: key,
                address: address(isIPv6, 0x90),
                publicAddress: IPv4Address(203, 0, 113, UInt8(80 + id)))
            for (index, ipProtocol) in [IPProtocol.udp, .tcp].enumerated() {
                for group in [id * 2, id * 2 + 1] {
                    balancer.listeners.append(
                        ListenerEntry(
                            id: UInt64(index), index: UInt16(group), ipProtocol: ipProtocol,
                            port: Port(UInt16(80 + group)), targetGroup: group))
                }
            }
            snapshot.loadBalancers.append(balancer)
            for group in [id * 2, id * 2 + 1] {
                snapshot.targetGroups.append(
                    TargetGroupEntry(
                        id: group, name: "", vni: balancer.vni,
                        preservesClientAddress: group & 1 == 0,
                        targets: (1...2).map { number in
                            TargetEntry(
                                id: group * 16 + number,
                                address: address(isIPv6 != (variant & 16 != 0), UInt8(number)),
                                port: Port(443), weight: UInt16(number - 1) * 5 + 1,
                                state: variant & 32 != 0 ? .draining : .healthy)
                        }))
            }
        }
    }

    /// Quotas, stickiness, and targets whose drain time is over.
    static func limit(_ snapshot: inout Snapshot) {
        snapshot.tenants[0].quota = Quota(flows: 8, packetsPerSecond: 1000)
        snapshot.tenants[1].quota = Quota(newFlowsPerSecond: 2)
        for index in snapshot.natGateways.indices {
            snapshot.natGateways[index].portsPerAddress = 4
        }
        for index in snapshot.targetGroups.indices {
            snapshot.targetGroups[index].isSticky = index & 1 == 0
            snapshot.targetGroups[index].algorithm = .leastFlows
            snapshot.targetGroups[index].targets[0].state = .terminated
        }
    }

    static func address(_ isIPv6: Bool, _ last: UInt8) -> IPAddress {
        isIPv6
            ? .v6(IPv6Address(high: 0xFD00 << 48, low: UInt64(last)))
            : .v4(IPv4Address(10, 0, 8, last))
    }
}
