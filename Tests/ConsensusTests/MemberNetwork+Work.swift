// What the leaders of the members' network do: they take entries, copy them to their followers, fill
// copies, and hand buckets over.

import Wire

@testable import Consensus

extension MemberNetwork {
    /// Why views were proposed since the last call, in the order of the nodes.
    func reasonsOfProposals() -> [ViewReason] {
        var reasons: [ViewReason] = []
        for node in nodes {
            while let notice = node.member.pollNotice() {
                if case .proposed(_, _, let reason) = notice { reasons.append(reason) }
            }
        }
        return reasons
    }

    /// Each leader takes an entry, or sends one that isn't committed yet again; what leads to full
    /// copies goes on.
    func work() {
        for node in nodes where node.isUp && !node.isPaused {
            for engine in node.engines {
                for plan in plans {
                    for bucket in engine.buckets {
                        if engine.leads(plan.id, bucket) { lead(plan.id, bucket, engine) }
                        if engine.hasLeft(plan.id, bucket) { handOver(plan.id, bucket, engine) }
                    }
                }
            }
        }
        for index in nodes.indices where nodes[index].isUp { report(index) }
    }

    private func lead(_ id: UInt64, _ bucket: Int, _ engine: FakeEngine) {
        guard let group = engine.groups[id], let view = group.view else { return }
        let term = group.terms[bucket]
        if random.chance(50) {
            nextEntry += 1
            engine.groups[id]?.copies[bucket].log.append(nextEntry)
        }
        let log = engine.groups[id]?.copies[bucket].log ?? []
        let stamp = Stamp(ballot: view.ballot, term: term, sequence: UInt64(log.count))
        engine.groups[id]?.copies[bucket].stamp = stamp
        engine.groups[id]?.copies[bucket].hasAcknowledged = true
        var isCommitted = true
        for seat in view.members.indices
        where view.buckets[bucket].replicas.contains(seat: seat) {
            guard view.members[seat] != engine.node else { continue }
            isCommitted =
                follow(id, bucket, view, view.members[seat], engine, stamp, log) && isCommitted
        }
        if isCommitted { checker.commit(id, bucket, view.ballot.generation, log) }
    }

    /// What a leader that handed a bucket over says to the next one, until that one knows.
    private func handOver(_ id: UInt64, _ bucket: Int, _ engine: FakeEngine) {
        guard let group = engine.groups[id], let view = group.view,
            let from = nodes.firstIndex(where: { $0.id == engine.node }),
            let to = nodes.firstIndex(where: {
                $0.id == view.members[Int(group.leaders[bucket])]
            }), from != to, nodes[to].isUp, !nodes[to].isPaused, !links[from][to].isCut
        else { return }
        let next = nodes[to].engines[bucket % engineCount]
        guard let other = next.groups[id], other.view?.ballot == view.ballot, other.isRunning,
            other.copies[bucket].isFull, other.terms[bucket] < group.terms[bucket]
        else { return }
        next.groups[id]?.copies[bucket].log = group.copies[bucket].log
        next.groups[id]?.copies[bucket].stamp = group.copies[bucket].stamp
        next.learn(
            id, view.ballot, bucket, leader: group.leaders[bucket], term: group.terms[bucket])
    }

    private func follow(
        _ id: UInt64, _ bucket: Int, _ view: View, _ member: NodeID, _ leader: FakeEngine,
        _ stamp: Stamp, _ log: [Int]
    ) -> Bool {
        guard let from = nodes.firstIndex(where: { $0.id == leader.node }),
            let to = nodes.firstIndex(where: { $0.id == member }), nodes[to].isUp,
            !nodes[to].isPaused, !links[from][to].isCut, !random.chance(20)
        else { return false }
        let engine = nodes[to].engines[bucket % engineCount]
        engine.learn(
            id, view.ballot, bucket, leader: UInt8(view.seat(of: leader.node) ?? 0),
            term: stamp.term)
        guard let group = engine.groups[id], group.view?.ballot == view.ballot, group.isRunning,
            group.terms[bucket] == stamp.term
        else { return false }
        engine.groups[id]?.copies[bucket].hasAcknowledged = true
        if group.copies[bucket].isFull {
            engine.groups[id]?.copies[bucket].log = log
            engine.groups[id]?.copies[bucket].stamp = stamp
        } else if group.isActive, random.chance(20) {
            engine.groups[id]?.copies[bucket] = FakeCopy(
                log: log, stamp: stamp, isFull: true, hasAcknowledged: true)
            engine.reports.append(
                .filled(group: id, ballot: view.ballot, bucket: BucketIndex(bucket)))
        }
        return !links[to][from].isCut
    }

    /// Time goes on, and leaders work all the while.
    func runWorking(milliseconds: UInt64) {
        for _ in 0..<milliseconds / 5 {
            run(milliseconds: 5)
            work()
        }
    }
}
