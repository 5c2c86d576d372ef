// Invariants 4 and 8: who is full holds every committed record that has not ended, and no committed
// flow is lost while such a member lives.
//
// Committed is what has left on a wire; it lives for its idle time at least. Who is full is what the
// wires say (`WitnessedViews`); what it holds is read from its tables and its tail.

import Configuration
import Wire

/// Looks at all that lives, again and again, and before each crash.
struct FullHolders {
    /// Something is amiss; the invariant, and how.
    typealias Finding = (invariant: Int, message: String)

    /// All flows that live, in all groups or in one.
    static func check(
        _ stable: StableTranslation, _ views: WitnessedViews, group: UInt64? = nil,
        in run: Simulation
    ) -> Finding? {
        for flow in stable.flows.indices {
            guard let translated = stable.living(flow, in: run) else { continue }
            let id = run.groupID(of: flow)
            guard group == nil || group == id else { continue }
            if let finding = check(flow, translated, views.groups[id], in: run) { return finding }
        }
        return nil
    }

    private static func check(
        _ flow: Int, _ translated: FlowTuple, _ views: WitnessedGroup?, in run: Simulation
    ) -> Finding? {
        let truth = run.flows[flow]
        for (id, start) in views?.full(truth.bucket) ?? [] {
            guard let index = run.world.node(id), run.nodes[index].runs(start),
                !run.nodes[index].holds(truth, as: translated, in: run.world)
            else { continue }
            let holders = run.holders(of: flow, translated: translated)
            return (
                8,
                "node\(index + 1) is full of bucket \(truth.bucket.rawValue), and lacks flow "
                    + "\(flow), \(truth.tuple), which leaves as \(translated) and is with "
                    + "\(holders.map { run.world.name(of: $0) })"
            )
        }
        guard !run.nodes.contains(where: { $0.holds(truth, as: translated, in: run.world) }) else {
            return nil
        }
        return (4, "nobody holds flow \(flow), \(truth.tuple), any more, and no crash took it")
    }
}

extension StableTranslation {
    /// How a flow leaves, if it is committed and can't have ended yet.
    func living(_ flow: Int, in run: Simulation) -> FlowTuple? {
        let known = self[flow]
        guard let translated = known.translated, !known.isLost, !known.isOrphan,
            run.now < known.sentAt + run.shortestLife(of: run.flows[flow]),
            !run.wasWithdrawn(translated.source), !undecided.contains(run.groupID(of: flow))
        else { return nil }
        return translated
    }
}

extension SimulatedNode {
    /// Whether this is the start that is meant, and still has its memory.
    func runs(_ incarnation: Incarnation) -> Bool {
        state != .down && disk.startCounter == incarnation.counter
    }
}
