// Touches: how flows go on, told to followers now and then, outside the bucket's sequence. A lost one is
// made good by the next, and by rule 15 of DESIGN part 5.
//
// Nothing is noted of when a flow was told: each has moments of its own, an eighth of its idle time apart,
// and a round over the table tells those whose moment has come since the round before and that were seen
// since the moment before. A change of state is told in the round that finds it.

import Configuration
import Tables
public import Wire

/// Where a table's round stands.
struct TouchRound: Sendable {
    var position = 0
    /// When this round began, and the one before.
    var began = Tick(rawValue: 0)
    var previous = Tick(rawValue: 0)
}

/// A touch and the chain whose followers are to have it.
public struct TouchNotice: Hashable, Sendable, BitwiseCopyable {
    public var chain: Int
    public var bucket: BucketIndex
    public var touch: FlowTouch
}

extension Translator {
    /// Visits up to `limit` slots of the table and tells what followers don't know yet of flows in
    /// chains that this engine leads. True if that was the last of a round: whatever happened before
    /// the round began, and was due, has been told.
    mutating func collectTouches<Layout: TranslationLayout>(
        table flows: inout FlowTable<Layout>, _ round: TouchRound, limit: Int, _ now: Tick,
        tell: (TouchNotice) -> Void
    ) -> (next: TouchRound, isRoundOver: Bool) {
        var round = round
        if round.position == 0 {
            round.previous = round.began
            round.began = now
        }
        let end = min(round.position + limit, flows.capacityFlows)
        while let handle = flows.nextLive(from: round.position, before: end) {
            round.position = Int(handle.rawValue) + 1
            let record = flows[hot: handle]
            guard record.commitment == .settled, record.isCounted else { continue }
            let chain = chain(of: record)
            guard reign(chain: chain).isLed, isDue(record, handle, round, now) else { continue }
            flows[hot: handle].replication.toldState = record.state
            tell(
                TouchNotice(
                    chain: chain, bucket: record.bucket,
                    touch: FlowTouch(
                        name: name(of: record),
                        progress: progress(of: record, flows[cold: handle], now))))
        }
        let isRoundOver = end == flows.capacityFlows
        round.position = isRoundOver ? 0 : end
        return (round, isRoundOver)
    }

    private func isDue<Record: FlowRecord>(
        _ record: Record, _ handle: FlowHandle, _ round: TouchRound, _ now: Tick
    ) -> Bool {
        if record.replication.toldState != record.state { return true }
        let interval = max(1, UInt64(resources.idleCentiseconds(of: record)) / 8)
        // Spread, so that flows that began together aren't told together.
        let phase = UInt64(handle.rawValue) &* 0x9E37_79B9_7F4A_7C15 % interval
        let began = round.began.rawValue / 10_000_000 + phase
        guard began / interval != (round.previous.rawValue / 10_000_000 + phase) / interval else {
            return false
        }
        // Since the moment before this one.
        let window = interval + began % interval + (now - round.began) / 10_000_000
        return UInt64(now.centiseconds &- record.lastSeenCentiseconds) <= window
    }

    /// Takes what a leader tells of a flow; nothing of one that this engine leads, or that has ended.
    mutating func replay<Layout: TranslationLayout>(
        _ touch: FlowTouch, _ bucket: BucketIndex, _ flows: inout FlowTable<Layout>, _ now: Tick
    ) -> ReplayOutcome {
        guard let handle = find(touch.name, bucket, flows) else { return .unknownFlow }
        let record = flows[hot: handle]
        guard record.commitment == .settled, record.isCounted, !reign(of: record).isLed,
            record.state.isSameKind(as: touch.progress.state)
        else { return .known }
        var details = flows[cold: handle]
        flows[hot: handle].apply(touch.progress, &details, now)
        flows[cold: handle] = details
        return .applied
    }
}

extension FlowState {
    /// Whether a flow may go from the one to the other as it lives.
    fileprivate func isSameKind(as other: FlowState) -> Bool { isTCP ? other.isTCP : self == other }
}
