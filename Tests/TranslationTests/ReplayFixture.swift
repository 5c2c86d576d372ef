// A leader and its follower: two translators with tables of their own, and a stream of entries from the
// one to the other.

import Configuration
import Steering
import Tables
import Testing
import Wire

@testable import Translation

/// SplitMix64.
struct ReplayRandom: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }
}

enum ReplayWorld {
    static let nat = ResourceID(rawValue: 0xA1)
    static let balancer = ResourceID(rawValue: 0xA2)
    static let balancer6 = ResourceID(rawValue: 0xA3)
    static let network = VNI(truncating: 100)
    static let eip: IPAddress = .v4(IPv4Address(203, 0, 113, 1))
    static let buckets = 4

    /// Two nodes, two edges, one tenant; a gateway of 16 ports a bucket, two balancers, of which the
    /// IPv4 one keeps clients at their targets on port 80.
    static var snapshot: Snapshot {
        var snapshot = Snapshot(
            version: 1,
            cluster: ClusterSettings(id: 7, bucketCount: buckets, portRange: 1024...1087))
        snapshot.nodes = [1, 2].map {
            NodeEntry(
                id: NodeID(rawValue: $0), name: "node\($0)", zone: "a",
                address: .v4(IPv4Address(192, 0, 2, UInt8($0))), operations: "")
        }
        snapshot.edges = [1, 2].map {
            EdgeEntry(
                id: $0, name: "edge\($0)", address: .v4(IPv4Address(192, 0, 2, 200 + UInt8($0))))
        }
        snapshot.groups = [
            GroupEntry(
                id: 1, members: [NodeID(rawValue: 1), NodeID(rawValue: 2)],
                leaders: Array(repeating: 0, count: buckets))
        ]
        snapshot.tenants = [TenantEntry(id: 10, name: "acme", group: 1)]
        snapshot.vpcs = [
            VPCEntry(id: 1, tenant: 10, vni: network, prefix: IPPrefix("10.0.0.0/16")!)
        ]
        snapshot.natGateways = [
            NATGatewayEntry(
                id: nat, tenant: 10, name: "main", vni: network,
                hashKey: HashKey(first: 1, second: 2),
                eips: [
                    EIPEntry(id: 1, address: IPv4Address(203, 0, 113, 1), state: .available)
                ])
        ]
        addBalancers(&snapshot)
        return snapshot
    }

    private static func addBalancers(_ snapshot: inout Snapshot) {
        func group(_ id: UInt64, _ isSticky: Bool, _ address: (UInt64) -> IPAddress)
            -> TargetGroupEntry
        {
            TargetGroupEntry(
                id: id, name: "group\(id)", vni: network, preservesClientAddress: id != 3,
                isSticky: isSticky,
                targets: (1...3).map {
                    TargetEntry(id: 0x1000 * id + $0, address: address($0), port: Port(8080))
                })
        }
        snapshot.targetGroups = [
            group(1, true) { .v4(IPv4Address(10, 0, 8, UInt8($0))) },
            group(2, false) { IPAddress("fd00:a::8:\($0)")! },
            group(3, false) { .v4(IPv4Address(10, 0, 7, UInt8($0))) },
        ]
        func listener(_ index: UInt16, _ ipProtocol: IPProtocol, _ port: UInt16, _ group: UInt64)
            -> ListenerEntry
        {
            ListenerEntry(
                id: 0xD000 + UInt64(index), index: index, ipProtocol: ipProtocol, port: Port(port),
                targetGroup: group)
        }
        var web = LoadBalancerEntry(
            id: balancer, tenant: 10, name: "web", vni: network,
            hashKey: HashKey(first: 5, second: 6), address: .v4(IPv4Address(10, 0, 9, 10)),
            publicAddress: IPv4Address(203, 0, 113, 80))
        web.listeners = [listener(1, .tcp, 80, 1), listener(2, .udp, 53, 3)]
        var web6 = LoadBalancerEntry(
            id: balancer6, tenant: 10, name: "web6", vni: network,
            hashKey: HashKey(first: 7, second: 8), address: IPAddress("fd00:a::10")!)
        web6.listeners = [listener(1, .tcp, 80, 2), listener(2, .udp, 53, 2)]
        snapshot.loadBalancers = [web, web6]
    }
}

extension Snapshot {
    /// The same cluster, before there was any resource.
    static func empty(of later: Snapshot) -> Snapshot {
        var snapshot = later
        snapshot.natGateways = []
        snapshot.loadBalancers = []
        return snapshot
    }
}
