// The word that a node gives: since which configuration nothing lives here any more on what it, or an older
// one, has given up, neither in the tables nor in the tails of the buckets that this engine leads or follows.
// DESIGN part 5, rule 20.

import Consensus
import Tables
import Translation
import Wire

extension Engine {
    /// An address is free when no engine has a flow on it, has lent one of its ports or has one on loan.
    mutating func closeVersion(_ v4: Int, _ v6: Int, _ now: Tick) {
        guard !isLate(now) else {
            return closing.reopen(
                capacityV4: flowsV4.capacityFlows, capacityV6: flowsV6.capacityFlows)
        }
        guard closing.sweep(v4: v4, v6: v6) || flowCount == 0 && closing.isOpen else { return }
        // Ends that aren't committed, and copies whose leader has not ended them yet.
        let isOutlived = flowCount > 0 && translator.outlivers > 0
        translator.outlivers = 0
        guard !isOutlived else {
            return closing.again(
                capacityV4: flowsV4.capacityFlows, capacityV6: flowsV6.capacityFlows)
        }
        guard !hasOutlivingLoans() else { return }
        if flowCount == 0 {
            closing.finish()
        } else {
            closing.close(
                capacityV4: flowsV4.capacityFlows, capacityV6: flowsV6.capacityFlows)
        }
    }

    private func hasOutlivingLoans() -> Bool {
        let table = translator.resources
        return exchange.loans.hasLoans { port in
            !table.owns(port.toward.external, port.toward.scope)
        }
    }

    /// Whether a leader that doesn't know the newest configuration yet, or did not when it decided, has
    /// begun something that this one has given up: it came, or is on its way.
    private mutating func isLate(_ now: Tick) -> Bool {
        let hasCome = translator.hasLatecomers
        translator.hasLatecomers = false
        if now - lastTailScan >= Self.tailScanNanoseconds {
            lastTailScan = now
            hasUncommittedOutlivers =
                translator.resources.hasGivenUp && findUncommittedOutliver()
        }
        return hasCome || hasUncommittedOutlivers
    }

    private static var tailScanNanoseconds: UInt64 { 10_000_000 }

    /// Linear in what isn't committed.
    private func findUncommittedOutliver() -> Bool {
        for copy in 0..<exchange.replica.copyCount {
            var next = exchange.replica.firstUncommitted(copy)
            while let slot = next {
                next = exchange.replica.nextUncommitted(slot)
                if isUncommittedOutliver(slot) { return true }
            }
        }
        return false
    }

    private func isUncommittedOutliver(_ slot: TailSlot) -> Bool {
        // What this engine decided stands in its tables.
        guard exchange.replica.decision(slot) == nil else { return false }
        let head = exchange.replica.head(slot)
        guard
            let entry = try? FlowEntry.parse(
                kind: head.kind.rawValue, flags: head.flags, exchange.replica.body(slot), at: 0
            ).entry
        else { return false }
        return translator.wouldOutlive(entry)
    }
}
