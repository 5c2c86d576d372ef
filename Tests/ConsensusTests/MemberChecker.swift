// What must hold of the members of a network at every moment, seen from outside.

import Testing
import Wire

@testable import Consensus

struct MemberChecker {
    /// Views that anybody sent, with what each was built on.
    private var builtOn: [UInt64: [Ballot: Ballot]] = [:]
    private(set) var views: [UInt64: [Ballot: View]] = [:]
    /// Views that Q members of their configuration have installed.
    private(set) var active: [UInt64: [Ballot]] = [:]
    private var newest: [UInt64: (ballot: Ballot, since: Tick)] = [:]
    private var committed: [UInt64: [Int: (generation: UInt32, log: [Int])]] = [:]
    private(set) var faults: [String] = []

    /// Views made of a group.
    func viewCount(_ group: UInt64) -> Int { active[group]?.count ?? 0 }

    mutating func see(_ part: ViewPart) {
        let view = part.content.view
        builtOn[view.group, default: [:]][view.ballot] = part.content.builtOn
    }

    mutating func see(_ order: EngineOrder, of node: FakeNode, at now: Tick) {
        switch order {
        case .install(let view, _):
            let known = views[view.group]?[view.ballot]
            if known != nil, known != view { faults.append("two views of ballot \(view.ballot)") }
            views[view.group, default: [:]][view.ballot] = view
        case .activate(let group, let ballot):
            guard !(active[group]?.contains(ballot) ?? false) else { return }
            active[group, default: []].append(ballot)
            if newest[group].map({ $0.ballot < ballot }) ?? true { newest[group] = (ballot, now) }
            checkAncestors(group, ballot)
        default: break
        }
    }

    /// Of two active views the older is an ancestor of the newer.
    private mutating func checkAncestors(_ group: UInt64, _ ballot: Ballot) {
        for other in active[group] ?? [] where other.generation == ballot.generation {
            var younger = max(other, ballot)
            let older = min(other, ballot)
            while younger > older { younger = builtOn[group]?[younger] ?? .none }
            if younger != older { faults.append("\(other) and \(ballot) are both active") }
        }
    }

    mutating func commit(_ group: UInt64, _ bucket: Int, _ generation: UInt32, _ log: [Int]) {
        let known = committed[group]?[bucket]
        if let known, known.generation == generation {
            // What is committed stays in front, for ever.
            let isKept =
                known.log.count > log.count || Array(log.prefix(known.log.count)) == known.log
            if !isKept { faults.append("bucket \(bucket): \(log) after \(known.log)") }
            if log.count <= known.log.count { return }
        } else if let known, known.generation > generation {
            faults.append("bucket \(bucket): committed in generation \(generation)")
        }
        committed[group, default: [:]][bucket] = (generation, log)
    }

    /// The committed entries of a bucket.
    func committedLog(_ group: UInt64, _ bucket: Int) -> [Int] {
        committed[group]?[bucket]?.log ?? []
    }

    mutating func check(_ network: MemberNetwork) {
        for node in network.nodes where node.isUp && !node.isPaused {
            for engine in node.engines {
                for (id, group) in engine.groups { check(id, group, engine, network) }
            }
        }
    }

    private mutating func check(
        _ id: UInt64, _ group: FakeGroup, _ engine: FakeEngine, _ network: MemberNetwork
    ) {
        guard let view = group.view, let newest = newest[id] else { return }
        if view.ballot < newest.ballot, let end = engine.leases.end(of: id),
            end > newest.since + network.settings.leaseNanoseconds, end > network.now,
            view.members.count > 1
        {
            faults.append("node \(engine.node.rawValue) is leased in an old view")
        }
        guard view.ballot == newest.ballot else { return }
        for bucket in engine.buckets where group.copies[bucket].isFull {
            guard let known = committed[id]?[bucket], known.generation == view.ballot.generation
            else { continue }
            let log = group.copies[bucket].log
            if Array(log.prefix(known.log.count)) != known.log {
                faults.append(
                    "node \(engine.node.rawValue) bucket \(bucket) is full without a record")
            }
        }
    }
}

extension MemberNetwork {
    /// The newest active view of a group that all live nodes of it run by, every bucket open with R
    /// full copies; nil if it isn't so.
    func settledView(_ group: UInt64, without missing: Set<Int> = []) -> View? {
        var found: View?
        for index in nodes.indices where !missing.contains(index) {
            guard nodes[index].isUp, let view = nodes[index].member.view(of: group),
                nodes[index].member.isActive(group: group), found == nil || found == view
            else { return nil }
            found = view
        }
        guard let view = found else { return nil }
        let present = nodes.indices.filter { !missing.contains($0) }.map { nodes[$0] }
        let isNamed = present.allSatisfy { node in
            view.seat(of: node.id).map { view.incarnations[$0] == node.incarnation } ?? false
        }
        guard isNamed, view.live.count == present.count,
            view.buckets.allSatisfy({ $0.isOpen })
        else { return nil }
        return view
    }

    /// The same, and all copies are full, none too many, and the preferred lead.
    func isAtRest(_ group: UInt64, without missing: Set<Int> = []) -> Bool {
        guard let view = settledView(group, without: missing) else { return false }
        return view.buckets.indices.allSatisfy { isAtRest(group, $0, view) }
    }

    private func isAtRest(_ group: UInt64, _ bucket: Int, _ view: View) -> Bool {
        let copies = Quorum(members: view.members.count).copies
        return view.buckets[bucket].replicas.count == copies && isWellLed(group, bucket, view)
            && view.members.indices.allSatisfy { seat in
                guard view.buckets[bucket].replicas.contains(seat: seat) else { return true }
                let node = nodes.first { $0.id == view.members[seat] }
                let engine = node?.engines[bucket % engineCount]
                return engine?.groups[group]?.copies[bucket].isFull ?? false
            }
    }
}

extension MemberNetwork {
    /// The nodes whose engines lead a bucket.
    func leaders(_ group: UInt64, _ bucket: Int) -> [NodeID] {
        nodes.filter { node in
            node.isUp && node.engines[bucket % engineCount].leads(group, bucket)
        }.map(\.id)
    }

    /// Whether one leads it, the preferred one if that lives.
    private func isWellLed(_ group: UInt64, _ bucket: Int, _ view: View) -> Bool {
        let leaders = leaders(group, bucket)
        guard leaders.count == 1, let plan = plans.first(where: { $0.id == group }) else {
            return false
        }
        let preferred = plan.members[Int(plan.preferredLeaders[bucket])]
        return leaders[0] == preferred
            || view.seat(of: preferred).map { view.incarnations[$0] == .unknown } ?? true
    }

    /// Whether the group waits as it must, because more than R - 1 copies or too many members were
    /// lost: until the operator says otherwise. Rules 9 and 19.
    func waitsRightly(_ group: UInt64) -> Bool {
        let summaries = nodes.compactMap { $0.member.summary(of: group) }
        let newest = summaries.map(\.installed.generation).max() ?? 0
        let quorum = Quorum(members: nodes.count).promises
        let members = summaries.count { $0.installed.generation == newest }
        let empties = summaries.count { $0.installed == .none }
        if members < quorum && empties < quorum { return true }
        guard
            let view = nodes.compactMap({ $0.member.view(of: group) }).max(by: {
                $0.ballot < $1.ballot
            })
        else { return false }
        // One view, active everywhere; what is open in it has its leader and its copies.
        let isOne = nodes.allSatisfy {
            $0.member.view(of: group) == view && $0.member.isActive(group: group)
        }
        let waiting = view.buckets.indices.filter { !view.buckets[$0].isOpen }
        return isOne && !waiting.isEmpty
            && view.buckets.indices.allSatisfy { bucket in
                view.buckets[bucket].isOpen
                    ? hasCopies(group, bucket, view) : isLost(group, bucket)
            }
    }

    private func hasCopies(_ group: UInt64, _ bucket: Int, _ view: View) -> Bool {
        let copies = Quorum(members: view.members.count).copies
        let full = nodes.count {
            $0.engines[bucket % engineCount].groups[group]?.copies[bucket].isFull ?? false
        }
        return full >= copies && leaders(group, bucket).count == 1
    }

    /// Whether nobody holds all that was committed.
    private func isLost(_ group: UInt64, _ bucket: Int) -> Bool {
        let log = checker.committedLog(group, bucket)
        return nodes.allSatisfy { node in
            let copy = node.engines[bucket % engineCount].groups[group]?.copies[bucket]
            return copy.map { !$0.isFull || Array($0.log.prefix(log.count)) != log } ?? true
        }
    }
}
