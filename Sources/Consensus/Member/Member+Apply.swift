// What the placement's snapshot and the disk say. A snapshot names who may be a member; only an
// install makes one. DESIGN part 5, rules 18 and 19.

import Tables
public import Wire

extension Member {
    /// Takes the groups that a snapshot names. Those without this node count only if it takes part in
    /// them. One that isn't named any more is left when it may be: see `mayLeave`.
    public mutating func apply(_ plans: [GroupPlan], at now: Tick) {
        self.now = now
        settle()
        let named = plans.map(\.id).sorted()
        for group in groups.indices {
            set(group, isNamed: named.contains(sorted: groups[group].plan.id))
        }
        reserve(groups: plans.count + groups.count)
        for plan in plans where plan.members.contains(node) || place(of: plan.id) != nil {
            apply(plan)
        }
        countGroups()
        touchAll()
        settle()
    }

    private mutating func set(_ group: Int, isNamed: Bool) {
        if !isNamed { groups[group].isPlanned = false }
        guard groups[group].isNamed != isNamed else { return }
        groups[group].isNamed = isNamed
        groups[group].mustTell = true
    }

    private mutating func apply(_ plan: GroupPlan) {
        if let group = place(of: plan.id) {
            groups[group].plan = plan
            groups[group].isPlanned = plan.members.contains(node)
            groups[group].preference = Preference(plan, bucketCount: settings.bucketCount)
            arrangeRoster(group)
            return
        }
        let group = MemberGroup(
            plan, bucketCount: settings.bucketCount, engineCount: engineCount)
        if let place = records.firstIndex(where: { $0.group == plan.id }) {
            group.record = records.remove(at: place)
        }
        group.isNew = group.record == nil
        group.progressAt = now
        if let place = left.firstIndex(where: { $0.group == plan.id }) {
            let before = left.remove(at: place)
            group.promised = before.promised
            group.highestNumber = before.promised.number
            group.gaveUp = before.gaveUp
        }
        groupPlaces.set(plan.id, to: UInt32(groups.count))
        groups.append(group)
        arrangeRoster(groups.count - 1)
    }

    /// Who else has to do with the group: the plan's members and those of the views. Whoever is new
    /// is told where this member stands.
    mutating func arrangeRoster(_ group: Int) {
        var nodes = groups[group].plan.members
        nodes += groups[group].installed?.view.members ?? []
        nodes += groups[group].installing?.view.members ?? []
        nodes += groups[group].record?.members ?? []
        for node in nodes where node != self.node && groups[group].associate(of: node) == nil {
            add(node, to: group)
        }
    }

    @discardableResult
    mutating func add(_ node: NodeID, to group: Int) -> Int {
        let peer = peer(of: node)
        peers[peer].groupCount += 1
        groups[group].roster.append(Associate(node: node, peer: peer))
        if peers[peer].incarnation != nil { tell(group, to: peer) }
        return groups[group].roster.count - 1
    }

    mutating func countGroups() {
        for peer in peers.indices { peers[peer].groupCount = 0 }
        for group in groups {
            for associate in group.roster { peers[associate.peer].groupCount += 1 }
        }
        // Without groups in common there are no heartbeats, and nothing is owed.
        for peer in peers.indices where peers[peer].groupCount == 0 {
            peers[peer].forgetHeartbeats()
        }
    }

    /// The place of a node among the peers, which it gets if it had none.
    mutating func peer(of node: NodeID) -> Int {
        if let place = peerPlaces[node.rawValue] { return Int(place) }
        if peerPlaces.count == peerPlaces.capacity {
            var larger = IdentifierMap(capacity: 2 * peerPlaces.capacity, seed: 1)
            for (place, peer) in peers.enumerated() {
                larger.set(peer.node.rawValue, to: UInt32(place))
            }
            peerPlaces = larger
        }
        peerPlaces.set(node.rawValue, to: UInt32(peers.count))
        peers.append(MemberPeer(node: node))
        return peers.count - 1
    }

    private mutating func reserve(groups count: Int) {
        guard count > groupPlaces.capacity else { return }
        var larger = IdentifierMap(capacity: 2 * count, seed: 1)
        for (place, group) in groups.enumerated() {
            larger.set(group.plan.id, to: UInt32(place))
        }
        groupPlaces = larger
    }

    /// The record is on disk now.
    public mutating func recorded(_ record: GroupRecord) {
        guard let group = place(of: record.group) else { return }
        guard groups[group].awaitedRecord == record else { return }
        groups[group].awaitedRecord = nil
        groups[group].record = record
        touch(group)
        settle()
    }
}

extension Array where Element: Comparable {
    /// Whether an ascending array holds the value.
    func contains(sorted value: Element) -> Bool {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low < count && self[low] == value
    }
}
