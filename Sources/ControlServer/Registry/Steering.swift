// What steers a load balancer's flows to their buckets, and must not change under them: with one
// sticky listener, the client's address alone decides for all listeners; without, its port too.

import ControlClient

extension Registry {
    /// Throws if a target group as it would be steers the flows of a balancer otherwise.
    func checkSteering(of group: TargetGroupRecord) throws(Problem) {
        let users = Set(
            listeners.rows.values.filter { $0.targetGroup == group.id }.map(\.loadBalancer))
        for balancer in users.sorted() {
            let groups = self.groups(behind: balancer)
            let changed = groups.map { $0.id == group.id ? group : $0 }
            try check(groups, changed, balancer)
        }
    }

    /// Throws if one more listener, to this group, would steer those that stand otherwise.
    func checkSteering(
        of balancer: Identifier, with group: TargetGroupRecord
    ) throws(Problem) {
        let groups = self.groups(behind: balancer)
        guard !groups.isEmpty else { return }
        try check(groups, groups + [group], balancer)
    }

    /// Throws if those that remain without a listener would be steered otherwise.
    func checkSteering(without listener: ListenerRecord) throws(Problem) {
        let remaining = groups(behind: listener.loadBalancer, except: listener.id)
        guard !remaining.isEmpty else { return }
        try check(groups(behind: listener.loadBalancer), remaining, listener.loadBalancer)
    }

    private func groups(
        behind balancer: Identifier, except listener: Identifier? = nil
    ) -> [TargetGroupRecord] {
        listeners.rows.values.filter { $0.loadBalancer == balancer && $0.id != listener }
            .compactMap { targetGroups[$0.targetGroup.rawValue] }
    }

    private func check(
        _ before: [TargetGroupRecord], _ after: [TargetGroupRecord], _ balancer: Identifier
    ) throws(Problem) {
        guard before.contains(where: \.isSticky) != after.contains(where: \.isSticky) else {
            return
        }
        throw Problem(
            status: 409, code: "stickiness-in-use",
            title: "Stickiness can't change under a balancer's flows",
            detail: "one sticky listener steers all flows of its load balancer by their client's "
                + "address, and \(balancer) has listeners that were steered otherwise",
            hint: "Give sticky listeners a load balancer of their own, or create its sticky "
                + "listener first and delete it last.", conflicts: [balancer])
    }
}

extension TargetGroupRecord {
    fileprivate var isSticky: Bool { stickiness == .sourceAddress }
}
