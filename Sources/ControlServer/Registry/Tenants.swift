// Tenants, and the groups that serve them.

import ControlClient
import Placement

struct TenantRecord: Record {
    static let collection = API.Tenant.collection
    static let kind = API.Tenant.kind

    var id: Identifier
    var name: String
    /// Nil until there is a node.
    var group: Identifier?
    /// Nil: no limit.
    var quota: API.Quota?
    /// Nil: the default.
    var eipsPerGateway: Int?
    var created: Int64
    var revision: UInt64 = 0

    var uniqueName: UniqueName? { UniqueName(scope: clusterScope, name: name) }
}

/// A distinct set of nodes; its id and members never change.
struct GroupRecord: Record {
    static let collection = "groups"
    static let kind = IdentifierKind.group

    var id: Identifier
    /// In the group's rendezvous order.
    var members: [Identifier]
    var created: Int64
    var revision: UInt64 = 0

    /// The set, so that tenants placed on the same nodes find the same group.
    var uniqueName: UniqueName? { Self.name(of: members) }

    static func name(of members: [Identifier]) -> UniqueName {
        UniqueName(
            scope: clusterScope,
            name: members.sorted().map(\.description).joined(separator: " "))
    }
}

extension API.Tenant: SettableResource {
    static var table: WritableKeyPath<Registry, Table<TenantRecord>> { \.tenants }
    static var filters: [String: @Sendable (Row) -> String?] {
        ["name": { $0.name }, "group": { $0.group?.description }]
    }

    static func answer(_ row: TenantRecord, in registry: Registry) -> API.Tenant {
        let group = row.group.flatMap { registry.groups[$0.rawValue] }
        return API.Tenant(
            id: row.id, name: row.name, state: group == nil ? .pending : .available,
            stateReason: group == nil ? Registry.noNodeReason : nil, group: row.group,
            nodes: group?.members ?? [], quota: row.quota ?? .unlimited,
            eipsPerGateway: row.eipsPerGateway ?? Defaults.eipsPerGateway,
            createdAt: Timestamp.text(row.created), revision: row.revision)
    }

    static func create(
        _ creation: Creation, in registry: inout Registry, on occasion: inout Occasion
    ) throws(Problem) -> Identifier {
        let name = try Validation.name(creation.name)
        try checkName(UniqueName(scope: clusterScope, name: name), in: registry)
        let id = occasion.identifier(for: registry.tenants)
        var tenant = TenantRecord(id: id, name: name, created: occasion.now)
        try tenant.take(creation.quota, eipsPerGateway: creation.eipsPerGateway)
        if !registry.nodes.isEmpty { tenant.group = try registry.group(for: id, on: &occasion) }
        registry.tenants.put(tenant)
        return id
    }

    static func changed(
        _ row: TenantRecord, by settings: Settings, in registry: Registry
    ) throws(Problem) -> TenantRecord {
        var row = row
        try row.take(settings.quota, eipsPerGateway: settings.eipsPerGateway)
        return row
    }

    static func delete(
        _ row: TenantRecord, in registry: inout Registry, on occasion: Occasion
    ) throws(Problem) {
        let vpcs = registry.vpcs.sorted.filter { $0.tenant == row.id }.map(\.id)
        let eips = registry.eips.sorted.filter { $0.tenant == row.id }.map(\.id)
        guard vpcs.isEmpty, eips.isEmpty else { throw .inUse(row.id, by: vpcs + eips) }
        registry.tenants.remove(row.id.rawValue)
        registry.removeEmptyGroups()
    }
}

extension TenantRecord {
    fileprivate mutating func take(
        _ quota: API.QuotaSettings?, eipsPerGateway: Int?
    ) throws(Problem) {
        try self.quota.take(quota)
        guard let eipsPerGateway else { return }
        let limit = try Validation.range("eipsPerGateway", eipsPerGateway, Limits.eipsPerGateway)
        self.eipsPerGateway = limit == Defaults.eipsPerGateway ? nil : limit
    }
}

extension Registry {
    static let noNodeReason = "waits for nodes to register"

    /// Nodes of a new cluster come one after the other. A tenant that waited for them gets its
    /// group when there are enough for a whole shard, or when no node has come for this long.
    static let settlingMilliseconds: Int64 = 2_000

    /// Gives every tenant that has none its group, if the nodes have settled. One whose shard's
    /// nodes are full waits on, for others.
    mutating func placeWaitingTenants(on occasion: inout Occasion) {
        guard let newest = nodes.rows.values.map(\.created).max() else { return }
        guard
            nodes.count >= cluster.shardSize
                || newest + Self.settlingMilliseconds <= occasion.now
        else { return }
        for tenant in tenants.sorted where tenant.group == nil {
            guard let group = try? group(for: tenant.id, on: &occasion) else { continue }
            var tenant = tenant
            tenant.group = group
            tenants.put(tenant)
        }
    }

    /// The group of the tenant's shard, made if no tenant had the same shard before.
    fileprivate mutating func group(
        for tenant: Identifier, on occasion: inout Occasion
    ) throws(Problem) -> Identifier {
        let shard = Placement.shard(
            tenant: tenant.rawValue, nodes: nodes.sorted.map(\.id.rawValue),
            size: cluster.shardSize)
        let set = GroupRecord.name(of: shard.map { Identifier(.node, $0) })
        if let existing = groups.named(set) { return existing.id }
        try checkRoom(onEachOf: shard.map { Identifier(.node, $0) })
        let id = occasion.identifier(for: groups)
        let members = Placement.order(group: id.rawValue, members: shard)
        groups.put(
            GroupRecord(
                id: id, members: members.map { Identifier(.node, $0) }, created: occasion.now))
        return id
    }

    /// Throws if one of the nodes can't serve one more group.
    private func checkRoom(onEachOf nodes: [Identifier]) throws(Problem) {
        guard groups.count >= Limits.groupsPerNode else { return }
        for node in nodes {
            let served = groups.rows.values.count { $0.members.contains(node) }
            guard served < Limits.groupsPerNode else {
                throw .limit(
                    "the tenant's shard has \(node), which serves \(served) groups of tenants",
                    hint: "Add nodes, or delete tenants that are not needed.", of: node)
            }
        }
    }

    /// Groups whose last tenant has gone go too, so that no snapshot names them.
    fileprivate mutating func removeEmptyGroups() {
        let used = Set(tenants.rows.values.compactMap(\.group))
        for group in groups.sorted where !used.contains(group.id) {
            groups.remove(group.id.rawValue)
        }
    }

    /// `available`, or `pending` while the tenant has no group.
    func state(ofTenant tenant: Identifier) -> (state: API.State, reason: String?) {
        tenants[tenant.rawValue]?.group == nil
            ? (.pending, "its tenant " + Self.noNodeReason) : (.available, nil)
    }
}
