// The snapshot that the engine is measured under: one tenant, a NAT gateway with 8 EIPs, and a load
// balancer with 16 targets that see their clients' addresses.

import Configuration
import Steering
import Wire

enum EngineWorld {
    static let host: IPAddress = .v4(IPv4Address(192, 0, 2, 101))
    static let targetHost: IPAddress = .v4(IPv4Address(192, 0, 2, 102))
    static let edge: IPAddress = .v4(IPv4Address(192, 0, 2, 201))
    static let network = VNI(truncating: 100)
    static let gateway = ResourceID(rawValue: 0xA1)
    static let balancer = ResourceID(rawValue: 0xB1)
    static let balancerAddress = IPv4Address(10, 255, 0, 10)
    static let hashKey = HashKey(first: 0x1234_5678_9ABC_DEF0, second: 0x0FED_CBA9_8765_4321)
    static let buckets = BucketHash(
        key0: hashKey.first, key1: hashKey.second, bucketCount: 64)
    static let portSets = PortSets(range: 1024...65535, bucketCount: 64)!

    static var snapshot: Snapshot {
        var snapshot = Snapshot(version: 1, cluster: ClusterSettings(id: 1))
        let node = NodeID(rawValue: 1)
        snapshot.nodes = [
            NodeEntry(
                id: node, name: "node1", zone: "a", address: .v4(IPv4Address(192, 0, 2, 1)),
                operations: "")
        ]
        snapshot.hosts = [
            HostEntry(id: 1, name: "host1", address: host),
            HostEntry(id: 2, name: "host2", address: targetHost),
        ]
        snapshot.edges = [EdgeEntry(id: 1, name: "edge1", address: edge)]
        snapshot.groups = [
            GroupEntry(id: 1, members: [node], leaders: Array(repeating: 0, count: 64))
        ]
        snapshot.tenants = [TenantEntry(id: 1, name: "acme", group: 1)]
        snapshot.vpcs = [
            VPCEntry(id: 1, tenant: 1, vni: network, prefix: IPPrefix("10.0.0.0/8")!)
        ]
        snapshot.natGateways = [
            NATGatewayEntry(
                id: gateway, tenant: 1, name: "main", vni: network, hashKey: hashKey,
                eips: (1...8).map {
                    EIPEntry(
                        id: UInt64($0), address: IPv4Address(203, 0, 113, UInt8($0)),
                        state: .available)
                })
        ]
        snapshot.targetGroups = [
            TargetGroupEntry(
                id: 1, name: "web", vni: network, preservesClientAddress: true,
                targets: (1...16).map {
                    TargetEntry(
                        id: 0x7000 + UInt64($0),
                        address: .v4(IPv4Address(10, 254, 0, UInt8($0))), port: Port(8080))
                })
        ]
        snapshot.loadBalancers = [
            LoadBalancerEntry(
                id: balancer, tenant: 1, name: "web", vni: network, hashKey: hashKey,
                address: .v4(balancerAddress),
                listeners: [
                    ListenerEntry(
                        id: 1, index: 1, ipProtocol: .udp, port: Port(80), targetGroup: 1)
                ])
        ]
        return snapshot
    }
}

/// One datagram in the making: the encapsulation and a UDP packet of 8 bytes of data.
struct EnginePacket {
    var overlay: OverlayHeader
    var tuple: FlowTuple
    var machine: IPAddress

    static let innerBytes = 20 + 8 + 8
    static let byteCount = OverlayHeader.byteCount + innerBytes

    /// An instance's packet to the NAT gateway. Flow `number`'s: a thousand instances, 4,096
    /// destinations.
    static func toGateway(_ number: UInt64) -> EnginePacket {
        let mixed = SplitMix.mixed(number &+ 0x9E37_79B9_7F4A_7C15)
        let tuple = FlowTuple(
            ipProtocol: .udp,
            source: .v4(IPv4Address(rawValue: 10 << 24 | UInt32(truncatingIfNeeded: number >> 14))),
            sourcePort: Port(UInt16(1024 + number & 0x3FFF)),
            destination: .v4(
                IPv4Address(rawValue: 0xC612_0000 | UInt32(truncatingIfNeeded: mixed & 0xFFF))),
            destinationPort: Port(53))
        return EnginePacket(
            overlay: OverlayHeader(
                vni: EngineWorld.network, innerIsIPv4: true,
                bucket: EngineWorld.buckets.natOutbound(tuple),
                eni: ENI(rawValue: 0xE000_0000 + number >> 14), resource: EngineWorld.gateway),
            tuple: tuple, machine: EngineWorld.host)
    }

    /// A client's packet to the load balancer.
    static func toBalancer(_ number: UInt64) -> EnginePacket {
        let tuple = FlowTuple(
            ipProtocol: .udp,
            source: .v4(IPv4Address(rawValue: 10 << 24 | UInt32(truncatingIfNeeded: number >> 14))),
            sourcePort: Port(UInt16(1024 + number & 0x3FFF)),
            destination: .v4(EngineWorld.balancerAddress), destinationPort: Port(80))
        return EnginePacket(
            overlay: OverlayHeader(
                vni: EngineWorld.network, innerIsIPv4: true,
                bucket: EngineWorld.buckets.loadBalancer(
                    ipProtocol: .udp, clientVNI: EngineWorld.network, client: tuple.source,
                    clientPort: tuple.sourcePort),
                eni: ENI(rawValue: 0xE000_0000 + number >> 14), resource: EngineWorld.balancer,
                listener: 1),
            tuple: tuple, machine: EngineWorld.host)
    }

    /// The answer to what the engine sent with `translated`, by the edge or the target's host.
    static func answer(_ translated: FlowTuple, to sent: EnginePacket) -> EnginePacket {
        var overlay = sent.overlay
        overlay.marks = .inbound
        let isNAT = sent.overlay.resource == EngineWorld.gateway
        overlay.vni = isNAT ? .outside : EngineWorld.network
        overlay.eni = isNAT ? .none : ENI(rawValue: 0x7A6)
        return EnginePacket(
            overlay: overlay, tuple: translated.reversed,
            machine: isNAT ? EngineWorld.edge : EngineWorld.targetHost)
    }

    /// `byteCount`, or what it is in IPv6.
    var length: Int { tuple.source.isIPv4 ? Self.byteCount : Self.byteCount + 20 }

    func write(to bytes: inout MutableRawSpan) {
        overlay.write(to: &bytes)
        var inner = bytes._mutatingExtracting(OverlayHeader.byteCount..<length)
        let headerBytes = writeHeader(to: &inner)
        var udp = inner._mutatingExtracting(headerBytes..<headerBytes + 16)
        UDPHeader(
            sourcePort: tuple.sourcePort, destinationPort: tuple.destinationPort, payloadBytes: 8
        ).write(to: &udp)
        let sum = InternetChecksum.sum(
            udp, from: 0, count: 16,
            initial: InternetChecksum.pseudoHeader(
                source: tuple.source, destination: tuple.destination, ipProtocol: .udp,
                length: 16))
        udp.store(bigEndian: InternetChecksum.foldUDP(sum), at: 6)
    }

    /// Writes the inner IP header; its length.
    private func writeHeader(to inner: inout MutableRawSpan) -> Int {
        switch (tuple.source, tuple.destination) {
        case (.v4(let source), .v4(let destination)):
            IPv4Header(
                ipProtocol: .udp, source: source, destination: destination, payloadBytes: 16
            ).write(to: &inner)
            return 20
        case (.v6(let source), .v6(let destination)):
            IPv6Header(
                nextHeader: .udp, source: source, destination: destination, payloadBytes: 16
            ).write(to: &inner)
            return 40
        default: preconditionFailure("both ends are of one family")
        }
    }
}
