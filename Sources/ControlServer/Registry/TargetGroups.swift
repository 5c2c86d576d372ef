// Target groups and the targets registered with them.

import ControlClient
import Wire

struct TargetGroupRecord: Record {
    static let collection = API.TargetGroup.collection
    static let kind = API.TargetGroup.kind

    var id: Identifier
    var tenant: Identifier
    var vpc: Identifier
    var name: String
    var preservesClientAddress: Bool
    var deregistrationDelaySeconds: Int
    var created: Int64
    var revision: UInt64 = 0

    var uniqueName: UniqueName? { UniqueName(scope: tenant.rawValue, name: name) }
}

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
    /// Deregistered: milliseconds since 1970 at which it goes.
    var until: Int64?
    var created: Int64
    var revision: UInt64 = 0

    var name: String { address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)" }

    /// A deregistered target has given up its name: the same address and port may be registered
    /// again while its flows run out.
    var uniqueName: UniqueName? {
        until == nil ? UniqueName(scope: targetGroup.rawValue, name: name) : nil
    }
}

extension API.TargetGroup: ServedResource {
    static var table: WritableKeyPath<Registry, Table<TargetGroupRecord>> { \.targetGroups }
    static var filters: [String: @Sendable (Self) -> String?] {
        [
            "tenant": { $0.tenant.description }, "name": { $0.name },
            "state": { $0.state.rawValue }, "vpc": { $0.vpc.description },
        ]
    }

    static func answer(_ row: TargetGroupRecord, in registry: Registry) -> API.TargetGroup {
        let (state, reason) = registry.state(ofTenant: row.tenant)
        return API.TargetGroup(
            id: row.id, tenant: row.tenant, vpc: row.vpc, name: row.name, state: state,
            stateReason: reason, preservesClientAddress: row.preservesClientAddress,
            deregistrationDelaySeconds: row.deregistrationDelaySeconds,
            createdAt: Timestamp.text(row.created), revision: row.revision)
    }

    static func create(
        _ creation: Creation, in registry: inout Registry, on occasion: inout Occasion
    ) throws(Problem) -> Identifier {
        let vpc = try API.VPC.reference(creation.vpc, field: "vpc", in: registry)
        let name = try Validation.name(creation.name)
        let delay = try Validation.range(
            "deregistrationDelaySeconds",
            creation.deregistrationDelaySeconds ?? Defaults.deregistrationDelaySeconds,
            Limits.deregistrationDelaySeconds)
        try checkName(UniqueName(scope: vpc.tenant.rawValue, name: name), in: registry)
        let id = occasion.identifier(for: registry.targetGroups)
        registry.targetGroups.put(
            TargetGroupRecord(
                id: id, tenant: vpc.tenant, vpc: vpc.id, name: name,
                preservesClientAddress: creation.preservesClientAddress ?? true,
                deregistrationDelaySeconds: delay, created: occasion.now))
        return id
    }

    /// Its targets go with it.
    static func delete(
        _ row: TargetGroupRecord, in registry: inout Registry, on occasion: Occasion
    ) throws(Problem) {
        let users = registry.listeners.sorted.filter { $0.targetGroup == row.id }.map(\.id)
        guard users.isEmpty else { throw .inUse(row.id, by: users) }
        for target in registry.targets.sorted where target.targetGroup == row.id {
            registry.targets.remove(target.id.rawValue)
        }
        registry.targetGroups.remove(row.id.rawValue)
    }
}

extension API.Target: ServedResource {
    static var table: WritableKeyPath<Registry, Table<TargetRecord>> { \.targets }
    static var filters: [String: @Sendable (Self) -> String?] {
        [
            "tenant": { $0.tenant.description }, "name": { $0.name },
            "state": { $0.state.rawValue }, "address": { $0.address },
            "port": { "\($0.port)" }, "targetGroup": { $0.targetGroup.description },
        ]
    }

    static func answer(_ row: TargetRecord, in registry: Registry) -> API.Target {
        let isUsed = registry.listeners.rows.values.contains { $0.targetGroup == row.targetGroup }
        let reason: String? =
            if let until = row.until {
                "deregistered, until \(Timestamp.text(until))"
            } else if row.isDraining {
                "drained by request"
            } else {
                isUsed ? nil : "no listener uses its group"
            }
        return API.Target(
            id: row.id, tenant: row.tenant, targetGroup: row.targetGroup, name: row.name,
            state: row.isDraining ? .draining : isUsed ? .healthy : .unused, stateReason: reason,
            address: row.address, port: row.port, weight: row.weight,
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
        let siblings = registry.targets.rows.values.count { $0.targetGroup == group.id }
        guard siblings < Limits.targetsPerGroup else {
            throw .limit("\(group.id) has \(siblings) targets", hint: "Use another group.")
        }
        registry.targets.put(target)
        return target.id
    }

    /// Deregisters it: it keeps its flows for the group's deregistration delay, then it goes.
    static func delete(
        _ row: TargetRecord, in registry: inout Registry, on occasion: Occasion
    ) throws(Problem) {
        guard row.until == nil else { return }
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
