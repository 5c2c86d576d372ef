// Whether the cluster can bear the loss of a node's memory: for faults that must not strike before the
// copies are whole again. Checkers ask nothing of this.

import Configuration
import Consensus
import Node
import Translation
import Wire

extension Simulation {
    /// Whether each bucket of each group has a full copy, by its newest active view, on a running node
    /// that isn't this one; and enough members without it remember anything to build a view: were Q
    /// empty, they would begin a new generation, whatever the others hold (rule 19).
    func isSpared(_ node: SimulatedNode) -> Bool {
        let others = nodes.filter { $0.isRunning && $0.index != node.index }
        return control.snapshot.groups.allSatisfy { group in
            let views = others.compactMap { $0.activeBallot(of: group.id) }
            guard let newest = views.max(), remember(group, without: node),
                node.activeBallot(of: group.id).map({ $0 <= newest }) ?? true
            else { return false }
            let holders = others.filter { $0.activeBallot(of: group.id) == newest }
            return (0..<plan.cluster.buckets).allSatisfy { bucket in
                holders.contains { $0.isFull(group.id, BucketIndex(bucket)) }
            }
        }
    }

    private func remember(_ group: GroupEntry, without node: SimulatedNode) -> Bool {
        guard let view = checks.views.groups[group.id]?.active else { return false }
        guard view.members.contains(node.id) else { return true }
        let remembering = nodes.count {
            $0.index != node.index && view.members.contains($0.id) && $0.hasView(of: group.id)
        }
        let quorum = Quorum(members: view.members.count, copies: plan.cluster.copies)
        return remembering >= quorum.promises
    }
}

extension SimulatedNode {
    /// Whether it has installed a view of the group since it started.
    fileprivate func hasView(of group: UInt64) -> Bool {
        engines.allSatisfy { slot in
            slot.groupSlot(group).map { slot.engine.exchange.replica.view(group: $0) != nil }
                ?? false
        } && !engines.isEmpty
    }

    /// Of the group's view, if it is active as far as all engines know.
    fileprivate func activeBallot(of group: UInt64) -> Ballot? {
        var ballot: Ballot?
        for slot in engines {
            guard let place = slot.groupSlot(group),
                slot.engine.exchange.replica.isActive(group: place),
                let view = slot.engine.exchange.replica.view(group: place)
            else { return nil }
            ballot = min(ballot ?? view.ballot, view.ballot)
        }
        return ballot
    }

    fileprivate func isFull(_ group: UInt64, _ bucket: BucketIndex) -> Bool {
        let slot = engines[Int(bucket.rawValue) % engines.count]
        guard let place = slot.groupSlot(group) else { return false }
        return slot.engine.exchange.replica.isFull(
            slot.engine.exchange.replica.copy(group: place, bucket))
    }
}

extension EngineSlot {
    fileprivate func groupSlot(_ group: UInt64) -> Int? {
        engine.translator.resources.groupIDs.firstIndex(of: group)
    }
}
