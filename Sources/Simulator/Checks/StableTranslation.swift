// Invariant 2: a flow's translation and target never change while it lives, whichever node forwards
// it.
//
// A flow lives for its idle time at least from when a client sent a packet that left, or a request
// whose answer left. How long it lives beyond that is the cluster's affair.

import Configuration
import Steering
import Wire

/// What the wires have told of each flow.
struct StableTranslation {
    private(set) var flows: [KnownFlow] = []
    /// Groups that may be about to begin anew: of their flows nothing is known.
    var undecided: Set<UInt64> = []
    /// By group or bucket that began anew: until then a member that doesn't know of it may send by old
    /// records.
    private var voidUntil: [Beginning: Moment] = [:]

    private struct Beginning: Hashable {
        var group: UInt64
        /// Nil: all of the group's.
        var bucket: BucketIndex?
    }

    /// One flow.
    struct KnownFlow {
        /// How its last outbound packet left; nil before the first one.
        var translated: FlowTuple?
        /// It can't have expired before its idle time has passed since then.
        var sentAt = Moment.start
        /// The last copy of it was lost: whatever comes next is another flow.
        var isLost = false
        /// The last full copy of it was lost; what others still hold of it may not count any more.
        var isOrphan = false
    }

    subscript(flow: Int) -> KnownFlow {
        flow < flows.count ? flows[flow] : KnownFlow()
    }

    mutating func check(_ departure: Departure, _ flow: Int, in run: Simulation) -> String? {
        while flows.count <= flow { flows.append(KnownFlow()) }
        let truth = run.flows[flow]
        let tuple = departure.packet.summary.tuple
        guard departure.isOutbound else {
            return checkInbound(departure, flow, truth, in: run)
        }
        if let message = checkDestination(truth, tuple, in: run) { return message }
        let known = flows[flow]
        defer {
            flows[flow].translated = tuple
            flows[flow].isOrphan = false
        }
        guard let before = known.translated, before != tuple, !known.isLost else {
            flows[flow].isLost = isVoid(flow, tuple, at: departure.at, in: run)
            return nil
        }
        let livesUntil = known.sentAt + run.shortestLife(of: truth)
        guard departure.at < livesUntil, !run.wasWithdrawn(before.source) else { return nil }
        return "flow \(flow) was \(before) and is \(tuple), "
            + "though it lives until \(livesUntil) at least"
    }

    /// The part of a tuple that no gateway changes, and that every balancer must.
    private func checkDestination(
        _ truth: WorkloadFlow, _ tuple: FlowTuple, in run: Simulation
    ) -> String? {
        let isSame: Bool
        switch run.world.services[truth.service].kind {
        case .nat:
            isSame =
                tuple.destination == truth.tuple.destination
                && tuple.destinationPort == truth.tuple.destinationPort
        case .balancer:
            isSame =
                tuple.source == truth.tuple.source && tuple.sourcePort == truth.tuple.sourcePort
        }
        guard !isSame || tuple.ipProtocol != truth.tuple.ipProtocol else { return nil }
        return "\(truth.tuple) left as \(tuple)"
    }

    /// An answer goes to whom it answers, unless it was under way for so long that its port may be
    /// another's by now.
    private func checkInbound(
        _ departure: Departure, _ flow: Int, _ truth: WorkloadFlow, in run: Simulation
    ) -> String? {
        let tuple = departure.packet.summary.tuple
        guard tuple.reversed != truth.tuple else { return nil }
        guard let stamp = departure.packet.stamp,
            departure.at - stamp.sentAt < run.longestPacketLife
        else { return nil }
        return "an answer for flow \(flow), \(truth.tuple), went out as \(tuple)"
    }

    /// Of a packet that broke nothing: its flow lives on.
    mutating func refresh(_ departure: Departure, _ flow: Int) {
        while flows.count <= flow { flows.append(KnownFlow()) }
        guard let stamp = departure.packet.stamp else { return }
        guard departure.isOutbound || departure.packet.summary.kind != .tcp else { return }
        flows[flow].sentAt = max(flows[flow].sentAt, stamp.sentAt)
    }

    /// Flows whose only record is lost with a node's memory are other flows from then on. Where it was
    /// the only full copy, by the wires, the others may lack what came after.
    mutating func crashed(_ node: Int, _ views: WitnessedViews, in run: Simulation) -> [Int] {
        let lost = flows.indices.filter { flow in
            flows[flow].translated != nil
                && run.holders(of: flow, translated: flows[flow].translated) == [node]
        }
        for flow in lost { flows[flow].isLost = true }
        for flow in flows.indices where flows[flow].translated != nil {
            let full = views.groups[run.groupID(of: flow)]?.full(run.flows[flow].bucket) ?? []
            let here = full.map { run.world.node($0.node) }
            if here.contains(node),
                !run.isHeld(flow, as: flows[flow].translated, byOneOf: full, but: node)
            {
                flows[flow].isOrphan = true
            }
        }
        return lost
    }

    /// A group began a new generation, or one of its buckets began anew: its flows are other flows from
    /// then on, and so are those of other buckets on ports that it lent. Whoever still has the old ones
    /// sends by them until its lease ends.
    mutating func void(
        _ group: UInt64, _ bucket: BucketIndex? = nil, in run: Simulation
    ) -> [Int] {
        let lost = flows.indices.filter { flow in
            guard let translated = flows[flow].translated, run.groupID(of: flow) == group else {
                return false
            }
            return bucket == nil || run.flows[flow].bucket == bucket
                || run.lender(of: flow, translated) == bucket
        }
        for flow in lost { flows[flow].isLost = true }
        voidUntil[Beginning(group: group, bucket: bucket)] = run.now + 100_000_000
        return lost
    }

    /// Whether what leaves for a flow, translated so, may be by a record that is void.
    func isVoid(
        _ flow: Int, _ translated: FlowTuple, at now: Moment, in run: Simulation
    ) -> Bool {
        let group = run.groupID(of: flow)
        let buckets = [nil, run.flows[flow].bucket, run.lender(of: flow, translated)]
        return buckets.contains {
            now < voidUntil[Beginning(group: group, bucket: $0)] ?? .start
        }
    }
}

extension Simulation {
    /// Whether the placement names a node as a member of a group.
    func isMember(_ node: NodeID, of group: UInt64) -> Bool {
        control.snapshot.groups.contains { $0.id == group && $0.members.contains(node) }
    }

    /// The group that serves a flow.
    func groupID(of flow: Int) -> UInt64 {
        world.snapshot.groups[world.services[flows[flow].service].group].id
    }

    /// The bucket whose port a flow of a NAT gateway leaves by: its own, or one that lends.
    func lender(of flow: Int, _ translated: FlowTuple) -> BucketIndex? {
        guard world.services[flows[flow].service].kind == .nat else { return nil }
        return world.portSets.bucket(of: translated.sourcePort)
    }

    /// Whether one of the starts, on another node than this, holds a flow.
    fileprivate func isHeld(
        _ flow: Int, as translated: FlowTuple?,
        byOneOf starts: [(node: NodeID, incarnation: Incarnation)], but node: Int
    ) -> Bool {
        starts.contains { start in
            guard let index = world.node(start.node), index != node else { return false }
            return nodes[index].runs(start.incarnation)
                && nodes[index].holds(flows[flow], as: translated, in: world)
        }
    }

    /// How long a flow lives without packets, at the least: clocks count hundredths of a second,
    /// and run a little fast.
    func shortestLife(of flow: WorkloadFlow) -> UInt64 {
        let mayClose =
            flow.tuple.ipProtocol == .tcp
            && (flow.life > 1 || flow.step == .closing || flow.step == .over)
        let seconds = mayClose ? 1 : UInt64(plan.time.idleSeconds)
        return seconds * 1_000_000_000 - clockSlack(seconds)
    }

    /// What a span of so many seconds may be measured short by.
    func clockSlack(_ seconds: UInt64) -> UInt64 {
        30_000_000 + seconds * 2_000 * UInt64(plan.cluster.driftPerMillion)
    }

    /// Whether an EIP was taken from a gateway at some time: its flows were ended then.
    func wasWithdrawn(_ address: IPAddress) -> Bool {
        guard case .v4(let address) = address else { return false }
        return control.withdrawn.contains(address)
    }
}
