// Members that are replaced, one step at a time: the next when the groups have taken the last. Who runs
// the cluster sees the members' views, as an operator does. DESIGN part 5, rule 18.

import Configuration
import Wire

extension Simulation {
    /// A living member of some group makes room for a node that isn't in it.
    func replaceMember() -> Bool {
        let group = changeRandom.below(control.snapshot.groups.count)
        let leaving = changeRandom.pick(control.snapshot.groups[group].members)
        return replace(leaving, in: group)
    }

    /// Nodes that are gone are replaced as soon as may be.
    func replaceGone() {
        let gone = nodes.filter(\.isGone).map(\.id)
        guard !gone.isEmpty else { return }
        for group in control.snapshot.groups.indices {
            let leaving = control.snapshot.groups[group].members.first { gone.contains($0) }
            if let leaving, replace(leaving, in: group) {
                note(.changed, control.snapshot.version)
            }
        }
    }

    private func replace(_ leaving: NodeID, in group: Int) -> Bool {
        let spares = spares(of: control.snapshot.groups[group])
        guard !spares.isEmpty, hasAdopted(control.snapshot.groups[group]) else { return false }
        control.replace(leaving, by: changeRandom.pick(spares), in: group)
        beliefs.use(control.snapshot, in: world)
        return true
    }

    /// Whether every group has taken its last configuration, and a node is left for each.
    func hasSpare(without node: SimulatedNode) -> Bool {
        control.snapshot.groups.allSatisfy { group in
            hasAdopted(group) && spares(of: group).contains { $0 != node.id }
        }
    }

    private func spares(of group: GroupEntry) -> [NodeID] {
        nodes.filter { $0.isRunning && !group.members.contains($0.id) }.map(\.id)
    }

    private func hasAdopted(_ group: GroupEntry) -> Bool {
        checks.views.groups[group.id]?.active?.configuration == group.configuration
    }
}
