// A node in memory behind its operations: one engine on a thread of its own, as the daemon has it,
// and a snapshot with a gateway and a balancer with two listeners.

import Configuration
import Foundation
import Node
import Operations
import Synchronization
import Translation
import Wire

/// The engine and the thread that does the jobs of its mailbox.
final class ServedNode: Sendable {
    static let id = NodeID(rawValue: 1)
    let operations: NodeOperations
    let mailbox = EngineMailbox {}
    private let isStopping = Atomic(false)

    /// Without a snapshot the node has no engine either.
    init(_ snapshot: Snapshot?) {
        operations = NodeOperations(
            identity: .init(id: Self.id, name: "node1", capacityFlows: 1024),
            clock: { Tick.seconds(1_000) }, socketCounters: { [:] }, memoryFraction: { 1 },
            portsRestSeconds: { 57.5 })
        guard let snapshot else { return }
        operations.setSnapshot(snapshot, from: .service)
        operations.setEngines([mailbox])
        let thread = Thread { [self] in
            var settings = EngineSettings(
                node: Self.id, capacityFlows: 1024, groupCapacity: 4, resourceCapacity: 64,
                frameCount: 256, frameBytes: 2048, router: IPAddress("192.0.2.250"))
            settings.isViewFixed = true
            var engine = Engine(settings, snapshot: snapshot, seed: 7)
            while !isStopping.load(ordering: .relaxed) {
                mailbox.work(on: &engine, at: Tick.seconds(1_000))
                usleep(100)
            }
        }
        thread.stackSize = 8 << 20
        thread.start()
    }

    func stop() { isStopping.store(true, ordering: .relaxed) }

    /// Sends a described packet through the engine; how many packets left.
    func send(_ packet: DescribedPacket) async -> Int {
        await mailbox.ask { engine, now in
            guard let frame = engine.frames.take() else { return 0 }
            let start = engine.frames.headroomBytes
            var span = engine.frames.mutableBytes(
                frame, start: start, count: packet.bytes.count)
            span.store(packet.bytes.rawSpan, at: 0)
            engine.handle(
                [
                    Packet(
                        frame: frame, start: UInt16(start), length: UInt16(packet.bytes.count),
                        remote: packet.machine)
                ], at: now)
            let count = engine.outgoing.count
            for packet in engine.outgoing { engine.frames.give(packet.frame) }
            engine.outgoing.removeAll()
            return count
        }
    }
}

/// Runs `body` with a node, and stops its thread.
func withNode(
    _ snapshot: Snapshot? = .sample, _ body: (ServedNode) async throws -> Void
) async throws {
    let node = ServedNode(snapshot)
    defer { node.stop() }
    try await body(node)
}

extension Snapshot {
    static let gateway = ResourceID(rawValue: 0xA1)
    static let balancer = ResourceID(rawValue: 0xA2)
    static let network = VNI(truncating: 100)

    /// One tenant, one node that leads all, one host, one edge.
    static let sample: Snapshot = {
        var snapshot = Snapshot(version: 12, cluster: ClusterSettings(id: 7))
        snapshot.nodes = [
            NodeEntry(
                id: ServedNode.id, name: "node1", zone: "a", address: IPAddress("192.0.2.1")!,
                operations: "192.0.2.1:8480")
        ]
        snapshot.hosts = [
            HostEntry(id: 1, name: "host1", address: IPAddress("192.0.2.101")!)
        ]
        snapshot.edges = [
            EdgeEntry(id: 1, name: "edge1", address: IPAddress("192.0.2.201")!)
        ]
        snapshot.groups = [
            GroupEntry(
                id: 1, members: [ServedNode.id],
                leaders: [UInt8](repeating: 0, count: snapshot.cluster.bucketCount))
        ]
        snapshot.tenants = [TenantEntry(id: 10, name: "acme", group: 1)]
        snapshot.vpcs = [
            VPCEntry(id: 1, tenant: 10, vni: network, prefix: IPPrefix("10.0.0.0/16")!)
        ]
        snapshot.natGateways = [
            NATGatewayEntry(
                id: gateway, tenant: 10, name: "main", vni: network,
                hashKey: HashKey(first: 1, second: 2),
                eips: [
                    EIPEntry(id: 1, address: IPv4Address(203, 0, 113, 1), state: .available)
                ])
        ]
        snapshot.targetGroups = [group(1, port: 80, last: 1), group(2, port: 443, last: 2)]
        snapshot.loadBalancers = [
            LoadBalancerEntry(
                id: balancer, tenant: 10, name: "web", vni: network,
                hashKey: HashKey(first: 3, second: 4), address: IPAddress("10.0.9.10")!,
                publicAddress: IPv4Address(203, 0, 113, 80),
                listeners: [
                    ListenerEntry(
                        id: 1, index: 1, ipProtocol: .tcp, port: Port(80), targetGroup: 1),
                    ListenerEntry(
                        id: 2, index: 2, ipProtocol: .tcp, port: Port(443), targetGroup: 2),
                ])
        ]
        return snapshot
    }()

    private static func group(_ id: UInt64, port: UInt16, last: Int) -> TargetGroupEntry {
        TargetGroupEntry(
            id: id, name: "group\(id)", vni: network, preservesClientAddress: true,
            targets: [
                TargetEntry(id: id * 16, address: IPAddress("10.0.8.\(last)")!, port: Port(port))
            ])
    }
}
