// A snapshot comes back as it was written, and nothing damaged is ever taken for one.

import Configuration
import Testing
import Wire

@Suite struct SnapshotCodingTests {
    @Test func `a snapshot comes back as it was written`() throws {
        let snapshot = Snapshot.sample
        #expect(snapshot.problems() == [])
        #expect(try SnapshotDecoder.decode(SnapshotEncoder.encode(snapshot)) == snapshot)
    }

    @Test func `a torn snapshot is refused at every length`() {
        let bytes = SnapshotEncoder.encode(.sample)
        for length in 0..<bytes.count {
            #expect(throws: SnapshotError.torn) {
                try SnapshotDecoder.decode(Array(bytes[..<length]))
            }
        }
    }

    @Test func `one flipped bit anywhere is found`() {
        let bytes = SnapshotEncoder.encode(.sample)
        for index in bytes.indices where index != 6 && index != 7 {
            var damaged = bytes
            damaged[index] ^= 1 << UInt8(index % 8)
            #expect(throws: SnapshotError.self) { try SnapshotDecoder.decode(damaged) }
        }
    }

    @Test func `a newer format is named, not guessed at`() {
        var bytes = SnapshotEncoder.encode(.sample)
        bytes[5] = 4
        #expect(throws: SnapshotError.newerFormat(4)) { try SnapshotDecoder.decode(bytes) }
        bytes[5] = 2
        #expect(throws: SnapshotError.olderFormat(2)) { try SnapshotDecoder.decode(bytes) }
    }

    /// Whoever changes what stands in the body raises `SnapshotEncoder.format` and these two figures.
    @Test func `what stands in the body of this format is fixed`() {
        let bytes = SnapshotEncoder.encode(.sample)
        var hash = SipHash13(key0: 1, key1: 2)
        for byte in bytes[24...] { hash.combine(UInt64(byte)) }
        #expect(SnapshotEncoder.format == 3)
        #expect(bytes.count == 798)
        #expect(hash.finish() == 17_184_044_529_282_846_527)
    }

    @Test func `trailing bytes are refused`() {
        #expect(throws: SnapshotError.corrupt) {
            try SnapshotDecoder.decode(SnapshotEncoder.encode(.sample) + [0])
        }
    }
}

@Suite struct SnapshotProblemsTests {
    @Test func `two resources with one EIP are a problem`() {
        var snapshot = Snapshot.sample
        snapshot.natGateways.append(snapshot.natGateways[0])
        #expect(
            snapshot.problems() == [
                "two resources own the public address 203.0.113.1", "two resources have the id 12",
            ])
    }

    @Test func `buckets must divide the ports`() {
        var snapshot = Snapshot.sample
        snapshot.cluster.bucketCount = 5
        #expect(snapshot.problems().contains("5 buckets do not divide 64512 ports"))
    }

    @Test(arguments: [0, 512]) func `a view with all its buckets is one message`(count: Int) {
        var snapshot = Snapshot.sample
        snapshot.cluster.bucketCount = count
        #expect(snapshot.problems().contains("\(count) buckets are not between 1 and 256"))
    }

    @Test func `a group without a leader for each bucket is a problem`() {
        var snapshot = Snapshot.sample
        snapshot.groups[0].leaders.removeLast()
        #expect(snapshot.problems() == ["group 9 does not name a leader for each bucket"])
        snapshot.groups[0].leaders.append(7)
        #expect(snapshot.problems() == ["group 9 does not name a leader for each bucket"])
    }

    @Test func `a VPC may not take the outside's VNI`() {
        var snapshot = Snapshot.sample
        snapshot.vpcs[0].vni = .outside
        #expect(snapshot.problems().contains("VPC 11 has no tenant, or the VNI of the outside"))
    }

    @Test func `the numbers that consensus runs by stand in an order`() {
        func problems(_ change: (inout ClusterSettings) -> Void) -> [String] {
            var snapshot = Snapshot.sample
            change(&snapshot.cluster)
            return snapshot.problems()
        }
        #expect(problems { $0.leaseMilliseconds = 31 } == [])
        #expect(problems { $0.leaseMilliseconds = 30 }.count == 1)
        #expect(problems { $0.heartbeatMilliseconds = 0 }.count == 1)
        #expect(problems { $0.suspectMilliseconds = 51 } == [])
        #expect(problems { $0.suspectMilliseconds = 50 }.count == 1)
        #expect(problems { $0.driftPartsPerMillion = 100_001 }.count == 1)
        #expect(problems { $0.quietSeconds = 1 }.count == 1)
        #expect(problems { $0.copies = 4 } == [])
        #expect(problems { $0.copies = 5 }.count == 1)
        #expect(
            problems {
                $0.keys = ChannelKeys(current: $0.keys!.previous!, previous: $0.keys!.current)
            }
            .count == 1)
        #expect(problems { $0.keys = nil } == [])
    }

    @Test func `copies are a majority of a small group at most`() {
        var cluster = ClusterSettings(id: 1)
        #expect((1...7).map { cluster.quorum(members: $0).copies } == [1, 2, 2, 2, 3, 3, 3])
        cluster.copies = 3
        #expect((1...7).map { cluster.quorum(members: $0).copies } == [1, 2, 2, 3, 3, 3, 3])
        cluster.copies = 1
        #expect((1...5).map { cluster.quorum(members: $0).promises } == [1, 2, 3, 4, 5])
    }

    @Test func `a group has seven members at most, each once, and a configuration`() {
        var snapshot = Snapshot.sample
        snapshot.groups[0].configuration = 0
        #expect(snapshot.problems() == ["group 9 has more than 7 members, or no configuration"])
        snapshot.groups[0].configuration = 1
        snapshot.groups[0].members += snapshot.groups[0].members
        #expect(snapshot.problems() == ["group 9 names a member twice"])
    }

    @Test func `no secret is printed`() {
        let text = "\(Snapshot.sample)" + String(reflecting: Snapshot.sample.cluster)
        #expect(text.contains("epoch 2"))
        #expect(!text.contains("194") && !text.contains("193"))
    }

    @Test func `two VPCs with one VNI are a problem`() {
        var snapshot = Snapshot.sample
        snapshot.vpcs.append(snapshot.vpcs[0])
        #expect(snapshot.problems() == ["two VPCs have the VNI 5"])
    }

    @Test func `a resource in another tenant's VPC is a problem`() {
        var snapshot = Snapshot.sample
        snapshot.tenants.append(TenantEntry(id: 20, name: "bolt", group: 9))
        snapshot.vpcs[0].tenant = 20
        #expect(
            snapshot.problems() == [
                "NAT gateway main is in another tenant's VPC",
                "load balancer web is in, or forwards to, another tenant's VPC",
            ])
    }
}

extension Snapshot {
    /// One of everything.
    static var sample: Snapshot {
        var snapshot = Snapshot(version: 42, cluster: ClusterSettings(id: 7))
        snapshot.cluster.keys = ChannelKeys(
            current: EpochKey(epoch: 2, bytes: Array(repeating: 0xC2, count: 32))!,
            previous: EpochKey(epoch: 1, bytes: Array(repeating: 0xC1, count: 32))!)
        let node = NodeID(rawValue: 1)
        snapshot.nodes = [
            NodeEntry(
                id: node, name: "node1", zone: "a", address: .v4(IPv4Address(127, 0, 0, 11)),
                operations: "127.0.0.11:8480")
        ]
        snapshot.hosts = [
            HostEntry(id: 2, name: "host1", address: .v4(IPv4Address(127, 0, 1, 1)))
        ]
        snapshot.edges = [
            EdgeEntry(
                id: 3, name: "edge1", address: .v6(IPv6Address(high: 0xFD00 << 48, low: 1)))
        ]
        snapshot.groups = [
            GroupEntry(id: 9, members: [node], leaders: Array(repeating: 0, count: 64))
        ]
        snapshot.tenants = [TenantEntry(id: 10, name: "acme", group: 9)]
        let vni = VNI(truncating: 5)
        snapshot.vpcs = [
            VPCEntry(
                id: 11, tenant: 10, vni: vni,
                prefix: IPPrefix(.v4(IPv4Address(10, 0, 0, 0)), length: 16)!)
        ]
        snapshot.natGateways = [
            NATGatewayEntry(
                id: ResourceID(rawValue: 12), tenant: 10, name: "main", vni: vni,
                hashKey: HashKey(first: 1, second: 2),
                eips: [
                    EIPEntry(id: 13, address: IPv4Address(203, 0, 113, 1), state: .available)
                ])
        ]
        snapshot.loadBalancers = [
            LoadBalancerEntry(
                id: ResourceID(rawValue: 14), tenant: 10, name: "web", vni: vni,
                hashKey: HashKey(first: 3, second: 4), address: .v4(IPv4Address(10, 0, 9, 10)),
                publicAddress: IPv4Address(203, 0, 113, 9),
                listeners: [
                    ListenerEntry(
                        id: 15, index: 1, ipProtocol: .tcp, port: Port(80), targetGroup: 16)
                ])
        ]
        snapshot.targetGroups = [
            TargetGroupEntry(
                id: 16, name: "web", vni: vni, preservesClientAddress: true,
                targets: [
                    TargetEntry(id: 17, address: .v4(IPv4Address(10, 0, 8, 1)), port: Port(8080))
                ])
        ]
        return snapshot
    }
}
