// What the replica says is done to the tables, in its order; a bucket's records are discarded a few in
// each turn, and whatever comes for the bucket meanwhile waits. DESIGN part 5, rules 7 and 10.

import Consensus
import Tables
import Translation
import Wire

extension Engine {
    /// Does to the tables what the replica says, in its order.
    mutating func applyEntries(_ now: Tick) {
        // What waited for a configuration that names its resource.
        var losses: [Int] = []
        translator.replayStrays(&flowsV4, &flowsV6, at: now) { losses.append($0) }
        for chain in losses { lose(chain: chain) }
        continueDiscards(now)
        // An active view may say that loans are void: before anything is decided by it.
        noteLoanChanges(now)
        while let event = exchange.replica.pollEvent() { take(event, now) }
    }

    private mutating func take(_ event: ReplicaEvent, _ now: Tick) {
        guard discards.isEmpty || !discards.contains(event.copy) else {
            return deferred.append(event)
        }
        perform(event, now)
    }

    private mutating func perform(_ event: ReplicaEvent, _ now: Tick) {
        exchange.note(event, at: now)
        switch event {
        case .committed(let copy, let slot):
            apply(slot, of: copy, now)
            exchange.replica.release(slot)
        case .news(let copy, let slot):
            replay(slot, of: copy, now)
            exchange.replica.release(slot)
        case .undone(_, let slot):
            if !undoLoan(slot, now), let decision = exchange.replica.decision(slot) {
                undo(decision.handle, isIPv4: decision.isIPv4, now)
            }
            exchange.replica.release(slot)
        case .discard(let copy):
            if !discard(copy, now) { discards.append(copy) }
        case .began(let copy):
            var reign = Reign.unopened
            reign.knowsSince = translator.reign(chain: chain(copy)).knowsSince
            translator.setReign(chain: chain(copy), reign)
            holdingsAreStale = true
        case .opened(let copy): open(copy, now)
        case .followed(let copy): translator.setReign(chain: chain(copy), .unopened)
        case .heard(let copy):
            translator.setReign(chain: chain(copy), Reign(isLed: false, since: now))
        case .interrupted(let copy):
            var reign = translator.reign(chain: chain(copy))
            reign.knowsSince = reign.isLed ? now : Reign.unknown
            translator.setReign(chain: chain(copy), reign)
            translator.forgetTracking(chain: chain(copy), &flowsV4, &flowsV6)
        case .ceased(let copy):
            translator.setReign(chain: chain(copy), .unopened)
            translator.forgetTracking(chain: chain(copy), &flowsV4, &flowsV6)
            holdingsAreStale = true
        case .fill(let copy, let seat, let refills):
            planTransfer(copy, to: seat, refills: refills, now)
        }
        noteLoanChanges(now)
    }

    // MARK: Discarding

    /// Gives back some of a bucket's records. True if none is left.
    private mutating func discard(_ copy: CopyIndex, _ now: Tick) -> Bool {
        guard discardSteps > 0 else { return false }
        discardSteps -= 1
        guard
            translator.discard(
                chain: chain(copy), limit: Self.recordsPerDiscard, &flowsV4, &flowsV6, at: now)
        else { return false }
        exchange.replica.discarded(copy)
        return true
    }

    /// Goes on with what was not discarded in one turn, or found no walk free; then does what came for
    /// the buckets that are done.
    private mutating func continueDiscards(_ now: Tick) {
        guard !discards.isEmpty else { return }
        var begun: [CopyIndex] = []
        swap(&begun, &discards)
        for copy in begun where !discard(copy, now) { discards.append(copy) }
        guard discards.count < begun.count, !deferred.isEmpty else { return }
        var events: [ReplicaEvent] = []
        swap(&events, &deferred)
        for event in events { take(event, now) }
    }

    /// Steps of discarding in one turn, and records in each: half a millisecond's work.
    static var discardStepsPerTurn: Int { 16 }
    private static var recordsPerDiscard: Int { 128 }
}
