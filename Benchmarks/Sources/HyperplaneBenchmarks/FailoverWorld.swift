// Five nodes and 600 groups in which all of them are members, each group with a tenant and a NAT
// gateway of its own. The groups' orders of members are rotated, as rendezvous makes them differ.

import Configuration
import Node
import Wire

struct FailoverWorld {
    static let nodeCount = 5
    static let groupCount = 600
    static let bucketCount = 64
    let snapshot: Snapshot

    static func address(_ node: Int) -> IPAddress { .v4(IPv4Address(192, 0, 2, UInt8(node + 1))) }

    static func node(_ address: IPAddress) -> Int? {
        (0..<nodeCount).first { self.address($0) == address }
    }

    init() {
        var snapshot = EngineWorld.snapshot
        let ids = (1...UInt64(Self.nodeCount)).map(NodeID.init(rawValue:))
        snapshot.cluster.keys = ChannelKeys(current: CommitWorld.key)
        snapshot.nodes = ids.enumerated().map { index, id in
            NodeEntry(
                id: id, name: "node\(id.rawValue)", zone: "a", address: Self.address(index),
                operations: "")
        }
        let gateway = snapshot.natGateways[0]
        snapshot.groups = []
        snapshot.tenants = []
        snapshot.vpcs = []
        snapshot.natGateways = []
        snapshot.targetGroups = []
        snapshot.loadBalancers = []
        for group in 0..<Self.groupCount { Self.add(group, gateway, ids, to: &snapshot) }
        self.snapshot = snapshot
    }

    private static func add(
        _ group: Int, _ pattern: NATGatewayEntry, _ ids: [NodeID], to snapshot: inout Snapshot
    ) {
        let id = UInt64(group) + 1
        let first = group % ids.count
        let buckets = snapshot.cluster.bucketCount
        snapshot.groups.append(
            GroupEntry(
                id: id, members: Array(ids[first...] + ids[..<first]),
                leaders: (0..<buckets).map { UInt8($0 % ids.count) }))
        snapshot.tenants.append(TenantEntry(id: id, name: "tenant\(id)", group: id))
        snapshot.vpcs.append(
            VPCEntry(id: id, tenant: id, vni: network(group), prefix: IPPrefix("10.0.0.0/8")!))
        var gateway = pattern
        gateway.id = resource(group)
        gateway.tenant = id
        gateway.vni = network(group)
        gateway.eips = [
            EIPEntry(
                id: id, address: IPv4Address(203, 0, UInt8(100 + group / 200), UInt8(group % 200)),
                state: .available)
        ]
        snapshot.natGateways.append(gateway)
    }

    private static func network(_ group: Int) -> VNI { VNI(truncating: 1000 + UInt32(group)) }
    private static func resource(_ group: Int) -> ResourceID {
        ResourceID(rawValue: 0xA_0000 + UInt64(group))
    }

    /// The node that a bucket of a group is placed on.
    static func leader(group: Int, bucket: Int) -> Int { (group + bucket % nodeCount) % nodeCount }

    /// Packets that begin `count` flows, spread over all groups, in buckets that `node` leads.
    static func packets(_ count: Int, ledBy node: Int) -> [(group: Int, packet: EnginePacket)] {
        var packets: [(group: Int, packet: EnginePacket)] = []
        var number: UInt64 = 0
        while packets.count < count {
            let group = packets.count % groupCount
            var packet = EnginePacket.toGateway(number)
            number += 1
            guard leader(group: group, bucket: Int(packet.overlay.bucket.rawValue)) == node else {
                continue
            }
            packet.overlay.vni = network(group)
            packet.overlay.resource = resource(group)
            packets.append((group, packet))
        }
        return packets
    }

    static func settings(node: Int, _ counts: MessageCounts) -> EngineSettings {
        var settings = EngineSettings(
            node: NodeID(rawValue: UInt64(node) + 1), capacityFlows: 1 << 18, groupCapacity: 1024,
            resourceCapacity: 1024, frameCount: 16384, frameBytes: 2048, parkingCapacity: 8192,
            router: EngineWorld.targetHost
        ) { SealerBox(CountingSealer($0, $1, counts)) }
        settings.nonce = 0xC0FFEE + UInt64(node)
        return settings
    }
}
