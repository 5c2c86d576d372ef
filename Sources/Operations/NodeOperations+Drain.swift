// Handing the node's buckets over to others, and taking its share again: on request, and before a stop.
// It is no state of the registry: a node that starts anew takes its share.

package import ControlClient
import Node

extension NodeOperations {
    /// `POST /v1/drain`, `POST /v1/undrain`.
    package func drain(_ isDraining: Bool) async -> NodeAPI.DrainAnswer {
        setDraining(isDraining)
        // The node's first engine runs its member of each group.
        await current.mailboxes.first?.ask { engine, _ in engine.setDraining(isDraining) }
        return await drainState()
    }

    /// Hands everything over and returns when that is done and nobody needs this node's copies, or
    /// after `limit`.
    public func drainBeforeStop(limit: Duration) async {
        let deadline = ContinuousClock.now.advanced(by: limit)
        var answer = await drain(true)
        while answer.drain != .drained, ContinuousClock.now < deadline, !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(10))
            answer = await drainState()
        }
        await leave()
    }

    /// Its copies are still waited for by those that lead: they hear that it goes, so that no flow
    /// waits until it is suspected.
    private func leave() async {
        guard let first = current.mailboxes.first else { return }
        let deadline = ContinuousClock.now.advanced(by: .milliseconds(300))
        await first.ask { engine, _ in engine.leave() }
        while await first.ask({ engine, _ in !engine.isReplaced }),
            ContinuousClock.now < deadline, !Task.isCancelled
        {
            try? await Task.sleep(for: .milliseconds(5))
        }
    }

    func drainState() async -> NodeAPI.DrainAnswer {
        var sum = ConsensusReport()
        for mailbox in current.mailboxes {
            sum += await mailbox.ask { engine, now in engine.consensusReport(at: now) }
        }
        return NodeAPI.DrainAnswer(
            drain: drain(by: sum), leads: sum.led, isNeeded: sum.isNeeded)
    }

    func drain(by report: ConsensusReport) -> NodeAPI.Drain {
        guard current.isDraining else { return .serving }
        return report.led == 0 && !report.isNeeded ? .drained : .draining
    }
}
