// Who leads which bucket: the node by the group's view, its engine by the node's greeting.

public import Configuration
import Tables
public import Wire

extension PeerExchange {
    /// Takes the groups of a configuration into force. Costs nothing if they are as they were.
    /// Allocates.
    ///
    /// - Parameter slots: the id of the group in each slot, for the replica; nil: in the order given.
    public mutating func apply(_ groups: [GroupEntry], slots: [UInt64]? = nil, at now: Tick) {
        replica.setGroups(slots ?? groups.map(\.id))
        for group in slots ?? groups.map(\.id) { loans.addGroup(group) }
        // Those that this node is still in, too, whoever the snapshot says their members are.
        let next = groups.filter {
            $0.members.contains(own.address.node) || member?.takesPart(in: $0.id) ?? false
        }
        guard next != self.groups else { return }
        for group in self.groups where !next.contains(where: { $0.id == group.id }) {
            loans.removeGroup(group.id)
        }
        self.groups = next
        if member == nil {
            fixViews()
        } else {
            member?.apply(
                next.map {
                    GroupPlan(
                        id: $0.id, configuration: $0.configuration, members: $0.members,
                        preferredLeaders: $0.leaders)
                }, at: now)
        }
        openMemberChannels()
        staleRoutes = .all
        settle(at: now)
    }

    private mutating func openMemberChannels() {
        memberChannels.removeAll()
        for node in member?.associates ?? [] {
            guard let channel = greet(node) else { continue }
            memberChannels.append((node, channel))
        }
    }

    /// Where no member runs, each bucket is led by the node that the configuration prefers, alone.
    private mutating func fixViews() {
        guard isFixed else { return }
        fixedViews += 1
        for group in groups {
            // No two starts have the same.
            let ballot = Ballot(
                generation: 1, number: own.incarnation.counter << 32 | fixedViews,
                proposer: group.members[0])
            let view = View(
                group: group.id, ballot: ballot, configuration: 1, members: group.members,
                incarnations: group.members.map { _ in Incarnation(counter: 1, random: 1) },
                buckets: group.leaders.map {
                    let leader = SeatSet(seat: Int($0))
                    return BucketSeats(leader: $0, replicas: leader, full: leader)
                })
            take(
                .install(view, builtOn: replica.installedBallot(of: group.id)))
            take(.activate(group: group.id, ballot: ballot))
            for node in group.members where node != own.address.node {
                take(.vouch(group: group.id, node: node, ballot: ballot))
                take(
                    .grant(
                        node: node, incarnation: Incarnation(counter: 1, random: 1),
                        until: Tick(rawValue: .max)))
            }
        }
    }

    mutating func learnEngineCount(_ channel: Int) {
        guard let told = channels.with(channel, { $0.peerIdentity }) else { return }
        let node = told.address.node.rawValue
        guard engineCounts[node] != UInt32(told.greeting.engineCount) else { return }
        engineCounts.set(node, to: UInt32(told.greeting.engineCount))
        staleRoutes = .all
    }

    /// Tells the loans who leads what, of the groups in which that may have changed.
    mutating func setRoutes(at now: Tick) {
        guard !staleRoutes.isEmpty else { return }
        let stale = staleRoutes
        staleRoutes = .none
        switch stale {
        case .all: for group in groups { setRoutes(of: group.id) }
        case .some(let ids): for id in ids where isServed(id) { setRoutes(of: id) }
        }
        loans.routesChanged(at: now)
    }

    private func isServed(_ group: UInt64) -> Bool { groups.contains { $0.id == group } }

    private mutating func setRoutes(of group: UInt64) {
        for bucket in 0..<loans.settings.bucketCount {
            let bucket = BucketIndex(bucket)
            _ = loans.setRoute(group: group, bucket: bucket, to: route(group, bucket))
        }
    }

    /// The engine that leads a bucket.
    private mutating func route(_ group: UInt64, _ bucket: BucketIndex) -> LoanRoute {
        guard let (node, _) = replica.leader(group: group, bucket) else { return .nobody }
        guard let count = engineCounts[node.rawValue] else {
            _ = greet(node)
            return .nobody
        }
        let engine = Int(bucket.rawValue) % Int(count)
        let peer = EngineAddress(node: node, engine: UInt16(engine))
        guard peer != own.address else { return .here }
        guard let channel = channels.channel(to: peer) else { return .nobody }
        channels.with(channel) { $0.open() }
        return .peer(channel, isOwnNode: node == own.address.node)
    }

    /// Whoever keeps copies has to be reached, whether it leads anything or not.
    mutating func greetMembers(of view: View) {
        guard !isFixed else { return }
        for node in view.members
        where node != own.address.node && engineCounts[node.rawValue] == nil {
            _ = greet(node)
        }
    }

    /// Every node has an engine 0, which tells how many there are.
    private mutating func greet(_ node: NodeID) -> Int? {
        guard let channel = channels.channel(to: EngineAddress(node: node, engine: 0)) else {
            return nil
        }
        channels.with(channel) { $0.open() }
        return channel
    }
}

/// The groups whose buckets another engine may lead than the loans know.
enum StaleRoutes {
    case all
    /// Each once.
    case some([UInt64])

    static var none: Self { .some([]) }

    var isEmpty: Bool { if case .some(let groups) = self { groups.isEmpty } else { false } }

    mutating func insert(_ group: UInt64) {
        guard case .some(var groups) = self, !groups.contains(group) else { return }
        self = .none
        groups.append(group)
        self = .some(groups)
    }
}
