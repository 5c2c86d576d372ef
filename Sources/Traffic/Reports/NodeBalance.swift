// What each node says of the packets that came in and what became of them: in = out + parked +
// dropped, or the run fails.

/// One node's own counters, since its start.
public struct NodeBalance: Hashable, Sendable, Codable {
    public var node: String
    public var packetsIn: UInt64
    /// Translated, passed on to another node, or given to another engine of the node.
    public var packetsOut: UInt64
    public var packetsParked: UInt64
    public var packetsDropped: UInt64
    /// Drops by reason, in the order of their names.
    public var drops: [Drop]

    public struct Drop: Hashable, Sendable, Codable {
        public var reason: String
        public var packets: UInt64

        public init(reason: String, packets: UInt64) {
            self.reason = reason
            self.packets = packets
        }
    }

    public init(
        node: String, packetsIn: UInt64, packetsOut: UInt64, packetsParked: UInt64,
        packetsDropped: UInt64, drops: [Drop]
    ) {
        self.node = node
        self.packetsIn = packetsIn
        self.packetsOut = packetsOut
        self.packetsParked = packetsParked
        self.packetsDropped = packetsDropped
        self.drops = drops
    }

    /// in = out + parked + dropped, and every drop has a name.
    public var isBalanced: Bool {
        packetsIn == packetsOut + packetsParked + packetsDropped
            && packetsDropped == drops.reduce(0) { $0 + $1.packets }
    }
}

extension RunReport {
    /// Adds what the nodes counted. A node that lost count of a packet fails the run.
    public mutating func add(_ balance: [NodeBalance]) {
        self.balance = balance
        for node in balance where !node.isBalanced {
            failures.append(
                "\(node.node) lost count: \(node.packetsIn) packets in, \(node.packetsOut) out, "
                    + "\(node.packetsParked) parked, \(node.packetsDropped) dropped")
        }
        if !failures.isEmpty { verdict = .fail }
    }
}
