// Invariant 3: no packet leaves for a flow whose decision is not committed.
//
// The checker counts the copies itself: when a flow's first packet leaves, and whenever its
// translation is another than before, as many members as there are to be copies must hold its
// record. A member that has crashed since it got the record counts: the leader need not know yet. And
// what as many held when a new view was first told of is committed, whoever holds it later: a packet
// may leave long after that.

import Consensus
import Node
import Tables
import Translation
import Wire

/// Which flows were seen to be committed, and as what.
struct CommittedBeforeRelease {
    private var committedAs: [Int: FlowTuple] = [:]
    /// Copies that were lost in crashes before the first packet left.
    private var lostCopies: [Int: Int] = [:]
    /// Flows that had copies enough when a view was told of, and no packet had left.
    private var hadCopies: Set<Int> = []

    mutating func check(_ departure: Departure, _ flow: Int, in run: Simulation) -> String? {
        guard departure.isOutbound else { return nil }
        let tuple = departure.packet.summary.tuple
        guard committedAs[flow] != tuple else { return nil }
        let holders = run.holders(of: flow, translated: tuple)
        let copies = holders.count + (lostCopies[flow] ?? 0)
        let hadCopies = hadCopies.remove(flow) != nil
        guard copies >= run.requiredCopies || hadCopies else {
            return "flow \(flow) leaves as \(tuple), and of \(run.requiredCopies) copies "
                + "there are \(copies): \(holders.map { run.world.name(of: $0) })"
        }
        committedAs[flow] = tuple
        lostCopies[flow] = nil
        return nil
    }

    /// A new view of a group is on its way: what it leaves out is committed or not by now, because of its
    /// replicas one at least has promised it.
    mutating func viewSent(_ group: UInt64, in run: Simulation) {
        for flow in run.flows.indices where run.groupID(of: flow) == group {
            let holders = run.nodes.count { holdsUnseen(flow, $0, in: run) }
            let copies = holders + (lostCopies[flow] ?? 0)
            if holders > 0, copies >= run.requiredCopies { hadCopies.insert(flow) }
        }
    }

    /// What only a dead node knew counts for decisions that it shared in its last moments.
    mutating func crashed(_ node: Int, in run: Simulation) {
        for flow in run.flows.indices where holdsUnseen(flow, run.nodes[node], in: run) {
            lostCopies[flow, default: 0] += 1
        }
    }

    /// Whether a node holds a flow as something that it wasn't seen to leave as: a flow that ended may have
    /// begun anew, and its first packet be late.
    private func holdsUnseen(_ flow: Int, _ node: SimulatedNode, in run: Simulation) -> Bool {
        guard node.holds(run.flows[flow], in: run.world) else { return false }
        guard let seen = committedAs[flow] else { return true }
        return !node.holds(run.flows[flow], as: seen, in: run.world)
    }
}

extension Simulation {
    /// The nodes in whose memory a flow's record is, whatever they think of it.
    func holders(of flow: Int, translated: FlowTuple?) -> [Int] {
        nodes.filter { $0.holds(flows[flow], as: translated, in: world) }.map(\.index)
    }
}

extension SimulatedNode {
    /// Whether a flow's record is in its memory; with `translated`, as that.
    func holds(
        _ flow: WorkloadFlow, as translated: FlowTuple? = nil, in world: World
    ) -> Bool {
        let service = world.services[flow.service]
        // A bucket's records are with one engine of a node.
        guard !engines.isEmpty else { return false }
        return engines[Int(flow.bucket.rawValue) % engines.count]
            .holds(flow, of: service.id, as: translated)
    }
}

extension EngineSlot {
    /// Read-only: in its tables, or among the entries that it has stored and not yet applied.
    fileprivate func holds(
        _ flow: WorkloadFlow, of resource: ResourceID, as translated: FlowTuple?
    ) -> Bool {
        guard let slot = engine.translator.resources.slot(of: resource) else { return false }
        return isInTables(flow, slot, as: translated)
            || isInTail(flow, resource, slot, as: translated)
    }

    private func isInTail(
        _ flow: WorkloadFlow, _ resource: ResourceID, _ slot: Int, as translated: FlowTuple?
    ) -> Bool {
        let group = engine.translator.resources.resources[slot].group
        return engine.exchange.replica.holdsEntry(
            engine.exchange.replica.copy(group: group, flow.bucket),
            creating: FlowName(resource: resource, outbound: flow.tuple), as: translated)
    }

    /// By the keys of its tables.
    private func isInTables(
        _ flow: WorkloadFlow, _ slot: Int, as translated: FlowTuple?
    ) -> Bool {
        let scope = FlowScope(resourceSlot: slot)
        if flow.tuple.source.isIPv4 {
            let key = IPv4FlowKey(flow.tuple, scope: scope, direction: .outbound)
            guard let match = engine.flowsV4.find(key) else { return false }
            return translated == nil || engine.flowsV4[hot: match.handle].translated == translated
        }
        let key = IPv6FlowKey(flow.tuple, scope: scope, direction: .outbound)
        guard let match = engine.flowsV6.find(key) else { return false }
        return translated == nil || engine.flowsV6[hot: match.handle].translated == translated
    }
}
