// Until when a node may go on sending by what it leads: leases are granted between nodes and counted
// per group. Only speed and late packets hang on them; decisions need none. DESIGN part 5, rule 12.

import Tables
public import Wire

/// One engine's leases, fed by the member's orders in their order.
///
/// - Getter: `end(of:)`.
/// - Input: `take(_:)`, with every order; those that don't concern leases change nothing.
///
/// A grant of a node counts for a group while that node has installed the group's view here, by the
/// start that the view names, and has promised nothing above it.
public struct Leases: ~Copyable {
    let node: NodeID
    let copies: Int?
    var groups: [LeasedGroup] = []
    var groupPlaces: IdentifierMap
    var granters: [Granter] = []
    var granterPlaces: IdentifierMap

    /// - Parameters:
    ///   - node: this node.
    ///   - copies: R, as in `MemberSettings`.
    ///   - groupCapacity: most groups at a time; and most nodes that they have as members.
    public init(node: NodeID, copies: Int? = nil, groupCapacity: Int, nodeCapacity: Int) {
        self.node = node
        self.copies = copies
        groupPlaces = IdentifierMap(capacity: groupCapacity, seed: 1)
        granterPlaces = IdentifierMap(capacity: nodeCapacity, seed: 1)
    }

    /// Until when Q - 1 other members grant the lease in the group's view; nil without a view. Costs
    /// a look-up and a few comparisons.
    public func end(of group: UInt64) -> Tick? {
        guard let place = groupPlaces[group] else { return nil }
        let seats = groups[Int(place)].seats
        guard groups[Int(place)].needed > 0 else { return Tick(rawValue: .max) }
        // The Q-1-th greatest end: at most seven others, so each is compared with each.
        var end = Tick(rawValue: 0)
        for seat in seats.indices {
            let candidate = self.end(seats[seat])
            guard candidate > end else { continue }
            let asLong = seats.reduce(0) { $0 + (self.end($1) >= candidate ? 1 : 0) }
            if asLong >= groups[Int(place)].needed { end = candidate }
        }
        return end
    }

    private func end(_ seat: LeaseSeat) -> Tick {
        let granter = granters[seat.granter]
        return seat.isVouched && seat.incarnation == granter.incarnation
            ? granter.until : Tick(rawValue: 0)
    }

    /// What the order says of leases.
    public mutating func take(_ order: EngineOrder) {
        switch order {
        case .install(let view, _): install(view)
        case .grant(let node, let incarnation, let until):
            guard let place = granter(node) else { return }
            let isNewer = granters[place].incarnation != incarnation
            granters[place].incarnation = incarnation
            // Grants of one start come in order, but a heartbeat may have been answered late.
            granters[place].until = isNewer ? until : max(until, granters[place].until)
        case .vouch(let group, let node, let ballot):
            set(group, node) { $0 == ballot ? true : nil }
        case .withdraw(let group, let node, let ballot):
            set(group, node) { ballot > $0 ? false : nil }
        case .drop(let group): drop(group)
        case .freeze, .activate, .handOver, .lead, .begin: break
        }
    }

    private mutating func install(_ view: View) {
        let own = view.seat(of: node)
        let seats = view.members.indices.compactMap { seat -> LeaseSeat? in
            guard seat != own, let granter = granter(view.members[seat]) else { return nil }
            return LeaseSeat(granter: granter, incarnation: view.incarnations[seat])
        }
        let quorum = Quorum(members: view.members.count, copies: copies)
        let group = LeasedGroup(
            id: view.group, ballot: view.ballot, needed: quorum.promises - 1, seats: seats)
        if let place = groupPlaces[view.group] {
            groups[Int(place)] = group
        } else if groupPlaces.set(view.group, to: UInt32(groups.count)) {
            groups.append(group)
        }
    }

    private mutating func set(
        _ group: UInt64, _ node: NodeID, _ isVouched: (_ ballot: Ballot) -> Bool?
    ) {
        guard let place = groupPlaces[group].map(Int.init),
            let granter = granterPlaces[node.rawValue],
            let value = isVouched(groups[place].ballot),
            let seat = groups[place].seats.firstIndex(where: { $0.granter == Int(granter) })
        else { return }
        groups[place].seats[seat].isVouched = value
    }

    private mutating func drop(_ group: UInt64) {
        guard let place = groupPlaces.remove(group).map(Int.init) else { return }
        let last = groups.removeLast()
        guard place < groups.count else { return }
        groups[place] = last
        groupPlaces.set(last.id, to: UInt32(place))
    }

    /// The place of a node among the granters; nil if there is no room for another.
    private mutating func granter(_ node: NodeID) -> Int? {
        if let place = granterPlaces[node.rawValue] { return Int(place) }
        guard granterPlaces.set(node.rawValue, to: UInt32(granters.count)) else { return nil }
        granters.append(Granter())
        return granters.count - 1
    }
}

/// What one other node granted last.
struct Granter {
    var incarnation = Incarnation.unknown
    var until = Tick(rawValue: 0)
}

/// A group's view, as far as leases go.
struct LeasedGroup {
    let id: UInt64
    let ballot: Ballot
    /// Q - 1: how many others must grant.
    let needed: Int
    var seats: [LeaseSeat]
}

/// Another member of the view.
struct LeaseSeat {
    let granter: Int
    let incarnation: Incarnation
    var isVouched = false
}
