// A promise begins: from now on nothing of a lower view is accepted, acknowledged, decided or committed
// here, and the member is told how far each copy reaches. DESIGN part 5, rule 4.

import Tables
public import Wire

extension Replica {
    /// Does what the node's member orders.
    public mutating func handle(_ order: EngineOrder) {
        switch order {
        case .freeze(let group, let ballot): freeze(group, ballot)
        case .install(let view, let builtOn): install(view, builtOn: builtOn)
        case .activate(let group, let ballot): activate(group, ballot)
        case .handOver(let group, let ballot, let bucket, let seat):
            handOver(group, ballot, bucket, to: Int(seat))
        case .lead(let group, let ballot, let bucket, let term, let seat):
            note(group: group, ballot: ballot, bucket: bucket, term: term, seat: seat)
        case .begin(let group, let ballot, let restUntil, let buckets):
            begin(group, buckets, Beginning(ballot: ballot, restUntil: restUntil))
        case .drop(let group): drop(group)
        // Leases are kept beside the replica.
        case .grant, .withdraw, .vouch: break
        }
    }

    private mutating func freeze(_ group: UInt64, _ ballot: Ballot) {
        guard let slot = slots[group].map(Int.init), ballot > groups[slot].promised else { return }
        groups[slot].promised = ballot
        var standings: [BucketStanding] = []
        var isTold = false
        for bucket in 0..<settings.bucketCount where isHere(BucketIndex(bucket)) {
            let state = copies[copy(group: slot, BucketIndex(bucket)).index]
            standings.append(
                BucketStanding(
                    bucket: BucketIndex(bucket), stamp: state.stamp, isFull: state.isFull,
                    hasAcknowledged: state.hasActed))
            guard standings.count == EngineReport.mostStandings else { continue }
            isTold = true
            reports.append(.frozen(group: group, ballot: ballot, standings))
            standings.removeAll(keepingCapacity: true)
        }
        guard !standings.isEmpty || !isTold else { return }
        reports.append(.frozen(group: group, ballot: ballot, standings))
    }
}
