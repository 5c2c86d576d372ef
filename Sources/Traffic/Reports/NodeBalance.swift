// What each node says of the packets that came in and what became of them: in = out + parked +
// dropped, over all and for each resource, or the run fails.

/// One node's own counters, since its start.
public struct NodeBalance: Hashable, Sendable, Codable {
    public var node: String
    public var packetsIn: UInt64
    /// Translated, passed on to another node, given to another engine of the node.
    public var packetsOut: UInt64
    public var packetsParked: UInt64
    public var packetsDropped: UInt64
    /// Drops by reason, in the order of their names.
    public var drops: [Drop]
    /// What it counted for each resource that it led buckets of.
    public var resources: [ResourceBalance]

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
        packetsDropped: UInt64, drops: [Drop], resources: [ResourceBalance] = []
    ) {
        self.node = node
        self.packetsIn = packetsIn
        self.packetsOut = packetsOut
        self.packetsParked = packetsParked
        self.packetsDropped = packetsDropped
        self.drops = drops
        self.resources = resources
    }

    /// in = out + parked + dropped, and every drop has a name.
    public var isBalanced: Bool {
        packetsIn == packetsOut + packetsParked + packetsDropped
            && packetsDropped == drops.reduce(0) { $0 + $1.packets }
    }

    /// The resources whose counts don't come out.
    var unbalanced: [ResourceBalance] {
        resources.filter { !$0.isBalanced(parkedAtMost: packetsParked) }
    }
}

/// The packets of one resource, at one node or at all.
public struct ResourceBalance: Hashable, Sendable, Codable {
    public var resource: String
    /// `tenant/name`, of resources that the run drove.
    public var name: String?
    public var packetsIn: UInt64
    /// Translated, in either direction.
    public var packetsOut: UInt64
    public var packetsDropped: UInt64
    public var drops: [NodeBalance.Drop]

    public init(
        resource: String, packetsIn: UInt64, packetsOut: UInt64, packetsDropped: UInt64,
        drops: [NodeBalance.Drop]
    ) {
        self.resource = resource
        self.packetsIn = packetsIn
        self.packetsOut = packetsOut
        self.packetsDropped = packetsDropped
        self.drops = drops
    }

    /// A node knows what is parked in all, not of which resource.
    func isBalanced(parkedAtMost parked: UInt64) -> Bool {
        let accounted = packetsOut + packetsDropped
        return accounted <= packetsIn && packetsIn - accounted <= parked
            && packetsDropped == drops.reduce(0) { $0 + $1.packets }
    }

    mutating func add(_ other: ResourceBalance) {
        packetsIn += other.packetsIn
        packetsOut += other.packetsOut
        packetsDropped += other.packetsDropped
        for drop in other.drops {
            if let index = drops.firstIndex(where: { $0.reason == drop.reason }) {
                drops[index].packets += drop.packets
            } else {
                drops.append(drop)
            }
        }
        drops.sort { $0.reason < $1.reason }
    }
}

extension RunReport {
    /// Adds what the nodes counted. A node that lost count of a packet fails the run.
    public mutating func add(_ balance: [NodeBalance]) {
        self.balance = balance
        perResource = Self.summed(balance)
        for node in balance where !node.isBalanced {
            failures.append(
                "\(node.node) lost count: \(node.packetsIn) packets in, \(node.packetsOut) out, "
                    + "\(node.packetsParked) parked, \(node.packetsDropped) dropped")
        }
        for node in balance {
            for resource in node.unbalanced {
                failures.append(
                    "\(node.node) lost count of \(resource.resource): \(resource.packetsIn) "
                        + "packets in, \(resource.packetsOut) out, \(resource.packetsDropped) "
                        + "dropped")
            }
        }
        if !failures.isEmpty { verdict = .fail }
    }

    /// Says what a resource is called.
    public mutating func name(_ resource: String, _ name: String) {
        guard let index = perResource?.firstIndex(where: { $0.resource == resource }) else {
            return
        }
        perResource?[index].name = name
    }

    /// Each resource that had packets, over all nodes, by name.
    private static func summed(_ balance: [NodeBalance]) -> [ResourceBalance] {
        var sums: [ResourceBalance] = []
        for resource in balance.flatMap(\.resources) where resource.packetsIn > 0 {
            if let index = sums.firstIndex(where: { $0.resource == resource.resource }) {
                sums[index].add(resource)
            } else {
                sums.append(resource)
            }
        }
        return sums.sorted { $0.resource < $1.resource }
    }
}
