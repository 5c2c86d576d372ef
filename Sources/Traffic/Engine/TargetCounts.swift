// What became of the flows of each target, by the target that they were given first.

public import Wire

/// The flows of one target.
struct TargetCounts: Sendable {
    let target: ServiceTarget
    /// Whether its flows may break.
    let isKilled: Bool
    var flows = 0
    var broken = 0
    var changed = 0
    /// When the first flow and the last one were seen to be given to it.
    var first: Tick
    var last: Tick
    /// The nodes, by ordinal, that have given it a flow, and when the last of them did so first.
    var nodes: Set<Int> = []
    var lastNode: Tick

    init(_ target: ServiceTarget, isKilled: Bool, _ now: Tick) {
        self.target = target
        self.isKilled = isKilled
        first = now
        last = now
        lastNode = now
    }

    mutating func add(by node: Int?, _ now: Tick) {
        flows += 1
        last = now
        if let node, nodes.insert(node).inserted { lastNode = now }
    }

    func report(since start: Tick) -> TargetReport {
        TargetReport(
            target: target.name, isKilled: isKilled, flows: flows, broken: broken,
            changed: changed, firstFlowAfterSeconds: Double(first - start) / 1e9,
            lastFlowAfterSeconds: Double(last - start) / 1e9)
    }
}

/// When a target was first and last given flows.
public struct TargetSight: Sendable {
    public var first: Tick
    public var last: Tick
    /// When the last of the nodes gave it a flow for the first time; nil while one is missing.
    public var everyNode: Tick?
}

extension ServiceTarget {
    var name: String {
        address.isIPv4 ? "\(address):\(port.rawValue)" : "[\(address)]:\(port.rawValue)"
    }
}

extension TrafficEngine {
    /// The counts of the target that a flow through a load balancer has been given.
    private func ordinal(_ record: FlowRecord) -> Int? {
        guard record.marks.contains(.translated),
            workload.streams[Int(record.stream)].listener != nil
        else { return nil }
        return targets.firstIndex {
            $0.target.address == record.seenDestination
                && $0.target.port == record.seenDestinationPort
        }
    }

    /// A flow was given its target.
    mutating func noteTarget(_ slot: Int, _ arrival: Arrival) {
        let known: Int
        if let found = ordinal(flows[slot]) {
            known = found
        } else {
            let target = ServiceTarget(
                address: flows[slot].seenDestination, port: flows[slot].seenDestinationPort)
            known = targets.count
            targets.append(
                TargetCounts(
                    target, isKilled: workload.plan.killedTargets.contains(target.name),
                    arrival.now))
        }
        targets[known].add(by: arrival.node, arrival.now)
    }

    /// What was seen of a target, named `address:port`, of the first resource; nil before its
    /// first flow.
    public func sight(of name: String) -> TargetSight? {
        guard let counts = targets.first(where: { $0.target.name == name }) else { return nil }
        let leaders = Set(topology.services[0].leaders.map(Int.init))
        return TargetSight(
            first: counts.first, last: counts.last,
            everyNode: leaders.isSubset(of: counts.nodes) ? counts.lastNode : nil)
    }

    mutating func noteTargetChange(_ slot: Int) {
        if let known = ordinal(flows[slot]) { targets[known].changed += 1 }
    }

    /// A flow broke. True if its target was meant to be killed.
    mutating func noteTargetBreak(_ record: FlowRecord) -> Bool {
        guard let known = ordinal(record) else { return false }
        targets[known].broken += 1
        return targets[known].isKilled
    }
}
