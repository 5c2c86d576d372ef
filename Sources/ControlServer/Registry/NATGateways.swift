// NAT gateways and the actions on their EIPs.

import ControlClient

struct NATGatewayRecord: Record {
    static let collection = API.NATGateway.collection
    static let kind = API.NATGateway.kind

    var id: Identifier
    var tenant: Identifier
    var vpc: Identifier
    var name: String
    /// Primary first. Each one's use stands in its own record.
    var eips: [Identifier]
    var timeouts: API.IdleTimeouts
    var timerRules: [API.TimerRule]?
    var onExpiry: API.ExpiryAction?
    var quota: API.Quota?
    /// Nil: no limit.
    var portsPerAddress: Int?
    /// Gone when the last EIP is released.
    var isDeleting = false
    var created: Int64
    var revision: UInt64 = 0

    /// A gateway that is being deleted has given up its name.
    var uniqueName: UniqueName? {
        isDeleting ? nil : UniqueName(scope: tenant.rawValue, name: name)
    }
}

/// The key of a resource's hashes. Apart from the resource, so that it is in no history.
struct SecretRecord: Record {
    static let collection = "secrets"
    static let kind = IdentifierKind.cluster

    /// The resource's 64 bits, under the kind of all secrets.
    var id: Identifier
    var first: UInt64
    var second: UInt64
    var revision: UInt64 = 0

    var uniqueName: UniqueName? { nil }

    init(resource: Identifier, on occasion: inout Occasion) {
        id = Identifier(Self.kind, resource.rawValue)
        first = occasion.random()
        second = occasion.random()
    }
}

extension API.NATGateway: SettableResource {
    static var table: WritableKeyPath<Registry, Table<NATGatewayRecord>> { \.natGateways }
    static var filters: [String: @Sendable (Row) -> String?] {
        [
            "tenant": { $0.tenant.description }, "name": { $0.name },
            "vpc": { $0.vpc.description },
        ]
    }

    static func answer(_ row: NATGatewayRecord, in registry: Registry) -> API.NATGateway {
        var (state, reason) = registry.state(ofTenant: row.tenant)
        if row.isDeleting {
            (state, reason) = (.deleting, "its EIPs are being released")
        }
        return API.NATGateway(
            id: row.id, tenant: row.tenant, vpc: row.vpc, name: row.name, state: state,
            stateReason: reason,
            eips: row.eips.compactMap { registry.eips[$0.rawValue] }.map {
                Address(id: $0.id, address: $0.address, state: $0.state)
            }, timeouts: row.timeouts, timerRules: row.timerRules ?? [],
            onExpiry: row.onExpiry ?? .reset, quota: row.quota ?? .unlimited,
            portsPerAddress: row.portsPerAddress ?? 0, createdAt: Timestamp.text(row.created),
            revision: row.revision)
    }

    static func create(
        _ creation: Creation, in registry: inout Registry, on occasion: inout Occasion
    ) throws(Problem) -> Identifier {
        let vpc = try API.VPC.reference(creation.vpc, field: "vpc", in: registry)
        guard vpc.isIPv4 else {
            throw .invalid(
                "vpc", "\(vpc.id) is an IPv6 VPC, and a NAT gateway translates IPv4 alone",
                hint: "Use a VPC with an IPv4 prefix; IPv6 addresses need no translation.")
        }
        let name = try Validation.name(creation.name)
        _ = try Validation.range("eips", creation.eips.count, 1...Limits.eipsPerGateway.upperBound)
        try registry.checkEIPs(creation.eips.count, ofTenant: vpc.tenant)
        try checkName(UniqueName(scope: vpc.tenant.rawValue, name: name), in: registry)
        let id = occasion.identifier(for: registry.natGateways)
        for (index, eip) in creation.eips.enumerated() {
            let eip = try registry.freeEIP(eip, field: "eips[\(index)]", tenant: vpc.tenant)
            registry.associate(eip, with: id)
        }
        var gateway = NATGatewayRecord(
            id: id, tenant: vpc.tenant, vpc: vpc.id, name: name, eips: creation.eips,
            timeouts: .natGateway, created: occasion.now)
        try gateway.take(creation)
        try gateway.takePorts(creation.portsPerAddress)
        registry.natGateways.put(gateway)
        registry.secrets.put(SecretRecord(resource: id, on: &occasion))
        return id
    }

    static func changed(
        _ row: NATGatewayRecord, by settings: Settings, in registry: Registry
    ) throws(Problem) -> NATGatewayRecord {
        guard !row.isDeleting else {
            throw .wrongState(row.id, API.State.deleting.rawValue, wanted: "available")
        }
        var row = row
        try row.take(settings)
        try row.takePorts(settings.portsPerAddress)
        return row
    }

    static func delete(
        _ row: NATGatewayRecord, in registry: inout Registry, on occasion: Occasion
    ) throws(Problem) {
        guard !row.isDeleting else { return }
        var row = row
        row.isDeleting = true
        registry.natGateways.put(row)
        for eip in row.eips.compactMap({ registry.eips[$0.rawValue] })
        where eip.use != .releasing {
            registry.release(eip)
        }
        registry.advance(to: occasion.now)
    }

    static func addEIP(
        _ addition: EIPAddition, to id: Identifier, in registry: inout Registry
    ) throws(Problem) {
        var gateway = try row(id, in: registry)
        guard !gateway.isDeleting else {
            throw .wrongState(id, API.State.deleting.rawValue, wanted: "available")
        }
        if let drained = registry.eips[addition.eip.rawValue], drained.resource == id,
            drained.use == .draining
        {
            registry.associate(drained, with: id)
            return
        }
        try registry.checkEIPs(gateway.eips.count + 1, ofTenant: gateway.tenant)
        let eip = try registry.freeEIP(addition.eip, field: "eip", tenant: gateway.tenant)
        registry.associate(eip, with: id)
        gateway.eips.append(eip.id)
        registry.natGateways.put(gateway)
    }

    static func drainEIP(
        _ eip: Identifier, of id: Identifier, _ drain: EIPDrain, in registry: inout Registry,
        on occasion: Occasion
    ) throws(Problem) {
        let gateway = try row(id, in: registry)
        let seconds = try Validation.range(
            "maxDrainSeconds", drain.maxDrainSeconds ?? Defaults.maxDrainSeconds,
            Limits.maxDrainSeconds)
        guard gateway.eips.contains(eip), var record = registry.eips[eip.rawValue] else {
            throw .unknown(eip, noun: "EIP of \(id),")
        }
        guard record.use == .associated || record.use == .draining else {
            throw .wrongState(eip, record.state.rawValue, wanted: "associated or draining")
        }
        record.use = .draining
        record.until = occasion.now + Int64(seconds) * 1_000
        registry.eips.put(record)
        registry.advance(to: occasion.now)
    }
}

extension NATGatewayRecord {
    fileprivate mutating func takePorts(_ given: Int?) throws(Problem) {
        guard let given else { return }
        let ports = try Validation.range("portsPerAddress", given, Limits.portsPerAddress)
        portsPerAddress = ports == 0 ? nil : ports
    }
}

extension Registry {
    /// Throws if one gateway of the tenant can't have so many EIPs.
    fileprivate func checkEIPs(_ count: Int, ofTenant tenant: Identifier) throws(Problem) {
        let limit = tenants[tenant.rawValue]?.eipsPerGateway ?? Defaults.eipsPerGateway
        guard count <= limit else {
            throw .limit(
                "the gateway would have \(count) EIPs, its tenant may have \(limit) on one",
                hint: "Raise the tenant's limit: hyperplane tenant set TENANT "
                    + "--max-eips-per-gateway \(count)", of: tenant)
        }
    }
}
