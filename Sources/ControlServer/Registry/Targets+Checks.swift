// What targets forbid: a flow that would come back to its own listener, and the loss of resets
// that are under way.

import ControlClient

extension Registry {
    /// Throws if a target is the very address and port of a listener that forwards to its group.
    func checkLoop(of target: TargetRecord) throws(Problem) {
        let users = listeners.sorted
            .filter { $0.targetGroup == target.targetGroup && $0.port == target.port }
        for listener in users
        where loadBalancers[listener.loadBalancer.rawValue]?.address == target.address {
            throw .loop(
                "port",
                "\(target.name) is \(listener.id) of \(listener.loadBalancer), which "
                    + "forwards to \(target.targetGroup)")
        }
    }

    /// Throws if a listener forwards to a group with its own address and port among the targets.
    func checkLoop(
        of listener: ListenerRecord, at balancer: LoadBalancerRecord
    ) throws(Problem) {
        let looped = targets.sorted.first {
            $0.targetGroup == listener.targetGroup && $0.port == listener.port
                && $0.address == balancer.address && !$0.isDeregistered
        }
        guard let looped else { return }
        throw .loop(
            "targetGroup",
            "\(looped.id) of \(listener.targetGroup) is \(looped.name), the "
                + "listener's own address and port")
    }

    /// Throws if what is to be deleted would take away the last word of targets whose flows are
    /// to be reset: the nodes would hear no more of them.
    func checkResets(of group: TargetGroupRecord, before deletion: Identifier) throws(Problem) {
        guard group.onRemoval == .reset else { return }
        let pending = targets.sorted
            .filter { $0.targetGroup == group.id && $0.isDeregistered }
        guard !pending.isEmpty else { return }
        let named = pending.prefix(5).map { "\($0.id) (\($0.name))" }.joined(separator: ", ")
        let more = pending.count > 5 ? " and \(pending.count - 5) more" : ""
        throw Problem(
            status: 409, code: "resets-pending", title: "Flows are still to be reset",
            detail: "deleting \(deletion) would leave flows of deregistered targets of "
                + "\(group.id) without their reset: \(named)\(more)",
            hint: "Wait until these targets are gone, or let their flows go on: hyperplane "
                + "target-group set \(group.id) --on-removal keep",
            conflicts: pending.prefix(100).map(\.id))
    }
}

extension ProblemDocument {
    fileprivate static func loop(_ field: String, _ detail: String) -> Problem {
        Problem(
            status: 400, code: "target-is-listener", title: "A target is its own listener",
            detail: detail, hint: "Use the address and port of a machine behind the balancer.",
            field: field)
    }
}
