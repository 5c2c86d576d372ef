// Invariant 7: with faults over, the cluster converges: every bucket is served, and nothing waits.
//
// Seen from the wires: when the cluster has had time to settle, every request of an established flow is
// answered; at the end every bucket is led by one node, in the opinion of all routers and edges, and
// of every flow that lives R members hold the record.

import Configuration
import Node
import Steering
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

    /// Each bucket has a leader, and all hosts and edges the same.
    static func checkLeaders(_ views: WitnessedViews, in run: Simulation) -> String? {
        let machines = run.world.hosts.lowerBound..<run.world.machineCount
        for (place, group) in run.world.snapshot.groups.enumerated() {
            let view = views.groups[group.id]?.active
            // A lone member says nothing of its views to anybody.
            guard view != nil || group.members.count == 1 else {
                return "group \(group.id) has no active view"
            }
            for bucket in 0..<run.plan.cluster.buckets {
                guard view?.buckets[bucket].isOpen ?? true else {
                    return "nobody leads bucket \(bucket) of group \(group.id)"
                }
                let leaders = machines.map { machine in
                    run.beliefs.leader(
                        for: machine, group: place, bucket: BucketIndex(bucket), in: run.world)
                }
                guard Set(leaders).count == 1 else {
                    return "bucket \(bucket) of group \(group.id) is led by "
                        + "\(leaders.map { run.world.name(of: $0) }), by hosts and edges"
                }
            }
        }
        return nil
    }

    /// Of each flow that lives there are R records.
    static func checkCopies(_ stable: StableTranslation, in run: Simulation) -> String? {
        for flow in stable.flows.indices {
            guard let translated = stable.living(flow, in: run) else { continue }
            let holders = run.holders(of: flow, translated: translated)
            guard holders.count < run.requiredCopies else { continue }
            return "of flow \(flow), \(run.flows[flow].tuple), there are \(holders.count) of "
                + "\(run.requiredCopies) copies: \(holders.map { run.world.name(of: $0) })"
        }
        return nil
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
