// An engine as a member sees it: it freezes, installs, fills and hands over. Its records are numbers
// in an array, so that a test can see whether a view change lost a committed one.

import Wire

@testable import Consensus

/// One bucket's copy.
struct FakeCopy {
    var log: [Int] = []
    var stamp = Stamp.none
    var isFull = false
    var hasAcknowledged = false
}

/// One group at an engine.
struct FakeGroup {
    var view: View?
    var frozen = Ballot.none
    var isActive = false
    var activeAt = Tick(rawValue: 0)
    var copies: [FakeCopy]
    /// By bucket: who leads, since hand-overs.
    var leaders: [UInt8] = []
    var terms: [UInt32] = []

    /// Whether it may take or decide anything.
    var isRunning: Bool { view.map { $0.ballot >= frozen } ?? false }
}

final class FakeEngine {
    let node: NodeID
    let index: Int
    let engineCount: Int
    let bucketCount: Int
    var groups: [UInt64: FakeGroup] = [:]
    var leases: Leases
    var reports: [EngineReport] = []

    init(node: NodeID, index: Int, engineCount: Int, bucketCount: Int) {
        self.node = node
        self.index = index
        self.engineCount = engineCount
        self.bucketCount = bucketCount
        leases = Leases(node: node, groupCapacity: 16, nodeCapacity: 16)
    }

    var buckets: [Int] { Array(stride(from: index, to: bucketCount, by: engineCount)) }

    private func group(_ id: UInt64) -> FakeGroup {
        groups[id]
            ?? FakeGroup(copies: Array(repeating: FakeCopy(), count: bucketCount))
    }

    func take(_ order: EngineOrder, at now: Tick) {
        leases.take(order)
        switch order {
        case .freeze(let id, let ballot): freeze(id, ballot)
        case .install(let view, _): install(view)
        case .activate(let id, let ballot):
            guard groups[id]?.view?.ballot == ballot else { return }
            groups[id]?.isActive = true
            groups[id]?.activeAt = now
            discard(id)
        case .handOver(let id, let ballot, let bucket, let seat):
            handOver(id, ballot, Int(bucket.rawValue), seat)
        case .drop(let id): groups[id] = nil
        case .grant, .withdraw, .vouch, .lead, .begin: break
        }
    }

    private func freeze(_ id: UInt64, _ ballot: Ballot) {
        var group = group(id)
        group.frozen = max(group.frozen, ballot)
        groups[id] = group
        let standings = buckets.map { bucket in
            BucketStanding(
                bucket: BucketIndex(bucket), stamp: group.copies[bucket].stamp,
                isFull: group.copies[bucket].isFull,
                hasAcknowledged: group.copies[bucket].hasAcknowledged)
        }
        reports.append(.frozen(group: id, ballot: ballot, standings))
    }

    private func install(_ view: View) {
        var group = group(view.group)
        if group.view.map({ $0.ballot.generation < view.ballot.generation }) ?? true {
            group.copies = Array(repeating: FakeCopy(), count: bucketCount)
        }
        precondition(view.ballot >= group.frozen, "installed below a promise")
        group.view = view
        group.isActive = false
        group.leaders = view.buckets.map(\.leader)
        group.terms = view.buckets.map { _ in 0 }
        guard let seat = view.seat(of: node) else { preconditionFailure("not a member") }
        for bucket in buckets {
            group.copies[bucket].isFull = view.buckets[bucket].full.contains(seat: seat)
            group.copies[bucket].hasAcknowledged = false
        }
        groups[view.group] = group
        reports.append(.installed(group: view.group, ballot: view.ballot))
    }

    /// What isn't kept by the active view any more.
    private func discard(_ id: UInt64) {
        guard let view = groups[id]?.view, let seat = view.seat(of: node) else { return }
        for bucket in buckets where !view.buckets[bucket].replicas.contains(seat: seat) {
            groups[id]?.copies[bucket] = FakeCopy()
        }
    }

    /// Bucket led here, in an active view, not frozen.
    func leads(_ id: UInt64, _ bucket: Int) -> Bool {
        guard let group = groups[id], let view = group.view, group.isActive, group.isRunning,
            buckets.contains(bucket)
        else { return false }
        return view.seat(of: node).map { UInt8($0) == group.leaders[bucket] } ?? false
    }

    private func handOver(_ id: UInt64, _ ballot: Ballot, _ bucket: Int, _ seat: UInt8) {
        guard leads(id, bucket), groups[id]?.view?.ballot == ballot else { return }
        groups[id]?.leaders[bucket] = seat
        groups[id]?.terms[bucket] += 1
        reports.append(
            .led(
                group: id, ballot: ballot, bucket: BucketIndex(bucket),
                term: groups[id]?.terms[bucket] ?? 0, seat: seat))
    }

    /// Bucket handed over here, not frozen.
    func hasLeft(_ id: UInt64, _ bucket: Int) -> Bool {
        guard let group = groups[id], let view = group.view, group.isActive, group.isRunning
        else { return false }
        return group.terms[bucket] > 0
            && view.seat(of: node).map { UInt8($0) != group.leaders[bucket] } ?? false
    }

    /// Learns that another leads: the follower of a hand-over, and the other replicas.
    func learn(_ id: UInt64, _ ballot: Ballot, _ bucket: Int, leader: UInt8, term: UInt32) {
        guard let group = groups[id], group.view?.ballot == ballot, group.isRunning,
            group.terms[bucket] < term
        else { return }
        groups[id]?.leaders[bucket] = leader
        groups[id]?.terms[bucket] = term
        reports.append(
            .led(
                group: id, ballot: ballot, bucket: BucketIndex(bucket), term: term, seat: leader))
    }
}
