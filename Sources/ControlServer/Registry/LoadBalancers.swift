// Network load balancers and their listeners.

import ControlClient
import Wire

struct LoadBalancerRecord: Record {
    static let collection = API.LoadBalancer.collection
    static let kind = API.LoadBalancer.kind

    var id: Identifier
    var tenant: Identifier
    var vpc: Identifier
    var name: String
    var address: String
    var eip: Identifier?
    var timeouts: API.IdleTimeouts
    var timerRules: [API.TimerRule]?
    var onExpiry: API.ExpiryAction?
    var quota: API.Quota?
    /// Indices are never used twice.
    var nextListenerIndex = 0
    /// Set when it is deleted: in no snapshot any more, gone when its nodes have let go of it.
    var release: Release?
    /// Milliseconds since 1970: when its address is free.
    var until: Int64?
    var created: Int64
    var revision: UInt64 = 0

    var isDeleting: Bool { release != nil }

    /// One that is being deleted has given up its name, not yet its address.
    var uniqueName: UniqueName? {
        isDeleting ? nil : UniqueName(scope: tenant.rawValue, name: name)
    }
}

struct ListenerRecord: Record {
    static let collection = API.Listener.collection
    static let kind = API.Listener.kind

    var id: Identifier
    var tenant: Identifier
    var loadBalancer: Identifier
    var ipProtocol: API.TransportProtocol
    var port: Int
    var targetGroup: Identifier
    var index: Int
    var created: Int64
    var revision: UInt64 = 0

    var name: String { "\(ipProtocol.rawValue)/\(port)" }
    var uniqueName: UniqueName? { UniqueName(scope: loadBalancer.rawValue, name: name) }
}

extension API.LoadBalancer: SettableResource {
    static var table: WritableKeyPath<Registry, Table<LoadBalancerRecord>> { \.loadBalancers }
    static var filters: [String: @Sendable (Row) -> String?] {
        [
            "tenant": { $0.tenant.description }, "name": { $0.name },
            "vpc": { $0.vpc.description },
            "address": { $0.address },
        ]
    }

    static func answer(_ row: LoadBalancerRecord, in registry: Registry) -> API.LoadBalancer {
        var (state, reason) = registry.state(ofTenant: row.tenant)
        if row.isDeleting {
            (state, reason) = (.deleting, registry.reason(for: row.release, until: row.until))
        }
        return API.LoadBalancer(
            id: row.id, tenant: row.tenant, vpc: row.vpc, name: row.name, state: state,
            stateReason: reason, address: row.address, eip: row.eip,
            publicAddress: row.eip.flatMap { registry.eips[$0.rawValue]?.address },
            timeouts: row.timeouts, timerRules: row.timerRules ?? [],
            onExpiry: row.onExpiry ?? .reset, quota: row.quota ?? .unlimited,
            createdAt: Timestamp.text(row.created), revision: row.revision)
    }

    static func create(
        _ creation: Creation, in registry: inout Registry, on occasion: inout Occasion
    ) throws(Problem) -> Identifier {
        let vpc = try API.VPC.reference(creation.vpc, field: "vpc", in: registry)
        let name = try Validation.name(creation.name)
        let address = try Validation.address(creation.address, in: vpc).description
        try checkName(UniqueName(scope: vpc.tenant.rawValue, name: name), in: registry)
        if let holder = registry.loadBalancers.rows.values.first(where: {
            $0.vpc == vpc.id && $0.address == address
        }) {
            throw .addressInUse(address, by: holder.id)
        }
        let id = occasion.identifier(for: registry.loadBalancers)
        if let eip = creation.eip {
            guard vpc.isIPv4 else {
                throw .invalid(
                    "eip", "\(vpc.id) is an IPv6 VPC, and an EIP is an IPv4 address",
                    hint: "Leave the EIP out, or use a VPC with an IPv4 prefix.")
            }
            registry.associate(
                try registry.freeEIP(eip, field: "eip", tenant: vpc.tenant), with: id)
        }
        var balancer = LoadBalancerRecord(
            id: id, tenant: vpc.tenant, vpc: vpc.id, name: name, address: address,
            eip: creation.eip, timeouts: .loadBalancer, created: occasion.now)
        try balancer.take(creation)
        registry.loadBalancers.put(balancer)
        registry.secrets.put(SecretRecord(resource: id, on: &occasion))
        return id
    }

    static func changed(
        _ row: LoadBalancerRecord, by settings: Settings, in registry: Registry
    ) throws(Problem) -> LoadBalancerRecord {
        guard !row.isDeleting else {
            throw .wrongState(row.id, API.State.deleting.rawValue, wanted: "available")
        }
        var row = row
        try row.take(settings)
        return row
    }

    /// Its listeners go with it; it and its EIP go when no node can have a flow of theirs.
    static func delete(
        _ row: LoadBalancerRecord, in registry: inout Registry, on occasion: Occasion
    ) throws(Problem) {
        guard !row.isDeleting else { return }
        for listener in registry.listeners.sorted where listener.loadBalancer == row.id {
            registry.listeners.remove(listener.id.rawValue)
        }
        if let eip = row.eip.flatMap({ registry.eips[$0.rawValue] }) {
            registry.release(eip)
        }
        var row = row
        row.release = registry.release(ofTenant: row.tenant)
        registry.loadBalancers.put(row)
        registry.secrets.remove(row.id.rawValue)
        registry.advance(to: occasion.now)
    }
}

extension API.Listener: ServedResource {
    static var table: WritableKeyPath<Registry, Table<ListenerRecord>> { \.listeners }
    static var filters: [String: @Sendable (Row) -> String?] {
        [
            "tenant": { $0.tenant.description }, "name": { $0.name },
            "protocol": { $0.ipProtocol.rawValue },
            "port": { "\($0.port)" }, "loadBalancer": { $0.loadBalancer.description },
            "targetGroup": { $0.targetGroup.description },
        ]
    }

    static func answer(_ row: ListenerRecord, in registry: Registry) -> API.Listener {
        let (state, reason) = registry.state(ofTenant: row.tenant)
        return API.Listener(
            id: row.id, tenant: row.tenant, loadBalancer: row.loadBalancer, name: row.name,
            state: state, stateReason: reason, ipProtocol: row.ipProtocol, port: row.port,
            targetGroup: row.targetGroup, index: row.index,
            createdAt: Timestamp.text(row.created), revision: row.revision)
    }

    static func create(
        _ creation: Creation, in registry: inout Registry, on occasion: inout Occasion
    ) throws(Problem) -> Identifier {
        var balancer = try API.LoadBalancer.reference(
            creation.loadBalancer, field: "loadBalancer", in: registry)
        guard !balancer.isDeleting else {
            throw .wrongState(balancer.id, API.State.deleting.rawValue, wanted: "available")
        }
        let group = try API.TargetGroup.reference(
            creation.targetGroup, field: "targetGroup", in: registry)
        let port = try Validation.range("port", creation.port, Limits.port)
        guard group.vpc == balancer.vpc else {
            throw .invalid(
                "targetGroup", "\(group.id) is in another VPC than \(balancer.id)",
                hint: "Use a target group of \(balancer.vpc).")
        }
        try registry.checkSteering(of: balancer.id, with: group)
        let siblings = registry.listeners.rows.values.count { $0.loadBalancer == balancer.id }
        guard siblings < Limits.listenersPerLoadBalancer,
            Limits.listenerIndex.contains(balancer.nextListenerIndex)
        else {
            throw .limit(
                "\(balancer.id) has had \(balancer.nextListenerIndex) listeners, of which "
                    + "\(siblings) stand", hint: "Create another load balancer.")
        }
        let listener = ListenerRecord(
            id: occasion.identifier(for: registry.listeners), tenant: balancer.tenant,
            loadBalancer: balancer.id, ipProtocol: creation.ipProtocol, port: port,
            targetGroup: group.id, index: balancer.nextListenerIndex, created: occasion.now)
        try checkName(
            UniqueName(scope: balancer.id.rawValue, name: listener.name), in: registry)
        try registry.checkLoop(of: listener, at: balancer)
        registry.listeners.put(listener)
        balancer.nextListenerIndex += 1
        registry.loadBalancers.put(balancer)
        return listener.id
    }

    static func delete(
        _ row: ListenerRecord, in registry: inout Registry, on occasion: Occasion
    ) throws(Problem) {
        try registry.checkSteering(without: row)
        if let group = registry.targetGroups[row.targetGroup.rawValue] {
            try registry.checkResets(of: group, before: row.id)
        }
        registry.listeners.remove(row.id.rawValue)
    }
}
