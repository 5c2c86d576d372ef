// Target groups: how targets are chosen, and what becomes of the flows of those that go.

import ControlClient

struct TargetGroupRecord: Record {
    static let collection = API.TargetGroup.collection
    static let kind = API.TargetGroup.kind

    var id: Identifier
    var tenant: Identifier
    var vpc: Identifier
    var name: String
    var preservesClientAddress: Bool
    // Nil is the default, so that records of earlier releases can be read.
    var algorithm: API.TargetAlgorithm?
    var stickiness: API.Stickiness?
    var deregistrationDelaySeconds: Int
    var onRemoval: API.RemovalAction?
    var created: Int64
    var revision: UInt64 = 0

    var uniqueName: UniqueName? { UniqueName(scope: tenant.rawValue, name: name) }
}

extension API.TargetGroup: SettableResource {
    static var table: WritableKeyPath<Registry, Table<TargetGroupRecord>> { \.targetGroups }
    static var filters: [String: @Sendable (Row) -> String?] {
        [
            "tenant": { $0.tenant.description }, "name": { $0.name },
            "vpc": { $0.vpc.description },
        ]
    }

    static func answer(_ row: TargetGroupRecord, in registry: Registry) -> API.TargetGroup {
        let (state, reason) = registry.state(ofTenant: row.tenant)
        return API.TargetGroup(
            id: row.id, tenant: row.tenant, vpc: row.vpc, name: row.name, state: state,
            stateReason: reason, preservesClientAddress: row.preservesClientAddress,
            algorithm: row.algorithm ?? .flowHash, stickiness: row.stickiness ?? .off,
            deregistrationDelaySeconds: row.deregistrationDelaySeconds,
            onRemoval: row.onRemoval ?? .keep, createdAt: Timestamp.text(row.created),
            revision: row.revision)
    }

    static func create(
        _ creation: Creation, in registry: inout Registry, on occasion: inout Occasion
    ) throws(Problem) -> Identifier {
        let vpc = try API.VPC.reference(creation.vpc, field: "vpc", in: registry)
        let name = try Validation.name(creation.name)
        try checkName(UniqueName(scope: vpc.tenant.rawValue, name: name), in: registry)
        let id = occasion.identifier(for: registry.targetGroups)
        var group = TargetGroupRecord(
            id: id, tenant: vpc.tenant, vpc: vpc.id, name: name,
            preservesClientAddress: creation.preservesClientAddress ?? true,
            deregistrationDelaySeconds: Defaults.deregistrationDelaySeconds,
            created: occasion.now)
        try group.take(
            Settings(
                algorithm: creation.algorithm, stickiness: creation.stickiness,
                deregistrationDelaySeconds: creation.deregistrationDelaySeconds,
                onRemoval: creation.onRemoval))
        registry.targetGroups.put(group)
        return id
    }

    static func changed(
        _ row: TargetGroupRecord, by settings: Settings, in registry: Registry
    ) throws(Problem) -> TargetGroupRecord {
        var group = row
        try group.take(settings)
        try registry.checkSteering(of: group)
        return group
    }

    /// Its targets go with it.
    static func delete(
        _ row: TargetGroupRecord, in registry: inout Registry, on occasion: Occasion
    ) throws(Problem) {
        let users = registry.listeners.sorted.filter { $0.targetGroup == row.id }.map(\.id)
        guard users.isEmpty else { throw .inUse(row.id, by: users) }
        try registry.checkResets(of: row, before: row.id)
        for target in registry.targets.sorted where target.targetGroup == row.id {
            registry.targets.remove(target.id.rawValue)
        }
        registry.targetGroups.remove(row.id.rawValue)
    }
}

extension TargetGroupRecord {
    fileprivate mutating func take(_ settings: API.TargetGroup.Settings) throws(Problem) {
        if let given = settings.algorithm { algorithm = given == .flowHash ? nil : given }
        if let given = settings.stickiness { stickiness = given == .off ? nil : given }
        if let given = settings.onRemoval { onRemoval = given == .keep ? nil : given }
        guard let delay = settings.deregistrationDelaySeconds else { return }
        deregistrationDelaySeconds = try Validation.range(
            "deregistrationDelaySeconds", delay, Limits.deregistrationDelaySeconds)
    }
}
