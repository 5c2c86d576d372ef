// Nodes that speak with each other: what one sends to another's address comes there, batches and
// packets alike.

import Configuration
import Node
import Translation
import Wire

/// All nodes of a world, on one clock.
struct TestCluster {
    let world: World
    let nodes: [TestNode]
    static let addresses = [World.node1, World.node2]

    /// - Parameter starts: which start of their machines it is for the nodes.
    init(_ world: World, capacityFlows: Int = 1024, starts: [UInt64] = [1, 1]) {
        self.world = world
        nodes = zip(world.snapshot.nodes, starts).map { node, start in
            TestNode(world, node: node.id.rawValue, capacityFlows: capacityFlows, start: start)
        }
        pass(milliseconds: 50)
    }

    /// Lets time pass, a millisecond at a time, and everything be said. What left the cluster.
    @discardableResult
    func pass(milliseconds: Int) -> [Datagram] {
        var left: [Datagram] = []
        for _ in 0..<milliseconds {
            for node in nodes {
                node.now = node.now + 1_000_000
                left += node.step()
            }
            left += deliver([])
        }
        return left
    }

    /// Sends packets to the node that leads their bucket, or to a given one; what left the cluster.
    @discardableResult
    func send(_ datagrams: [Datagram], to index: Int? = nil) -> [Datagram] {
        deliver(
            datagrams.map { datagram in
                let group = world.snapshot.groups[0]
                let leader = Int(group.leaders[Int(datagram.overlay.bucket.rawValue)])
                return (index ?? leader, datagram)
            })
    }

    @discardableResult
    func send(_ datagram: Datagram, to index: Int? = nil) -> [Datagram] {
        send([datagram], to: index)
    }

    private func deliver(_ first: [(Int, Datagram)]) -> [Datagram] {
        var left: [Datagram] = []
        var waiting = first
        for _ in 0..<100_000 {
            for (index, node) in nodes.enumerated() {
                for batch in node.takeBatches() { route(batch, from: index, &waiting, &left) }
            }
            guard !waiting.isEmpty else { break }
            let (index, datagram) = waiting.removeFirst()
            for out in nodes[index].send(datagram) { route(out, from: index, &waiting, &left) }
        }
        return left
    }

    private func route(
        _ datagram: Datagram, from index: Int, _ waiting: inout [(Int, Datagram)],
        _ left: inout [Datagram]
    ) {
        guard let next = Self.addresses.firstIndex(of: datagram.machine) else {
            left.append(datagram)
            return
        }
        waiting.append((next, datagram.from(Self.addresses[index])))
    }
}

extension TestNode {
    func takeBatches() -> [Datagram] {
        defer { batches = [] }
        return batches
    }

    /// One tick, without a sweep of everything; what it forwarded.
    func step() -> [Datagram] {
        engine.tick(now)
        return drain()
    }
}
