// What became of the flows of each target, by the target that they were given first.

import Wire

/// The flows of one target.
struct TargetCounts: Sendable {
    let target: ServiceTarget
    /// Whether its flows may break.
    let isKilled: Bool
    var flows = 0
    var broken = 0
    var changed = 0

    var report: TargetReport {
        TargetReport(
            target: target.name, isKilled: isKilled, flows: flows, broken: broken,
            changed: changed)
    }
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
    mutating func noteTarget(_ slot: Int, _ stream: Stream) {
        guard stream.listener != nil else { return }
        if let known = ordinal(flows[slot]) {
            targets[known].flows += 1
            return
        }
        let target = ServiceTarget(
            address: flows[slot].seenDestination, port: flows[slot].seenDestinationPort)
        targets.append(
            TargetCounts(
                target: target, isKilled: workload.plan.killedTargets.contains(target.name),
                flows: 1))
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
