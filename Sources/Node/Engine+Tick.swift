// What an engine does between batches: expiry, in steps of constant work.

import Configuration
import Consensus
import Tables
import Translation
public import Wire

extension Engine {
    /// Expires a bounded number of flows, and tells their ends; lets fragments go that waited in
    /// vain. Call at least every 10 ms; between calls nothing expires, and nothing else waits.
    public mutating func tick(_ now: Tick) {
        collector.tick(now, limit: 64)
        releaseFragments(now)
        let elapsed = now - lastSweep
        guard elapsed >= 1_000_000 else { return }
        lastSweep = now
        sweep(elapsed, now)
        tickPeers(now)
    }

    /// Loans and channels: what waited too long, what is to be said again.
    private mutating func tickPeers(_ now: Tick) {
        consult(now)
        exchange.tick(now)
        settleLoans(now)
        seal()
        release()
        sendBatches(now)
    }

    private mutating func sweep(_ elapsed: UInt64, _ now: Tick) {
        // The whole table once in about two seconds, whatever its size: a step for each
        // millisecond that passed, 10 at most.
        let steps = Int(min(elapsed / 1_000_000, 10))
        let v4 = max(64, flowsV4.capacityFlows / 2000) * steps
        let v6 = max(64, flowsV6.capacityFlows / 2000) * steps
        translator.sweep(&flowsV4, limit: v4, now: now) { endings.append($0) }
        translator.sweep(&flowsV6, limit: v6, now: now) { endings.append($0) }
        for ending in endings {
            events.append(.ended(ending, at: now))
            announce(ending)
        }
        endings.removeAll(keepingCapacity: true)
        closeVersion(v4, v6)
    }

    /// DESIGN part 5, rule 20: an address is free when this engine has no flow on it, has lent none
    /// of its ports and has none on loan.
    private mutating func closeVersion(_ v4: Int, _ v6: Int) {
        guard closing.sweep(v4: v4, v6: v6) || flowCount == 0 && closing.isOpen else { return }
        let table = translator.resources
        guard
            !exchange.loans.hasLoans(where: { port in
                !table.owns(port.toward.external, port.toward.scope)
            })
        else { return }
        if flowCount == 0 {
            closing.finish()
        } else {
            closing.close(
                capacityV4: flowsV4.capacityFlows, capacityV6: flowsV6.capacityFlows)
        }
    }
}
