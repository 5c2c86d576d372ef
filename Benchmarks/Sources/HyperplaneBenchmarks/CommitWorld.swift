// Three nodes on loopback addresses that share one group, in the world of EngineWorld: the first leads
// every bucket, and one of the others, in turn, keeps its copy.

import Configuration
import Consensus
import Node
import Sealing
import Steering
import Wire

enum CommitWorld {
    static let nodes: [IPAddress] = (1...3).map { .v4(IPv4Address(127, 77, 0, $0)) }
    /// Where the leader's processor and the followers' play ping-pong.
    static let leaderEcho: IPAddress = .v4(IPv4Address(127, 77, 1, 1))
    static let followerEchoes: [IPAddress] = (2...3).map { .v4(IPv4Address(127, 77, 1, $0)) }
    /// A node by itself.
    static let alone: IPAddress = .v4(IPv4Address(127, 77, 2, 1))
    static let networkV6 = VNI(truncating: 300)
    static let balancerV6 = ResourceID(rawValue: 0xB6)
    static let balancerAddressV6 = IPv6Address(high: 0xFD00 << 48, low: 0xA)
    static let copies = 2
    static let key = EpochKey(epoch: 1, bytes: Array(repeating: 0x5A, count: 32))!

    static func isNode(_ address: IPAddress) -> Bool {
        guard case .v4(let address) = address else { return false }
        return address.rawValue >> 16 == 127 << 8 | 77
    }

    /// What the three nodes, or one of them, run by.
    static func snapshot(nodes count: Int = 3) -> Snapshot {
        var snapshot = EngineWorld.snapshot
        let ids = (1...UInt64(count)).map(NodeID.init(rawValue:))
        snapshot.cluster.keys = ChannelKeys(current: key)
        // As long as other times allow: a busy machine's benchmark is to see no view change.
        snapshot.cluster.leaseMilliseconds = 250
        snapshot.cluster.suspectMilliseconds = 290
        snapshot.nodes = zip(ids, nodes).map { id, address in
            NodeEntry(
                id: id, name: "node\(id.rawValue)", zone: "a", address: address, operations: "")
        }
        snapshot.groups = [
            GroupEntry(
                id: 1, members: ids,
                leaders: Array(repeating: 0, count: snapshot.cluster.bucketCount))
        ]
        addIPv6(to: &snapshot)
        return snapshot
    }

    private static func addIPv6(to snapshot: inout Snapshot) {
        snapshot.vpcs.append(
            VPCEntry(id: 2, tenant: 1, vni: networkV6, prefix: IPPrefix("fd00::/16")!))
        snapshot.targetGroups.append(
            TargetGroupEntry(
                id: 2, name: "web6", vni: networkV6, preservesClientAddress: true,
                targets: (1...16).map {
                    TargetEntry(
                        id: 0x8000 + $0, address: .v6(IPv6Address(high: 0xFD01 << 48, low: $0)),
                        port: Port(8080))
                }))
        snapshot.loadBalancers.append(
            LoadBalancerEntry(
                id: balancerV6, tenant: 1, name: "web6", vni: networkV6,
                hashKey: EngineWorld.hashKey, address: .v6(balancerAddressV6),
                listeners: [
                    ListenerEntry(
                        id: 2, index: 1, ipProtocol: .udp, port: Port(80), targetGroup: 2)
                ]))
    }

    /// One of the nodes.
    static func settings(node: UInt64, flows: Int) -> EngineSettings {
        var settings = EngineSettings(
            node: NodeID(rawValue: node), capacityFlows: flows, groupCapacity: 1,
            resourceCapacity: 64, frameCount: 16384, frameBytes: 2048, parkingCapacity: 8192,
            router: EngineWorld.targetHost, makeSealer: seal)
        settings.nonce = 0xC0FFEE + node
        return settings
    }

    /// The sealer that nodes use: AES-256-GCM.
    static func seal(_ own: ChannelIdentity, _ peer: ChannelIdentity) -> SealerBox {
        SealerBox(ChannelSealer(own: end(own), peer: end(peer)))
    }

    private static func end(_ identity: ChannelIdentity) -> ChannelEnd {
        ChannelEnd(
            address: identity.address, incarnation: identity.incarnation,
            nonce: identity.greeting.nonce)
    }
}

extension EnginePacket {
    /// A client's packet to the load balancer, in IPv6.
    static func toBalancerV6(_ number: UInt64) -> EnginePacket {
        let client = IPAddress.v6(IPv6Address(high: 0xFD00 << 48, low: 1 << 32 | number >> 14))
        let port = Port(UInt16(1024 + number & 0x3FFF))
        return EnginePacket(
            overlay: OverlayHeader(
                vni: CommitWorld.networkV6, innerIsIPv4: false,
                bucket: EngineWorld.buckets.loadBalancer(
                    ipProtocol: .udp, clientVNI: CommitWorld.networkV6, client: client,
                    clientPort: port),
                eni: ENI(rawValue: 0xE600_0000 + number >> 14), resource: CommitWorld.balancerV6,
                listener: 1),
            tuple: FlowTuple(
                ipProtocol: .udp, source: client, sourcePort: port,
                destination: .v6(CommitWorld.balancerAddressV6), destinationPort: Port(80)),
            machine: EngineWorld.host)
    }
}
