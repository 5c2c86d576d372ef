// What a node's member orders an engine that is slow to listen: nothing of it may be lost, and nothing
// overtakes anything. DESIGN part 5, rules 4 and 12.

import Wire

/// Orders that a full channel within the node did not take, in order. What a later order makes void
/// takes no room of its own, so an engine that stands still for long is not owed ever more.
struct PendingOrders {
    private(set) var orders: [EngineOrder] = []
    var isEmpty: Bool { orders.isEmpty }

    /// An engine of this node that is so far behind doesn't run any more: the node stops, too.
    static var capacity: Int { 65_536 }

    mutating func append(_ order: EngineOrder) {
        if let place = place(madeVoidBy: order) { orders.remove(at: place) }
        precondition(orders.count < Self.capacity, "an engine of this node stands still")
        orders.append(order)
    }

    mutating func removeFirst(_ count: Int) { orders.removeFirst(count) }

    /// The order that says nothing more once this one has come: an older grant of the same node, which
    /// ends sooner; a freeze of the same group, if nothing about the group was ordered between; the same
    /// hand-over.
    private func place(madeVoidBy order: EngineOrder) -> Int? {
        switch order {
        case .grant(let node, _, _):
            return orders.lastIndex {
                if case .grant(let other, _, _) = $0 { other == node } else { false }
            }
        case .freeze(let group, _):
            guard let place = orders.lastIndex(where: { $0.group == group }),
                case .freeze = orders[place]
            else { return nil }
            return place
        case .handOver:
            return orders.lastIndex(of: order)
        case .install, .activate, .withdraw, .vouch, .lead, .begin, .drop: return nil
        }
    }
}

extension EngineOrder {
    /// What it is about; nil of a grant.
    var group: UInt64? {
        switch self {
        case .freeze(let group, _), .activate(let group, _), .withdraw(let group, _, _),
            .vouch(let group, _, _), .handOver(let group, _, _, _), .begin(let group, _, _, _),
            .lead(let group, _, _, _, _),
            .drop(let group):
            group
        case .install(let view, _): view.group
        case .grant: nil
        }
    }
}
