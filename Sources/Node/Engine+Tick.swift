// What an engine does between batches: expiry, in steps of constant work.

import Configuration
import Consensus
import Steering
import Tables
import Translation
public import Wire

extension Engine {
    /// Expires a bounded number of flows, and tells their ends; lets fragments go that waited in
    /// vain. Call at least every 10 ms; between calls nothing expires, and nothing else waits.
    public mutating func tick(_ now: Tick) {
        let elapsed = now - lastSweep
        guard elapsed >= 1_000_000 else { return }
        beginTurn(now)
        collector.tick(now, limit: 64)
        releaseFragments(now)
        lastSweep = now
        sweep(elapsed, now)
        tickPeers(now)
    }

    /// Loans and channels: what waited too long, what is to be said again.
    private mutating func tickPeers(_ now: Tick) {
        consult(now)
        exchange.tick(now)
        announcer.tick(now)
        watchSubscribers(now)
        replicate(now)
        retryWaiting(now)
        decideAll(now)
        settleLoans(now)
        conclude(now)
    }

    private mutating func sweep(_ elapsed: UInt64, _ now: Tick) {
        // The whole table once in about two seconds, whatever its size: a step for each
        // millisecond that passed, as many as an idle engine sleeps for at most.
        let steps = Int(min(elapsed / 1_000_000, 20))
        let wantedV4 = max(64, flowsV4.capacityFlows / 2000) * steps
        let wantedV6 = max(64, flowsV6.capacityFlows / 2000) * steps
        var v4 = 0
        var v6 = 0
        // In pieces, as long as there are frames for what must be told: two resets for each end.
        let piece = min(Self.sweepPiece, frames.count / 8)
        while v4 < wantedV4 || v6 < wantedV6, 2 * piece < frames.freeCount {
            let pieceV4 = min(max(piece / 2, 1), wantedV4 - v4)
            let pieceV6 = min(max(piece / 2, 1), wantedV6 - v6)
            translator.sweep(&flowsV4, limit: pieceV4, now: now) { endingsV4.append($0) }
            translator.sweep(&flowsV6, limit: pieceV6, now: now) { endingsV6.append($0) }
            v4 += pieceV4
            v6 += pieceV6
            proposeEndings(now)
        }
        tellTouches(slots: wantedV4, now)
        closeVersion(v4, v6, now)
    }

    /// Ends that are due become entries.
    private mutating func proposeEndings(_ now: Tick) {
        for index in endingsV4.indices { proposeEnd(endingsV4[index], isIPv4: true, now) }
        for index in endingsV6.indices { proposeEnd(endingsV6[index], isIPv4: false, now) }
        endingsV4.removeAll(keepingCapacity: true)
        endingsV6.removeAll(keepingCapacity: true)
    }

    /// The end of a record is committed: what it makes of it is told.
    mutating func finish(_ proposal: EndProposal, isIPv4: Bool, _ now: Tick) {
        let ending =
            isIPv4
            ? translator.finishEnd(proposal, in: &flowsV4, at: now)
            : translator.finishEnd(proposal, in: &flowsV6, at: now)
        if let ending { tell(ending, now) }
    }

    /// Slots that are looked at before what ended there is told, at most. Where frames are few, fewer:
    /// else nothing would ever expire.
    private static var sweepPiece: Int { 256 }

    /// A flow has ended: whoever logs is told, and its two ends.
    mutating func tell(_ ending: FlowEnding, _ now: Tick) {
        events.append(.ended(ending, at: now))
        announce(ending)
    }
}
