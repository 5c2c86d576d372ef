// When a node's part in a group ends: never by a snapshot alone, which comes to each node at another
// time. Until then it goes on keeping its copies and its promises. DESIGN part 5, rules 3, 18 and 20.

import Tables
public import Wire

/// A group that this node has left since it started: should it be named again, it must not promise
/// less than it has, nor count as full for what it held.
struct LeftGroup {
    let group: UInt64
    let promised: Ballot
    let gaveUp: Ballot?
}

extension Member {
    /// Whether this node takes part in the group, whatever its snapshot says.
    public func takesPart(in group: UInt64) -> Bool { place(of: group) != nil }

    /// The other nodes of this node's groups.
    public var associates: [NodeID] { peers.filter { $0.groupCount > 0 }.map(\.node) }

    /// A group that the snapshot doesn't give this node is left if it holds nothing of it; if a view
    /// without it is known active, which others were filled for; or if no snapshot of any member that
    /// takes part names the group.
    func mayLeave(_ place: Int) -> Bool {
        let group = groups[place]
        guard !group.isPlanned else { return false }
        if group.isEmpty && group.installing == nil { return true }
        return isLeftOut(place) || isUnnamed(place)
    }

    // Rule 18: a member leaves by a view change.
    private func isLeftOut(_ place: Int) -> Bool {
        let group = groups[place]
        guard let newer = group.known?.view, newer.ballot > group.installedBallot,
            newer.seat(of: node) == nil
        else { return false }
        return group.roster.contains { associate in
            associate.told.map { $0.isActive && $0.installed == newer.ballot } ?? false
        }
    }

    // Rule 20: a group ends when nobody has anything to do in it any more.
    private func isUnnamed(_ place: Int) -> Bool {
        let group = groups[place]
        guard !group.isNamed, group.isActive, let view = group.installed?.view else { return false }
        return view.members.indices.allSatisfy { seat in
            let member = view.members[seat]
            guard member != node, view.incarnations[seat] != .unknown else { return true }
            guard let associate = group.associate(of: member) else { return false }
            let start = peers[group.roster[associate].peer].incarnation
            guard let told = group.roster[associate].told else {
                // It began anew, and knows nothing of the group.
                return start != view.incarnations[seat]
            }
            return told.isUnnamed && (told.installed == view.ballot || told.isEmpty)
        }
    }

    /// Gives up the groups that are over.
    mutating func leaveGroups() {
        guard groups.contains(where: \.isOver) else { return }
        for group in groups.indices.reversed() where groups[group].isOver { leave(group) }
        // Others have taken their places.
        for peer in peers.indices where peers[peer].isBehind { peers[peer].owedFrom = 0 }
        countGroups()
    }

    private mutating func leave(_ place: Int) {
        let group = groups[place]
        let id = group.plan.id
        if let record = group.record { records.append(record) }
        let held = max(group.installedBallot, group.installing?.view.ballot ?? .none)
        left.append(
            LeftGroup(
                group: id, promised: group.promised, gaveUp: held == .none ? group.gaveUp : held))
        // Whoever still waits for this member's word hears the last one.
        for associate in group.roster where peers[associate.peer].incarnation != nil {
            tellLeft(id, to: associate.peer)
        }
        ordersOut.append(.drop(group: id))
        groupPlaces.remove(id)
        groups.swapAt(place, groups.count - 1)
        groups.removeLast()
        if place < groups.count { groupPlaces.set(groups[place].plan.id, to: UInt32(place)) }
    }

    /// Where this member stands in a group that it has left.
    mutating func tellLeft(_ id: UInt64, to peer: Int) {
        guard let before = left.first(where: { $0.group == id }) else { return }
        let none = BucketSet(bucketCount: settings.bucketCount)
        var standing = GroupStanding(
            group: id, generation: 0, configuration: 0, installed: .none,
            promised: before.promised, noted: peers[peer].incarnation ?? .unknown,
            wantsAnswer: false, isActive: false, full: none, led: none)
        standing.isUnnamed = true
        standing.hasGivenUp = before.gaveUp != nil
        send(.standing(standing), to: peer)
    }

    /// Tells those that a view leaves out: they may go.
    mutating func tellLeftOut(_ place: Int) {
        let group = groups[place]
        guard group.isActive, let founded = group.installed else { return }
        for associate in group.roster where founded.view.seat(of: associate.node) == nil {
            guard let told = associate.told, !told.isEmpty,
                told.installed < founded.view.ballot
            else { continue }
            send(founded, to: associate.peer, isInstall: false)
        }
    }
}
