// Nodes, hosts and edges: machines, each with one outer address that no other has.

import ControlClient
import Wire

struct NodeRecord: Record {
    static let collection = API.Node.collection
    static let kind = API.Node.kind

    var id: Identifier
    var name: String
    var zone: String
    var address: String
    var operations: String
    var created: Int64
    var revision: UInt64 = 0

    var uniqueName: UniqueName? { UniqueName(scope: clusterScope, name: name) }
}

struct HostRecord: Record {
    static let collection = API.Host.collection
    static let kind = API.Host.kind

    var id: Identifier
    var name: String
    var address: String
    var created: Int64
    var revision: UInt64 = 0

    var uniqueName: UniqueName? { UniqueName(scope: clusterScope, name: name) }
}

struct EdgeRecord: Record {
    static let collection = API.Edge.collection
    static let kind = API.Edge.kind

    var id: Identifier
    var name: String
    var address: String
    /// Nil: the default.
    var mtu: Int?
    var created: Int64
    var revision: UInt64 = 0

    var uniqueName: UniqueName? { UniqueName(scope: clusterScope, name: name) }
}

extension Registry {
    /// A canonical outer address that no machine but `id` has.
    func outerAddress(_ text: String, for id: Identifier? = nil) throws(Problem) -> String {
        let address = try Validation.unicastAddress(text).description
        let holder =
            nodes.rows.values.first { $0.address == address && $0.id != id }?.id
            ?? hosts.rows.values.first { $0.address == address && $0.id != id }?.id
            ?? edges.rows.values.first { $0.address == address && $0.id != id }?.id
        if let holder { throw .addressInUse(address, by: holder) }
        return address
    }
}

extension Registry {
    /// Whether a tenant has a gateway or balancer that isn't being deleted.
    fileprivate func hasLiveResources(_ tenant: Identifier) -> Bool {
        natGateways.rows.values.contains { $0.tenant == tenant && !$0.isDeleting }
            || loadBalancers.rows.values.contains { $0.tenant == tenant && !$0.isDeleting }
    }
}

extension API.Node: ServedResource {
    static var table: WritableKeyPath<Registry, Table<NodeRecord>> { \.nodes }
    static var filters: [String: @Sendable (Row) -> String?] {
        [
            "name": { $0.name }, "zone": { $0.zone }, "address": { $0.address },
        ]
    }

    static func answer(_ row: NodeRecord, in registry: Registry) -> API.Node {
        API.Node(
            id: row.id, name: row.name, state: .available, zone: row.zone, address: row.address,
            operations: row.operations, closedVersion: registry.reports[row.id.rawValue],
            createdAt: Timestamp.text(row.created),
            revision: row.revision)
    }

    static func create(
        _ creation: Creation, in registry: inout Registry, on occasion: inout Occasion
    ) throws(Problem) -> Identifier {
        let id = occasion.identifier(for: registry.nodes)
        try register(id, creation, in: &registry, on: &occasion)
        return id
    }

    /// Takes up a node, or what it says anew of itself. Saying the same again changes nothing.
    static func register(
        _ id: Identifier, _ creation: Creation, in registry: inout Registry,
        on occasion: inout Occasion
    ) throws(Problem) {
        guard id.kind == .node, id.rawValue != 0 else {
            throw .invalid("id", "\(id) can't be a node's identifier")
        }
        let old = registry.nodes[id.rawValue]
        let node = NodeRecord(
            id: id, name: try Validation.name(creation.name),
            zone: try Validation.name(creation.zone, field: "zone"),
            address: try registry.outerAddress(creation.address, for: id),
            operations: try Validation.text(
                "operations", creation.operations, length: Limits.machineTextLength),
            created: old?.created ?? occasion.now, revision: old?.revision ?? 0)
        try checkName(
            UniqueName(scope: clusterScope, name: node.name), in: registry, except: id)
        guard node != old else { return }
        registry.nodes.put(node)
        registry.placeWaitingTenants(on: &occasion)
    }

    /// Refused while it serves a resource. Tenants without one are placed anew, and what waits for
    /// the node's word waits no more: who deletes a node says that it is gone.
    static func delete(
        _ row: NodeRecord, in registry: inout Registry, on occasion: Occasion
    ) throws(Problem) {
        let groups = registry.groups.sorted.filter { $0.members.contains(row.id) }
        let tenants = registry.tenants.sorted
            .filter { tenant in groups.contains { $0.id == tenant.group } }
        let busy = tenants.map(\.id).filter { registry.hasLiveResources($0) }
        guard busy.isEmpty else { throw .inUse(row.id, by: busy) }
        for tenant in tenants {
            var tenant = tenant
            tenant.group = nil
            registry.tenants.put(tenant)
        }
        for group in groups { registry.groups.remove(group.id.rawValue) }
        registry.nodes.remove(row.id.rawValue)
        registry.advance(to: occasion.now)
    }
}

extension API.Host: ServedResource {
    static var table: WritableKeyPath<Registry, Table<HostRecord>> { \.hosts }
    static var filters: [String: @Sendable (Row) -> String?] {
        ["name": { $0.name }, "address": { $0.address }]
    }

    static func answer(_ row: HostRecord, in registry: Registry) -> API.Host {
        API.Host(
            id: row.id, name: row.name, state: .available, address: row.address,
            createdAt: Timestamp.text(row.created), revision: row.revision)
    }

    static func create(
        _ creation: Creation, in registry: inout Registry, on occasion: inout Occasion
    ) throws(Problem) -> Identifier {
        let name = try Validation.name(creation.name)
        let address = try registry.outerAddress(creation.address)
        try checkName(UniqueName(scope: clusterScope, name: name), in: registry)
        let id = occasion.identifier(for: registry.hosts)
        registry.hosts.put(
            HostRecord(id: id, name: name, address: address, created: occasion.now))
        return id
    }

    static func delete(
        _ row: HostRecord, in registry: inout Registry, on occasion: Occasion
    ) throws(Problem) {
        registry.hosts.remove(row.id.rawValue)
    }
}

extension API.Edge: SettableResource {
    static var table: WritableKeyPath<Registry, Table<EdgeRecord>> { \.edges }
    static var filters: [String: @Sendable (Row) -> String?] {
        ["name": { $0.name }, "address": { $0.address }]
    }

    static func answer(_ row: EdgeRecord, in registry: Registry) -> API.Edge {
        API.Edge(
            id: row.id, name: row.name, state: .available, address: row.address,
            mtu: row.mtu ?? Defaults.edgeMTU, createdAt: Timestamp.text(row.created),
            revision: row.revision)
    }

    static func create(
        _ creation: Creation, in registry: inout Registry, on occasion: inout Occasion
    ) throws(Problem) -> Identifier {
        let name = try Validation.name(creation.name)
        let address = try registry.outerAddress(creation.address)
        try checkName(UniqueName(scope: clusterScope, name: name), in: registry)
        let id = occasion.identifier(for: registry.edges)
        var edge = EdgeRecord(id: id, name: name, address: address, created: occasion.now)
        try edge.take(creation.mtu)
        registry.edges.put(edge)
        return id
    }

    static func changed(
        _ row: EdgeRecord, by settings: Settings, in registry: Registry
    ) throws(Problem) -> EdgeRecord {
        var row = row
        try row.take(settings.mtu)
        return row
    }

    static func delete(
        _ row: EdgeRecord, in registry: inout Registry, on occasion: Occasion
    ) throws(Problem) {
        registry.edges.remove(row.id.rawValue)
    }
}

extension EdgeRecord {
    fileprivate mutating func take(_ given: Int?) throws(Problem) {
        guard let given else { return }
        let bytes = try Validation.range("mtu", given, Limits.mtu)
        mtu = bytes == Defaults.edgeMTU ? nil : bytes
    }
}
