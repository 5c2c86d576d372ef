// Invariant 7: with faults over, the cluster converges: every bucket is served, and nothing waits.
//
// Seen from the wires: when the cluster has had time to settle, every request of an established flow is
// answered. What is not answered by the end is a violation.

import Node
import Wire

/// Requests that must be answered.
struct Convergence {
    private var due: [Int: (number: UInt32, since: Moment)] = [:]

    /// An answer is due; one at a time for each flow.
    mutating func expect(_ flow: Int, _ number: UInt32, at now: Moment) {
        if due[flow] == nil { due[flow] = (number, now) }
    }

    mutating func answered(_ flow: Int, _ number: UInt32) {
        if let asked = due[flow], asked.number <= number { due[flow] = nil }
    }

    func unanswered(_ flows: [WorkloadFlow], at now: Moment) -> String? {
        guard let flow = due.keys.min(), let asked = due[flow] else { return nil }
        return "request \(asked.number) of flow \(flow), \(flows[flow].tuple), bucket "
            + "\(flows[flow].bucket.rawValue), was sent at \(asked.since) and never answered "
            + "(\(due.count) in all)"
    }

    /// Nothing waits in an engine.
    static func check(_ slot: EngineSlot, node: Int, engine: Int) -> String? {
        let parked = slot.engine.parkedCount
        return parked == 0
            ? nil
            : "engine \(engine) of node\(node + 1) still has \(parked) packets parked: "
                + "\(slot.engine.parked)"
    }
}
