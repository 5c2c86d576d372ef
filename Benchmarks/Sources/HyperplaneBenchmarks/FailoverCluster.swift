// The five nodes on one virtual clock, in a network of constant delay that loses nothing. Each has a
// processor of its own there: its turns take the time that they took here, or none.

import Consensus
import Node
import Wire

struct FailoverCluster {
    private(set) var nodes: [FailoverNode?]
    private(set) var now = Tick.seconds(1_000)
    /// Nanoseconds of a processor for each datagram that a node sends or receives; nil: turns take no
    /// time.
    var charge: Double?
    /// Packets that left the cluster, if they are wanted.
    var released: [(node: Int, tuple: FlowTuple)] = []
    var releasedCount = 0
    /// What all nodes have sealed.
    let counts = MessageCounts()

    /// One way.
    private static let delayNanoseconds: UInt64 = 20_000
    static let victim = 0

    init(_ world: FailoverWorld) {
        let (now, counts) = (now, counts)
        nodes = (0..<FailoverWorld.nodeCount).map {
            FailoverNode($0, world.snapshot, counts, at: now)
        }
    }

    var survivors: [FailoverNode] { nodes.compactMap(\.self) }

    mutating func kill(_ index: Int) { nodes[index] = nil }

    /// The node whose turn is next makes it.
    mutating func step() {
        var next = 0
        var due = Tick(rawValue: .max)
        for (index, node) in nodes.enumerated() {
            guard let node, node.due < due else { continue }
            (next, due) = (index, node.due)
        }
        guard let node = nodes[next] else { return }
        now = max(now, due)
        let (departure, packets) = node.turn(charge: charge)
        for (destination, bytes) in packets {
            guard let target = FailoverWorld.node(destination) else {
                note(bytes, from: next)
                continue
            }
            nodes[target]?.put(
                Transit(
                    arrival: departure + Self.delayNanoseconds, source: node.address, bytes: bytes))
        }
    }

    mutating func pass(milliseconds: UInt64) {
        let end = now + milliseconds * 1_000_000
        while now < end { step() }
    }

    /// A packet of a host's arrives at a node.
    mutating func send(_ packet: EnginePacket, to index: Int) {
        var bytes = [UInt8](repeating: 0, count: packet.length)
        var span = bytes.mutableRawSpan
        packet.write(to: &span)
        nodes[index]?.put(Transit(arrival: now, source: packet.machine, bytes: bytes))
    }

    private mutating func note(_ bytes: [UInt8], from node: Int) {
        releasedCount += 1
        let inner = bytes.rawSpan.extracting(OverlayHeader.byteCount..<bytes.count)
        guard let summary = try? PacketSummary.parse(inner) else { return }
        released.append((node, summary.tuple))
    }

    // MARK: Where it stands

    /// Whether every bucket has a leader that may decide, every copy that a view names is full, and
    /// none is one too many.
    func isSettled(copies: Int) -> Bool {
        for node in survivors {
            let standing = node.engine.standing
            guard standing.filling == 0, standing.opening == 0 else { return false }
        }
        return (0..<FailoverWorld.groupCount).allSatisfy { group in
            guard let view = survivors[0].engine.exchange.replica.view(group: group) else {
                return false
            }
            return view.buckets.indices.allSatisfy {
                view.buckets[$0].replicas.count == copies
                    && self.leader(group: group, bucket: $0)
                        == FailoverWorld.leader(group: group, bucket: $0)
            }
        }
    }

    /// The node that may decide for a bucket, by its own word.
    func leader(group: Int, bucket: Int) -> Int? {
        nodes.firstIndex { node in
            guard let node else { return false }
            let copy = node.engine.exchange.replica.copy(group: group, BucketIndex(bucket))
            return node.engine.exchange.replica.mayDecide(copy)
        }
    }

    /// What a group lacks to run without the victim, nil if nothing: all members that are left have such
    /// a view, know that it is active and have a lease, and each bucket's leader may decide.
    func lack(of group: Int) -> String? {
        let victim = NodeID(rawValue: UInt64(Self.victim) + 1)
        for node in survivors {
            guard let view = node.engine.exchange.replica.view(group: group),
                view.seat(of: victim).map({ !view.live.contains(seat: $0) }) ?? true
            else { return "a view at \(node.address)" }
            guard node.engine.exchange.replica.isActive(group: group) else {
                return "an active view at \(node.address)"
            }
            guard let lease = node.engine.exchange.leases.end(of: view.group), lease > now else {
                return "a lease of \(node.address)"
            }
        }
        return (0..<FailoverWorld.bucketCount).first { leader(group: group, bucket: $0) == nil }
            .map { "a leader of bucket \($0)" }
    }
}
