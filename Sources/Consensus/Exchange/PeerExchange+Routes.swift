// Who leads which bucket: the node by the configuration, its engine by the node's greeting.

public import Configuration
import Tables
public import Wire

extension PeerExchange where Sealer: ~Copyable {
    /// Takes the groups of a configuration into force: channels to their members, routes to their
    /// buckets. Costs nothing if they are as they were. Allocates.
    ///
    /// Loans of buckets that got another leader are void; `loans.pollLost` says which.
    public mutating func apply(_ groups: [GroupEntry], at now: Tick) {
        let next = groups.filter { $0.members.contains(own.address.node) }
        guard next != self.groups else { return }
        for group in self.groups where !next.contains(where: { $0.id == group.id }) {
            loans.removeGroup(group.id)
        }
        self.groups = next
        setRoutes(at: now)
    }

    mutating func learnEngineCount(_ channel: Int) {
        guard let told = channels.with(channel, { $0.peerIdentity }) else { return }
        let node = told.address.node.rawValue
        guard engineCounts[node] != UInt32(told.greeting.engineCount) else { return }
        engineCounts.set(node, to: UInt32(told.greeting.engineCount))
        areRoutesStale = true
    }

    mutating func setRoutes(at now: Tick) {
        areRoutesStale = false
        for group in groups {
            for (bucket, leader) in group.leaders.enumerated() {
                guard bucket < loans.settings.bucketCount else { break }
                let node = group.members[Int(leader)]
                _ = loans.setRoute(
                    group: group.id, bucket: BucketIndex(bucket), to: route(to: node, bucket))
            }
        }
        loans.routesChanged(at: now)
    }

    /// The engine of a node that owns a bucket: the bucket modulo the node's engines.
    private mutating func route(to node: NodeID, _ bucket: Int) -> LoanRoute {
        let isOwnNode = node == own.address.node
        let count = isOwnNode ? UInt32(own.greeting.engineCount) : engineCounts[node.rawValue]
        guard let count else {
            greet(node)
            return .nobody
        }
        let peer = EngineAddress(node: node, engine: UInt16(bucket % Int(count)))
        guard peer != own.address else { return .here }
        guard let channel = channels.channel(to: peer) else { return .nobody }
        channels.with(channel) { $0.open() }
        return .peer(channel, isOwnNode: isOwnNode)
    }

    /// Every node has an engine 0, which tells how many there are.
    private mutating func greet(_ node: NodeID) {
        guard let channel = channels.channel(to: EngineAddress(node: node, engine: 0)) else {
            return
        }
        channels.with(channel) { $0.open() }
    }
}
