// Virtual networks. Their prefixes may overlap; their VNIs never do.

import ControlClient
import Wire

struct VPCRecord: Record {
    static let collection = API.VPC.collection
    static let kind = API.VPC.kind

    var id: Identifier
    var tenant: Identifier
    var name: String
    /// Canonical CIDR notation.
    var prefix: String
    var vni: UInt32
    var created: Int64
    var revision: UInt64 = 0

    var uniqueName: UniqueName? { UniqueName(scope: tenant.rawValue, name: name) }

    var isIPv4: Bool { !prefix.contains(":") }
}

extension API.VPC: ServedResource {
    static var table: WritableKeyPath<Registry, Table<VPCRecord>> { \.vpcs }
    static var filters: [String: @Sendable (Row) -> String?] {
        [
            "tenant": { $0.tenant.description }, "name": { $0.name },
            "vni": { "\($0.vni)" }, "prefix": { $0.prefix },
        ]
    }

    static func answer(_ row: VPCRecord, in registry: Registry) -> API.VPC {
        let (state, reason) = registry.state(ofTenant: row.tenant)
        return API.VPC(
            id: row.id, tenant: row.tenant, name: row.name, state: state, stateReason: reason,
            prefix: row.prefix, vni: row.vni, createdAt: Timestamp.text(row.created),
            revision: row.revision)
    }

    static func create(
        _ creation: Creation, in registry: inout Registry, on occasion: inout Occasion
    ) throws(Problem) -> Identifier {
        let tenant = try API.Tenant.reference(creation.tenant, field: "tenant", in: registry)
        let name = try Validation.name(creation.name)
        let prefix = try Validation.prefix(creation.prefix)
        try checkName(UniqueName(scope: tenant.id.rawValue, name: name), in: registry)
        let id = occasion.identifier(for: registry.vpcs)
        registry.vpcs.put(
            VPCRecord(
                id: id, tenant: tenant.id, name: name, prefix: prefix.description,
                vni: try registry.takeVNI(), created: occasion.now))
        return id
    }

    static func delete(
        _ row: VPCRecord, in registry: inout Registry, on occasion: Occasion
    ) throws(Problem) {
        let users =
            registry.natGateways.sorted.filter { $0.vpc == row.id }.map(\.id)
            + registry.loadBalancers.sorted.filter { $0.vpc == row.id }.map(\.id)
            + registry.targetGroups.sorted.filter { $0.vpc == row.id }.map(\.id)
        guard users.isEmpty else { throw .inUse(row.id, by: users) }
        registry.vpcs.remove(row.id.rawValue)
    }
}
