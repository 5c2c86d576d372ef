// Nodes that keep copies of each other's flows: engines with real members, on one clock, in a network
// that loses nothing but what goes to the dead.

import Configuration
import Consensus
import Node
import Translation
import Wire

/// Some nodes of a world, which may die and come back.
final class ReplicatedCluster {
    let world: World
    var nodes: [TestNode?]
    var starts: [UInt64]
    var records: [[GroupRecord]]
    var now = Tick.seconds(1_000)
    /// Flows that a node has room for.
    var capacities: [Int]

    /// Nodes that hear nothing, and those that are not heard, by other nodes.
    var deaf: Set<Int> = []
    var mute: Set<Int> = []

    static func address(_ index: Int) -> IPAddress { .v4(IPv4Address(192, 0, 2, UInt8(index + 1))) }

    /// - Parameters:
    ///   - apart: milliseconds between two nodes' starts.
    ///   - capacities: flows that each node has room for.
    ///   - arrange: changes the world before they start.
    init(
        nodes count: Int, bucketCount: Int = 64, apart: Int = 0, capacities: [Int]? = nil,
        portRange: ClosedRange<UInt16> = 1024...65535, arrange: (inout World) -> Void = { _ in }
    ) {
        var world = World(bucketCount: bucketCount, portRange: portRange)
        let ids = (1...UInt64(count)).map { NodeID(rawValue: $0) }
        world.snapshot.nodes = ids.enumerated().map { index, id in
            NodeEntry(
                id: id, name: "node\(id.rawValue)", zone: "a", address: Self.address(index),
                operations: "\(Self.address(index)):8480")
        }
        world.snapshot.groups = [UInt64(1), 2].map { group in
            GroupEntry(
                id: group, members: ids, leaders: (0..<bucketCount).map { UInt8($0 % count) })
        }
        arrange(&world)
        self.world = world
        self.capacities = capacities ?? Array(repeating: 2048, count: count)
        nodes = []
        starts = Array(repeating: 0, count: count)
        records = Array(repeating: [], count: count)
        for _ in 0..<count { nodes.append(nil) }
        for index in 0..<count {
            start(index)
            pass(milliseconds: apart)
        }
    }

    func start(_ index: Int) {
        starts[index] += 1
        let node = TestNode(
            world, node: UInt64(index) + 1, capacityFlows: capacities[index], start: starts[index],
            recorded: records[index], isViewFixed: false)
        node.now = now
        node.turnsBetweenChecks = 997
        nodes[index] = node
    }

    func kill(_ index: Int) { nodes[index] = nil }

    /// Lets time pass, a millisecond at a time. What left the cluster.
    @discardableResult
    func pass(milliseconds: Int) -> [Datagram] {
        var left: [Datagram] = []
        for _ in 0..<milliseconds {
            now = now + 1_000_000
            for (index, node) in nodes.enumerated() {
                guard let node else { continue }
                node.now = now
                node.engine.tick(now)
                left += deliver(node.drain(), from: index)
            }
            left += deliver([], from: 0)
        }
        return left
    }

    /// Sends a packet to a node; what left the cluster.
    @discardableResult
    func send(_ datagram: Datagram, to index: Int) -> [Datagram] {
        guard let node = nodes[index] else { return [] }
        return deliver(node.send(datagram), from: index)
    }

    private func deliver(_ first: [Datagram], from index: Int) -> [Datagram] {
        var left: [Datagram] = []
        var waiting: [(Int, Datagram)] = []
        route(first, index, &waiting, &left)
        for _ in 0..<100_000 {
            for (index, node) in nodes.enumerated() {
                guard let node else { continue }
                route(node.takeBatches(), index, &waiting, &left)
                while let record = node.engine.pollRecord() {
                    records[index].removeAll { $0.group == record.group }
                    records[index].append(record)
                    node.engine.recorded(record, at: now)
                }
            }
            guard !waiting.isEmpty else { break }
            let (next, datagram) = waiting.removeFirst()
            guard let node = nodes[next] else { continue }
            route(node.send(datagram), next, &waiting, &left)
        }
        return left
    }

    private func route(
        _ datagrams: [Datagram], _ from: Int, _ waiting: inout [(Int, Datagram)],
        _ left: inout [Datagram]
    ) {
        for datagram in datagrams {
            let next = nodes.indices.first { Self.address($0) == datagram.machine }
            guard let next else {
                left.append(datagram)
                continue
            }
            guard next == from || !deaf.contains(next) && !mute.contains(from) else { continue }
            waiting.append((next, datagram.from(Self.address(from))))
        }
    }

    /// The node that leads a bucket of a group, as each living node sees it; nil if they
    /// differ.
    func leader(of bucket: BucketIndex, group: Int = 0) -> Int? {
        let seen = nodes.compactMap { node in
            node?.engine.exchange.replica.leader(group: group, bucket)?.node
        }
        guard let first = seen.first, seen.allSatisfy({ $0 == first }),
            seen.count == nodes.count(where: { $0 != nil })
        else { return nil }
        return Int(first.rawValue) - 1
    }

    func checkInvariants() {
        for node in nodes { node?.engine.checkInvariants() }
    }
}
