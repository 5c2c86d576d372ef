// What goes wrong: crashes, clogged and cut links, an unreachable control plane. And the end
// of all that.

import Node
import Wire

extension Simulation {
    func inflict(_ index: Int) {
        let fault = plan.faults[index]
        guard phase == .faults else { return }
        queue.plan(.fault, at: now + faultRandom.around(fault.everyNanoseconds), index)
        let span = faultRandom.nanoseconds(fault.forNanoseconds)
        switch fault.kind {
        case .crash, .lose, .pause, .drain, .control: inflict(fault, for: span)
        case .clog:
            figures.linkFaults += 1
            for (from, to) in links(fault) {
                note(.clogged, from: from, to: to, span)
                network.clog(from: from, to: to, until: now + span)
            }
        case .cut:
            figures.linkFaults += 1
            for (from, to) in links(fault) {
                note(.severed, from: from, to: to, span)
                network.cut(from: from, to: to, until: now + span)
            }
        }
    }

    private func inflict(_ fault: FaultPlan, for span: UInt64) {
        let there = nodes.filter { !$0.isGone }
        let running = there.filter { $0.isRunning && $0.pauseDue == nil }
        guard there.count - running.count < fault.most, !running.isEmpty else { return }
        let node = running[faultRandom.below(running.count)]
        switch fault.kind {
        case .crash:
            guard !fault.spares || isSpared(node) else { return note(.spared, from: node.index) }
            note(.crashed, from: node.index, span)
            crash(node)
            queue.plan(.relief, at: now + span, node.index, 0, node.start)
        case .lose:
            guard isSpared(node), hasSpare(without: node) else {
                return note(.spared, from: node.index)
            }
            note(.gone, from: node.index)
            crash(node)
            node.isGone = true
        case .pause:
            figures.pauses += 1
            beginPause(node, for: span)
        case .control: node.cutFromControlUntil = now + span
        case .drain:
            node.isDraining.toggle()
            note(.drained, from: node.index, node.isDraining ? 1 : 0)
            node.tellDraining()
        case .clog, .cut: break
        }
    }

    private func crash(_ node: SimulatedNode) {
        figures.crashes += 1
        if let (invariant, message) = checks.audit(in: self) { judge(invariant, message) }
        checks.crashed(node.index, in: self)
        figures.loans += node.loansTaken
        node.crash()
    }

    // DESIGN part 5, rule 13: no packet lives longer than the quiet time less a lease. The network's
    // own delays take some of it.
    var longestPacketLife: UInt64 { plan.cluster.quietNanoseconds - 500_000_000 }

    /// The directed links that a fault takes.
    private func links(_ fault: FaultPlan) -> [(Machine, Machine)] {
        let count = fault.machines ? world.machineCount : world.nodeCount
        guard count > 1 else { return [] }
        let all = (0..<count).flatMap { from in (0..<count).map { (from, $0) } }
            .filter { $0.0 != $0.1 }
        switch fault.links {
        case .oneway: return [all[faultRandom.below(all.count)]]
        case .link:
            let (from, to) = all[faultRandom.below(all.count)]
            return [(from, to), (to, from)]
        case .subset:
            let chosen = side(of: count)
            return all.filter { chosen[$0.0] || chosen[$0.1] }
        case .split:
            let chosen = side(of: count)
            return all.filter { chosen[$0.0] != chosen[$0.1] }
        case .ring:
            var order = Array(0..<count)
            order.shuffle(using: &faultRandom)
            var place = order
            for (position, machine) in order.enumerated() { place[machine] = position }
            return all.filter { from, to in
                let distance = abs(place[from] - place[to])
                return distance != 1 && distance != count - 1
            }
        }
    }

    private func side(of count: Int) -> [Bool] {
        (0..<count).map { _ in faultRandom.below(2) == 0 }
    }

    // MARK: The end of faults

    func calm() {
        phase = .calm
        note(.calm)
        network.calm()
        for node in nodes {
            node.cutFromControlUntil = now
            node.isDraining = false
            node.tellDraining()
            node.pauseDue = nil
            relieve(node.index, start: node.start)
        }
    }

    func demand(isOver: Bool) {
        phase = isOver ? .quiet : .demand
        note(.demand, isOver ? 1 : 0)
    }

    /// The last judgement: what was asked is answered, and nothing waits.
    func finish() {
        for node in nodes {
            for (number, slot) in node.engines.enumerated() {
                slot.engine.checkInvariants()
                judge(7, Convergence.check(slot, node: node.index, engine: number))
            }
        }
        judge(7, checks.convergence.unanswered(flows, at: now))
        judge(7, Convergence.checkLeaders(checks.views, in: self))
        judge(7, Convergence.checkCopies(checks.stable, in: self))
    }
}
