// Targets: registered, draining, terminated, gone. A target that goes never moves another's flows; its
// own are reset or kept, as its group says.

import ControlClient
import Wire

struct TargetRecord: Record {
    static let collection = API.Target.collection
    static let kind = API.Target.kind

    var id: Identifier
    var tenant: Identifier
    var targetGroup: Identifier
    var address: String
    var port: Int
    var weight: Int
    /// Gets no new flow.
    var isDraining = false
    /// Milliseconds since 1970. Deregistered: when its delay ends. Its flows ended on all nodes:
    /// when it goes.
    var until: Int64?
    /// Its delay is over and its flows are being ended; awaits the nodes that may have some.
    var release: Release?
    var created: Int64
    var revision: UInt64 = 0

    var name: String { address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)" }

    var isDeregistered: Bool { until != nil || release != nil }

    /// A deregistered target has given up its name: the same address and port may be registered
    /// again while its flows run out.
    var uniqueName: UniqueName? {
        isDeregistered ? nil : UniqueName(scope: targetGroup.rawValue, name: name)
    }
}

extension API.Target: SettableResource {
    static var table: WritableKeyPath<Registry, Table<TargetRecord>> { \.targets }
    static var filters: [String: @Sendable (Row) -> String?] {
        [
            "tenant": { $0.tenant.description }, "name": { $0.name },
            "address": { $0.address },
            "port": { "\($0.port)" }, "targetGroup": { $0.targetGroup.description },
        ]
    }

    static func answer(_ row: TargetRecord, in registry: Registry) -> API.Target {
        let (state, reason) = registry.standing(of: row)
        return API.Target(
            id: row.id, tenant: row.tenant, targetGroup: row.targetGroup, name: row.name,
            state: state, stateReason: reason, address: row.address, port: row.port,
            weight: row.weight, isDeregistered: row.isDeregistered,
            createdAt: Timestamp.text(row.created), revision: row.revision)
    }

    static func create(
        _ creation: Creation, in registry: inout Registry, on occasion: inout Occasion
    ) throws(Problem) -> Identifier {
        let group = try API.TargetGroup.reference(
            creation.targetGroup, field: "targetGroup", in: registry)
        guard let vpc = registry.vpcs[group.vpc.rawValue] else {
            preconditionFailure("a VPC with a target group can't be deleted")
        }
        let target = TargetRecord(
            id: occasion.identifier(for: registry.targets), tenant: group.tenant,
            targetGroup: group.id,
            address: try Validation.address(creation.address, in: vpc).description,
            port: try Validation.range("port", creation.port, Limits.port),
            weight: try Validation.range(
                "weight", creation.weight ?? Defaults.weight, Limits.weight),
            created: occasion.now)
        try checkName(UniqueName(scope: group.id.rawValue, name: target.name), in: registry)
        try registry.checkLoop(of: target)
        let siblings = registry.targets.rows.values.count { $0.targetGroup == group.id }
        guard siblings < Limits.targetsPerGroup else {
            throw .limit("\(group.id) has \(siblings) targets", hint: "Use another group.")
        }
        registry.targets.put(target)
        return target.id
    }

    static func changed(
        _ row: TargetRecord, by settings: Settings, in registry: Registry
    ) throws(Problem) -> TargetRecord {
        guard !row.isDeregistered else {
            throw .wrongState(row.id, "deregistered", wanted: "registered")
        }
        var row = row
        if let weight = settings.weight {
            row.weight = try Validation.range("weight", weight, Limits.weight)
        }
        if let isDraining = settings.isDraining { row.isDraining = isDraining }
        return row
    }

    /// Deregisters it: it keeps its flows for the group's deregistration delay. Then they are reset
    /// or go on without it, as the group says.
    static func delete(
        _ row: TargetRecord, in registry: inout Registry, on occasion: Occasion
    ) throws(Problem) {
        guard !row.isDeregistered else { return }
        let delay = registry.targetGroups[row.targetGroup.rawValue]?.deregistrationDelaySeconds
        var row = row
        row.isDraining = true
        row.until = occasion.now + Int64(delay ?? 0) * 1_000
        registry.targets.put(row)
        registry.advance(to: occasion.now)
    }

    static func drain(_ id: Identifier, in registry: inout Registry) throws(Problem) {
        var target = try row(id, in: registry)
        guard !target.isDraining else { return }
        target.isDraining = true
        registry.targets.put(target)
    }
}

extension Registry {
    /// Where a target stands in its life, and why.
    fileprivate func standing(of target: TargetRecord) -> (API.State, reason: String?) {
        if let release = target.release {
            return (.terminating, reason(for: release, until: target.until))
        }
        let end = targetGroups[target.targetGroup.rawValue]?.onRemoval ?? .keep
        if let until = target.until {
            return (
                .draining,
                "deregistered, until \(Timestamp.text(until)); then its flows "
                    + (end == .reset ? "are reset" : "go on")
            )
        }
        if target.isDraining { return (.draining, "drained by request") }
        let isUsed =
            usedGroups?.contains(target.targetGroup)
            ?? listeners.rows.values.contains { $0.targetGroup == target.targetGroup }
        return isUsed ? (.healthy, nil) : (.unused, "no listener uses its group")
    }

    /// Brings the deregistered targets to where they are at `now`.
    mutating func advanceTargets(to now: Int64) {
        for target in targets.sorted where target.isDeregistered {
            if target.release != nil {
                proceed(target, at: now)
            } else if let until = target.until, until <= now {
                end(target, at: now)
            }
        }
    }

    /// A target's delay is over.
    private mutating func end(_ target: TargetRecord, at now: Int64) {
        let group = targetGroups[target.targetGroup.rawValue]
        // Where the same address and port were registered again, its flows are the newer one's.
        guard group?.onRemoval == .reset, !isSucceeded(target, at: now) else {
            targets.remove(target.id.rawValue)
            return
        }
        var target = target
        target.until = nil
        target.release = release(ofTenant: target.tenant)
        targets.put(target)
    }

    /// Its flows are being ended: it goes once all nodes have said that none is left.
    private mutating func proceed(_ target: TargetRecord, at now: Int64) {
        switch step(of: target.release, until: target.until, at: now) {
        case .waiting: break
        case .quiet(let until):
            var target = target
            target.until = until
            targets.put(target)
        case .free: targets.remove(target.id.rawValue)
        }
    }

    /// Whether another registration of its address and port in the group still keeps flows.
    private func isSucceeded(_ target: TargetRecord, at now: Int64) -> Bool {
        targets.rows.values.contains { other in
            other.targetGroup == target.targetGroup && other.name == target.name
                && other.id != target.id && other.release == nil
                && other.until.map { $0 > now } ?? true
        }
    }
}
