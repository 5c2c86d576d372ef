// Orders of the node's member to its engines, and their reports to it: by a call on the first engine,
// over channels within the node to the others. None is lost. DESIGN part 5, rules 4 and 12.

import Tables
import Wire

extension PeerExchange {
    /// Does what the member orders.
    mutating func take(_ order: EngineOrder) {
        leases.take(order)
        replica.handle(order)
        switch order {
        case .install(let view, _):
            staleRoutes.insert(view.group)
            greetMembers(of: view)
        case .activate(let group, let ballot):
            staleRoutes.insert(group)
            if let beginnings = replica.beginnings(of: group, in: ballot) {
                loans.setBeginnings(group: group, beginnings.map(\.ballot))
            }
        case .lead(let group, _, _, _, _), .drop(let group): staleRoutes.insert(group)
        case .freeze, .grant, .withdraw, .vouch, .handOver, .begin: break
        }
    }

    /// Tells the node's other engines what the member orders.
    mutating func pass(_ order: EngineOrder) {
        for engine in pendingOrders.indices.dropFirst() {
            if pendingOrders[engine].isEmpty, put(order, to: engine) { continue }
            messagesDelayed += 1
            pendingOrders[engine].append(order)
        }
    }

    /// Tells the node's member, on another engine.
    mutating func pass(_ report: EngineReport) {
        if pendingReports.isEmpty, put(report) { return }
        messagesDelayed += 1
        pendingReports.append(report)
    }

    /// Tells what found no room before.
    mutating func passPending() {
        for engine in pendingOrders.indices where !pendingOrders[engine].isEmpty {
            var count = 0
            while count < pendingOrders[engine].orders.count,
                put(pendingOrders[engine].orders[count], to: engine)
            {
                count += 1
            }
            pendingOrders[engine].removeFirst(count)
        }
        var count = 0
        while count < pendingReports.count, put(pendingReports[count]) { count += 1 }
        if count > 0 { pendingReports.removeFirst(count) }
    }

    private mutating func put(_ order: EngineOrder, to engine: Int) -> Bool {
        let address = EngineAddress(node: own.address.node, engine: UInt16(engine))
        guard let channel = channels.channel(to: address) else { return false }
        return channels.with(channel) {
            $0.append(type: order.type.rawValue, bodyBytes: order.byteCount) {
                order.write(to: &$0, at: $1)
            }
        }
    }

    private mutating func put(_ report: EngineReport) -> Bool {
        let address = EngineAddress(node: own.address.node, engine: 0)
        guard let channel = channels.channel(to: address) else { return false }
        return channels.with(channel) {
            $0.append(type: report.type.rawValue, bodyBytes: report.byteCount) {
                report.write(to: &$0, at: $1)
            }
        }
    }
}
