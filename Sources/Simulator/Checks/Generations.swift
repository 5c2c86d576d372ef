// DESIGN part 5, rule 19: what a group decided is void when Q of its members have lost their memory and
// begin a new generation, whatever the others still hold. Only then: a generation that begins while
// enough members remember breaks invariant 4.

import Configuration
import Wire

/// Which groups may begin anew, by the crashes that the simulation itself made and by the wires.
struct Generations {
    /// Groups of whose newest active view Q members had lost their memory at once; until a view is active
    /// again, of the same generation or of another, nobody knows what of their records lives.
    private(set) var undecided: Set<UInt64> = []
    /// By group: of the newest active view.
    private var generations: [UInt64: UInt32] = [:]

    /// A node is about to lose its memory.
    mutating func crashed(_ node: Int, _ views: WitnessedViews, in run: Simulation) {
        for group in run.world.snapshot.groups {
            guard let witnessed = views.groups[group.id], let view = witnessed.active else {
                continue
            }
            let empty = view.members.count { member in
                guard let index = run.world.node(member) else { return true }
                return index == node || !witnessed.remembers(member, in: run.nodes[index])
            }
            let quorum = Quorum(members: view.members.count, copies: run.requiredCopies)
            if empty >= quorum.promises { undecided.insert(group.id) }
        }
    }

    /// A view became active. True if everything before it is void; nil if it may not be.
    mutating func isVoid(_ group: UInt64, _ view: View) -> Bool? {
        let before = generations.updateValue(view.ballot.generation, forKey: group)
        let mayBegin = undecided.remove(group) != nil
        guard let before, before < view.ballot.generation else { return false }
        return mayBegin ? true : nil
    }
}

extension WitnessedGroup {
    /// Whether a node said since its present start that it has installed a view.
    fileprivate func remembers(_ member: NodeID, in node: SimulatedNode) -> Bool {
        node.state != .down && hasInstalled(member, start: node.disk.startCounter)
    }
}
