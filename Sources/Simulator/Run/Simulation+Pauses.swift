// Nodes that stand still, and wake: a process that was stopped, a machine that swapped.

import Node
import Wire

extension Simulation {
    /// Half of the pauses strike in the midst of the next turn that sends packets: what was decided then
    /// waits for the second reading of the clock, until the node wakes. A quarter strike just after a
    /// turn: what it sent is in the kernel, and leaves when the node wakes.
    func beginPause(_ node: SimulatedNode, for span: UInt64) {
        switch faultRandom.below(4) {
        case 0, 1: node.pauseDue = PauseDue(span: span, latest: now + Self.longestWaitForTurn)
        case 2:
            pause(node, for: span)
            for engine in node.engines.indices { haveTurn(node, engine) }
        default: pause(node, for: span)
        }
    }

    private static var longestWaitForTurn: UInt64 { 50_000_000 }

    private func pause(_ node: SimulatedNode, for span: UInt64) {
        note(.paused, from: node.index, span)
        node.state = .paused
        node.stuckSince = now
        node.pauseDue = nil
        queue.plan(.relief, at: now + span, node.index, 0, node.start)
    }

    /// An engine has decided, and not sent yet. True if its node stands still from now on.
    func isPausedInTurn(_ node: SimulatedNode, _ slot: EngineSlot) -> Bool {
        guard let due = node.pauseDue else { return false }
        let sends = slot.engine.outgoing.contains { $0.role == .forwarded }
        guard sends || due.latest <= now else { return false }
        node.standsInTurn = true
        pause(node, for: due.span)
        return true
    }

    /// The end of a crash or of a pause.
    func relieve(_ index: Int, start: UInt32) {
        let node = nodes[index]
        guard node.start == start, !node.isRunning, !node.isGone else { return }
        guard node.state == .paused else { return startNode(node) }
        node.state = .running
        note(.woke, from: index)
        let stood = now - node.stuckSince
        for datagram in node.stuck where datagram.isBatch || stood < longestPacketLife {
            send(datagram)
        }
        node.stuck = []
        if node.standsInTurn { finishTurns(node) }
        for engine in node.engines.indices {
            node.engines[engine].isTurnPlanned = false
            if stood > EngineSettings.longestWaitNanoseconds { takeLate(node, engine) }
            if !node.engines[engine].inbox.isEmpty { planTurn(node, engine) }
        }
    }

    /// As the daemon does: of what came meanwhile, what peers said is taken.
    // DESIGN part 5, rule 16.
    private func takeLate(_ node: SimulatedNode, _ engine: Int) {
        let slot = node.engines[engine]
        while true {
            let batch = slot.receive(limit: 64)
            guard !batch.isEmpty else { return }
            slot.engine.handleLate(batch, at: node.now(now))
            flush(node, engine)
        }
    }
}
