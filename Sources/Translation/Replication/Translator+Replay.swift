// Entries of other engines, as they are committed: a follower's tables follow its leader's. Each may
// come again, whole or as part of a tail that a new leader sends once more; the second time changes
// nothing. Nothing is judged here: what is committed is taken, whatever the quotas say.

import Configuration
import Steering
public import Tables
public import Wire

extension Translator {
    /// Takes a committed entry of a bucket into the tables. What names a resource that this node's
    /// configuration doesn't know yet waits for `replayStrays`, if `chain`, the bucket's in its group,
    /// is told; else it is lost.
    public mutating func replay(
        _ entry: FlowEntry, bucket: BucketIndex, chain: Int? = nil,
        _ flowsV4: inout FlowTable<IPv4FlowLayout>,
        _ flowsV6: inout FlowTable<IPv6FlowLayout>, at now: Tick
    ) -> ReplayOutcome {
        precondition(
            Int(bucket.rawValue) < resources.portSets.bucketCount, "no bucket has this number")
        var outcome: ReplayOutcome
        switch entry {
        case .loan(let loan): outcome = replay(loan, &flowsV4, now)
        case .giveBack(let loan): outcome = replay(giveBack: loan, &flowsV4, now)
        case .lent(let transfer):
            outcome = replay(transfer.grant, &flowsV4, now)
            if transfer.isQuiet { outcome = replay(giveBack: transfer.grant, &flowsV4, now) }
        case _ where entry.isIPv4: outcome = replay(entry, bucket, table: &flowsV4, now)
        default: outcome = replay(entry, bucket, table: &flowsV6, now)
        }
        if outcome == .unknownResource, let chain, strays.keep(entry, bucket, chain: chain) {
            outcome = .waitsForConfiguration
        }
        replays.count(outcome)
        return outcome
    }

    private mutating func replay<Layout: TranslationLayout>(
        _ entry: FlowEntry, _ bucket: BucketIndex, table flows: inout FlowTable<Layout>, _ now: Tick
    ) -> ReplayOutcome {
        switch entry {
        case .empty: return .applied
        case .create(let creation):
            return take(creation, nil, bucket, &flows, now)
        case .record(let transfer):
            return take(transfer.creation, transfer, bucket, &flows, now)
        case .end(let end):
            return replay(end, bucket, &flows, now)
        case .sticky(let record):
            return replay(record, bucket, &flows, now)
        case .touch(let touch):
            return replay(touch, bucket, &flows, now)
        case .loan, .giveBack, .lent:
            preconditionFailure("loans are of IPv4 ports")
        }
    }

    private mutating func replay<Layout: TranslationLayout>(
        _ end: FlowEnd, _ bucket: BucketIndex, _ flows: inout FlowTable<Layout>, _ now: Tick
    ) -> ReplayOutcome {
        guard let handle = find(end.name, bucket, flows) else {
            return isNamed(end.name.resource) ? .unknownFlow : .unknownResource
        }
        guard flows[hot: handle].state != .quiet else { return .known }
        _ = finishEnd(handle, end.reason, table: &flows, now, isOwn: false)
        return .applied
    }

    private mutating func replay<Layout: TranslationLayout>(
        _ sticky: StickyRecord, _ bucket: BucketIndex, _ flows: inout FlowTable<Layout>,
        _ now: Tick
    ) -> ReplayOutcome {
        guard let slot = resources.slot(of: sticky.name.resource) else { return .unknownResource }
        let chain = resources.chain(of: slot, bucket)
        guard chain < flows.chainCount else { return .groupCapacityExceeded }
        var record = Layout.Hot(
            scope: FlowScope(resourceSlot: slot), outbound: sticky.name.outbound,
            translated: sticky.translated, bucket: bucket, state: .sticky)
        record.lastSeenCentiseconds = now.centiseconds
        if let held = find(sticky.name, bucket, flows) {
            guard flows[hot: held].translated != sticky.translated else {
                flows[hot: held].lastSeenCentiseconds = now.centiseconds
                flows[hot: held].commitment = .settled
                return .known
            }
            forget(flows[hot: held])
            flows.remove(held)
        }
        do {
            _ = try flows.insert(
                record, FlowDetails(startCentiseconds: now.centiseconds), chain: chain)
        } catch {
            return ReplayOutcome(error)
        }
        if isOutliver(record) { hasLatecomers = true }
        quotas.remembered(slot, resources.resources[slot].tenantSlot)
        return .applied
    }

    func isNamed(_ resource: ResourceID) -> Bool { resources.slot(of: resource) != nil }

    /// The record that a name stands for.
    func find<Layout: TranslationLayout>(
        _ name: FlowName, _ bucket: BucketIndex, _ flows: borrowing FlowTable<Layout>
    ) -> FlowHandle? {
        guard let slot = resources.slot(of: name.resource) else { return nil }
        let key = Layout.Key(
            name.outbound, scope: FlowScope(resourceSlot: slot), direction: .outbound)
        guard let match = flows.find(key), flows[hot: match.handle].bucket == bucket else {
            return nil
        }
        return match.handle
    }
}

extension FlowEntry {
    /// Which table it is for.
    var isIPv4: Bool {
        switch self {
        case .create(let creation): creation.name.isIPv4
        case .record(let transfer): transfer.creation.name.isIPv4
        case .end(let end): end.name.isIPv4
        case .sticky(let record): record.name.isIPv4
        case .touch(let touch): touch.name.isIPv4
        case .empty, .loan, .giveBack, .lent: true
        }
    }
}

extension FlowName {
    var isIPv4: Bool { outbound.source.isIPv4 && outbound.destination.isIPv4 }
}

extension ReplayOutcome {
    init(_ error: FlowInsertError) {
        switch error {
        case .tableFull, .indexCrowded: self = .flowTableFull
        case .outboundKeyTaken, .inboundKeyTaken: self = .keyTaken
        }
    }
}
