// The second line behind the checks of single fields: what nodes would refuse is never committed.
// A change pays for one snapshot of the groups that it concerns, made, written and read back.

import Configuration
import ControlClient

extension ControlService {
    /// Throws if nodes could not read the configuration that the changes of a draft lead to. Where
    /// it was unreadable before, changes are let through: one of them has to mend it.
    static func prove(_ draft: Registry, after before: Registry) throws(Problem) {
        let concerned = draft.groups(changedSince: before)
        guard let fault = draft.fault(in: concerned) else { return }
        let earlier = concerned.compactMap { before.groups[$0.id.rawValue] }
        guard before.fault(in: earlier) == nil else { return }
        throw Problem(
            status: 409, code: "unreadable-configuration",
            title: "Nodes would refuse the configuration",
            detail: "with this change, \(fault)",
            hint: "Nothing was changed. The service should have said which field is wrong: "
                + "please report it with the request.")
    }
}

extension Registry {
    /// Why a reader of these groups would refuse its snapshot; nil if none would.
    fileprivate func fault(in groups: [GroupRecord]) -> String? {
        let snapshot = snapshot(groups: groups)
        do throws(SnapshotError) {
            // Decoding asks for `problems()` too.
            guard try SnapshotDecoder.decode(SnapshotEncoder.encode(snapshot)) == snapshot else {
                return "the configuration is not read as it was written"
            }
            return nil
        } catch {
            if case .invalid(let problem) = error { return problem }
            return "the configuration can't be read: \(error)"
        }
    }

    /// Of the groups that stand, those that a change which isn't taken yet concerns: by their own
    /// record, their members', or something of their tenants.
    fileprivate func groups(changedSince before: Registry) -> [GroupRecord] {
        var changed = Set(groups.changes(since: before.groups).map(\.id))
        let owners =
            tenants.changes(since: before.tenants).map(\.id)
            + vpcs.changes(since: before.vpcs).map(\.tenant)
            + eips.changes(since: before.eips).map(\.tenant)
            + natGateways.changes(since: before.natGateways).map(\.tenant)
            + loadBalancers.changes(since: before.loadBalancers).map(\.tenant)
            + listeners.changes(since: before.listeners).map(\.tenant)
            + targetGroups.changes(since: before.targetGroups).map(\.tenant)
            + targets.changes(since: before.targets).map(\.tenant)
        for owner in Set(owners) {
            if let group = tenants[owner.rawValue]?.group { changed.insert(group) }
        }
        let machines = Set(nodes.changes(since: before.nodes).map(\.id))
        return groups.sorted.filter { group in
            changed.contains(group.id) || !machines.isDisjoint(with: group.members)
        }
    }
}
