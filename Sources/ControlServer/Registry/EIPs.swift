// Elastic IPs: who holds them, who uses them, and how they are given up. An address goes from one
// user to the next only through `releasing` (design, part 5, rule 20).

import ControlClient
import Wire

struct EIPRecord: Record {
    static let collection = API.EIP.collection
    static let kind = API.EIP.kind

    /// What the resource that uses it does with it.
    enum Use: String, Codable, Sendable {
        /// Takes new flows.
        case associated
        /// Keeps its flows, begins none, until `until`.
        case draining
        /// Ends its flows; awaits the nodes of `release`, and is free at `until`.
        case releasing
    }

    var id: Identifier
    var tenant: Identifier
    var name: String
    var address: String
    /// The NAT gateway or load balancer that has it; nil if it is free.
    var resource: Identifier?
    var use: Use?
    /// Milliseconds since 1970: when `draining` or `releasing` ends.
    var until: Int64?
    var release: Release?
    var created: Int64
    var revision: UInt64 = 0

    var uniqueName: UniqueName? { UniqueName(scope: tenant.rawValue, name: name) }

    var state: API.State {
        switch use {
        case nil: .available
        case .associated: .associated
        case .draining: .draining
        case .releasing: .releasing
        }
    }
}

extension API.EIP: ServedResource {
    static var table: WritableKeyPath<Registry, Table<EIPRecord>> { \.eips }
    static var filters: [String: @Sendable (Row) -> String?] {
        [
            "tenant": { $0.tenant.description }, "name": { $0.name },
            "address": { $0.address },
            "resource": { $0.resource?.description },
        ]
    }

    static func answer(_ row: EIPRecord, in registry: Registry) -> API.EIP {
        API.EIP(
            id: row.id, tenant: row.tenant, name: row.name, state: row.state,
            stateReason: registry.reason(for: row.release, until: row.until),
            address: row.address, resource: row.resource,
            awaitedNodes: row.release.map { registry.awaited(by: $0) },
            createdAt: Timestamp.text(row.created), revision: row.revision)
    }

    static func create(
        _ creation: Creation, in registry: inout Registry, on occasion: inout Occasion
    ) throws(Problem) -> Identifier {
        let tenant = try API.Tenant.reference(creation.tenant, field: "tenant", in: registry)
        let given = try Validation.unicastAddress(creation.address)
        guard given.isIPv4 else {
            throw .invalid("address", "address \(creation.address) is not an IPv4 address")
        }
        let address = given.description
        if let holder = registry.eips.rows.values.first(where: { $0.address == address }) {
            throw .addressInUse(address, by: holder.id)
        }
        let name = try Validation.name(creation.name ?? address)
        try checkName(UniqueName(scope: tenant.id.rawValue, name: name), in: registry)
        let id = occasion.identifier(for: registry.eips)
        registry.eips.put(
            EIPRecord(
                id: id, tenant: tenant.id, name: name, address: address, created: occasion.now))
        return id
    }

    static func delete(
        _ row: EIPRecord, in registry: inout Registry, on occasion: Occasion
    ) throws(Problem) {
        guard row.use != .releasing else {
            throw .wrongState(row.id, row.state.rawValue, wanted: "available")
        }
        if let resource = row.resource { throw .inUse(row.id, by: [resource]) }
        registry.eips.remove(row.id.rawValue)
    }
}

extension Registry {
    /// A free EIP of the tenant.
    func freeEIP(
        _ id: Identifier, field: String, tenant: Identifier
    ) throws(Problem) -> EIPRecord {
        let eip = try API.EIP.reference(id, field: field, in: self)
        guard eip.tenant == tenant else {
            // Another tenant's EIP is as unknown as none: nobody learns what others hold.
            throw .unknownReference(field, id, noun: API.EIP.noun)
        }
        if let resource = eip.resource { throw .eipInUse(id, by: resource) }
        return eip
    }

    mutating func associate(_ eip: EIPRecord, with resource: Identifier) {
        var eip = eip
        eip.resource = resource
        eip.use = .associated
        eip.until = nil
        eips.put(eip)
    }

    /// Ends its flows and keeps it from others until no node can have one.
    mutating func release(_ eip: EIPRecord) {
        var eip = eip
        eip.use = .releasing
        eip.until = nil
        eip.release = release(ofTenant: eip.tenant)
        eips.put(eip)
    }
}
