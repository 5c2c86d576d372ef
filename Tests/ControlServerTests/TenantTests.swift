// Tenants, their groups, and their VPCs.

import Configuration
import ControlClient
import ControlServer
import Testing

@Test func `a tenant is given a shard of k nodes at once`() async throws {
    let installation = try await Installation(nodes: 8)
    let tenant = try await installation.create(API.Tenant.self, .init(name: "acme"))
    #expect(tenant.state == .available)
    #expect(Set(tenant.nodes).count == 5)
    #expect(try await installation.show(API.Tenant.self, tenant.id) == tenant)
}

@Test func `tenants with the same shard share a group`() async throws {
    let installation = try await Installation(nodes: 5)
    let first = try await installation.create(API.Tenant.self, .init(name: "one"))
    let second = try await installation.create(API.Tenant.self, .init(name: "two"))
    #expect(first.group == second.group)
}

@Test func `a group goes with its last tenant`() async throws {
    let installation = try await Installation(nodes: 5)
    let first = try await installation.create(API.Tenant.self, .init(name: "one"))
    let second = try await installation.create(API.Tenant.self, .init(name: "two"))
    func groups() async throws -> Int {
        try await installation.snapshot("node", Identifier(.node, 1)).groups.count
    }
    try await installation.delete(API.Tenant.self, first.id)
    #expect(try await groups() == 1)
    try await installation.delete(API.Tenant.self, second.id)
    #expect(try await groups() == 0)
    let third = try await installation.create(API.Tenant.self, .init(name: "three"))
    #expect(third.state == .available)
    #expect(third.group != first.group)
    #expect(try await groups() == 1)
}

@Test func `a node is given no more groups than it can serve`() async throws {
    let installation = try await Installation(
        nodes: 2, options: ClusterOptions(shardSize: 2))
    func group(_ index: Int) -> StoreOperation {
        let id = Identifier(.group, UInt64(index))
        let members = [Identifier(.node, 1), Identifier(.node, UInt64(100 + index))]
            .map { "\"\($0)\"" }.joined(separator: ",")
        return .put(
            "groups/\(id)",
            Array(#"{"id":"\#(id)","members":[\#(members)],"created":0,"revision":1}"#.utf8))
    }
    let note = ChangeNote(actor: "a test", reason: nil, idempotencyToken: nil, time: 0)
    _ = try await installation.store.transaction(
        compare: [], then: (1...4_096).map(group), note: note)
    func create(_ name: String, in service: ControlService) async -> Answer {
        await installation.call(
            "POST", "/v1/tenants", body: Array(#"{"name":"\#(name)"}"#.utf8), of: service)
    }
    let full = await create("one", in: try await installation.standby())
    #expect(full.status == 409)
    let words = String(decoding: full.body, as: UTF8.self)
    #expect(words.contains("limit-exceeded") && words.contains("serves 4096 groups"))
    #expect(words.contains("\(Identifier(.node, 1))"))
    // One less, and there is room.
    _ = try await installation.store.transaction(
        compare: [], then: [.delete("groups/\(Identifier(.group, 1))")], note: note)
    #expect(await create("one", in: try await installation.standby()).status == 201)
}

@Test func `a group stays as it is when nodes come`() async throws {
    let installation = try await Installation(nodes: 5)
    let before = try await installation.create(API.Tenant.self, .init(name: "one"))
    for index in 6...12 { try await installation.addNode(index) }
    let after = try await installation.show(API.Tenant.self, before.id)
    #expect(after.group == before.group)
    #expect(after.nodes == before.nodes)
}

@Test func `a tenant without nodes waits, and says for what`() async throws {
    let installation = try await Installation(nodes: 0)
    let world = try await World(installation)
    let gateway = try await world.natGateway()
    #expect(world.tenant.state == .pending)
    #expect(world.tenant.stateReason == "waits for nodes to register")
    #expect(gateway.state == .pending)
    #expect(gateway.stateReason?.contains("waits for nodes") == true)

    for index in 1...5 { try await installation.addNode(index) }
    let placed = try await installation.show(API.Tenant.self, world.tenant.id)
    #expect(placed.state == .available)
    #expect(placed.nodes.count == 5)
    #expect(try await installation.show(API.NATGateway.self, gateway.id).state == .available)
}

@Test func `a waiting tenant takes fewer nodes only when no more come`() async throws {
    let installation = try await Installation(nodes: 0)
    let tenant = try await installation.create(API.Tenant.self, .init(name: "acme"))
    for index in 1...3 { try await installation.addNode(index) }
    try await installation.service.advance()
    #expect(try await installation.show(API.Tenant.self, tenant.id).state == .pending)
    installation.clock.advance(seconds: 2)
    try await installation.service.advance()
    #expect(try await installation.show(API.Tenant.self, tenant.id).nodes.count == 3)
}

@Test func `a name is given once`() async throws {
    let installation = try await Installation()
    let tenant = try await installation.create(API.Tenant.self, .init(name: "acme"))
    let refusal = try await problem {
        _ = try await installation.create(API.Tenant.self, .init(name: "acme"))
    }
    #expect(refusal.status == 409)
    #expect(refusal.code == "name-in-use")
    #expect(refusal.conflicts == [tenant.id])
    try await installation.delete(API.Tenant.self, tenant.id)
    _ = try await installation.create(API.Tenant.self, .init(name: "acme"))
}

@Test(arguments: [
    "", " ", "-a", ".a", "a b", "a/b", "ä", "a\n", String(repeating: "a", count: 65),
    "vpc-00123456789abcdef",
])
func `a name that can't be one is refused`(name: String) async throws {
    let installation = try await Installation()
    let refusal = try await problem {
        _ = try await installation.create(API.Tenant.self, .init(name: name))
    }
    #expect(refusal.status == 400)
    #expect(refusal.field == "name")
}

@Test func `names are unique within a tenant, not beyond`() async throws {
    let installation = try await Installation()
    let first = try await World(installation, name: "one", firstEIP: 1)
    let second = try await World(installation, name: "two", firstEIP: 11)
    #expect(first.vpc.name == second.vpc.name)
    // Prefixes overlap; the numbers in the encapsulation don't.
    #expect(first.vpc.prefix == second.vpc.prefix)
    #expect(first.vpc.vni != second.vpc.vni)
}

@Test func `what a tenant has stands in the way of its deletion`() async throws {
    let world = try await World(try await Installation())
    let refusal = try await problem {
        try await world.installation.delete(API.Tenant.self, world.tenant.id)
    }
    #expect(refusal.code == "in-use")
    #expect(refusal.conflicts == [world.vpc.id] + world.eips.map(\.id).sorted())
}

@Test func `a VNI is never given twice`() async throws {
    let installation = try await Installation()
    let world = try await World(installation)
    #expect(world.vpc.vni == 1)
    try await installation.delete(API.VPC.self, world.vpc.id)
    let next = try await installation.create(
        API.VPC.self, .init(tenant: world.tenant.id, name: "main", prefix: "fd00::/64"))
    #expect(next.vni == 2)
}

@Test(arguments: ["", "10.0.0.0", "10.0.0.1/16", "10.0.0.0/33", "fd00::/129", "ten/8", "10/8"])
func `a prefix that is none is refused`(prefix: String) async throws {
    let world = try await World(try await Installation())
    let refusal = try await problem {
        _ = try await world.installation.create(
            API.VPC.self, .init(tenant: world.tenant.id, name: "x", prefix: prefix))
    }
    #expect(refusal.status == 400)
    #expect(refusal.field == "prefix")
}

@Test func `a request may not name what doesn't exist`() async throws {
    let installation = try await Installation()
    for unknown in [Identifier(.tenant, 1), Identifier(.vpc, 1)] {
        let refusal = try await problem {
            _ = try await installation.create(
                API.VPC.self, .init(tenant: unknown, name: "x", prefix: "10.0.0.0/8"))
        }
        #expect(refusal.status == 400)
        #expect(refusal.code == "unknown-tenant")
        #expect(refusal.field == "tenant")
    }
    let refusal = try await problem {
        _ = try await installation.show(API.Tenant.self, Identifier(.tenant, 1))
    }
    #expect(refusal.status == 404)
}
