// The second line: a change after which nodes would refuse their snapshot is not committed, even
// if no field of it was found wrong. A store written by another hand stands for such a change.

import ControlClient
import ControlServer
import FoundationEssentials
import Testing

extension Installation {
    /// A service that finds a VPC's prefix in a form that no snapshot can hold.
    fileprivate func damaged(_ vpc: API.VPC) async throws -> ControlService {
        let key = "vpcs/\(vpc.id)"
        let entry = try #require(try await store.get(key))
        let text = String(decoding: entry.value, as: UTF8.self)
            .replacing(vpc.prefix, with: "::ffff:10.0.0.0/104")
        let note = ChangeNote(actor: "a test", reason: nil, idempotencyToken: nil, time: 0)
        _ = try await store.transaction(
            compare: [], then: [.put(key, Array(text.utf8))], note: note)
        return try await standby()
    }

    fileprivate func registerNode(at service: ControlService) async -> Answer {
        let body = #"{"name":"node1","zone":"a","address":"127.0.0.11","operations":"x"}"#
        return await call(
            "PUT", "/v1/nodes/\(Identifier(.node, 1))", body: Array(body.utf8), of: service)
    }
}

@Test func `a change that nodes could not read is refused, and nothing is changed`() async throws {
    let installation = try await Installation(
        nodes: 0, options: ClusterOptions(shardSize: 1))
    let tenant = try await installation.create(API.Tenant.self, .init(name: "acme"))
    let vpc = try await installation.create(
        API.VPC.self, .init(tenant: tenant.id, name: "main", prefix: "10.0.0.0/16"))
    let service = try await installation.damaged(vpc)
    // The first node would bring the waiting tenant's VPC into a snapshot.
    let refused = await installation.registerNode(at: service)
    #expect(refused.status == 409)
    #expect(String(decoding: refused.body, as: UTF8.self).contains("unreadable-configuration"))
    let nodes = await installation.call("GET", "/v1/nodes", of: service)
    #expect(String(decoding: nodes.body, as: UTF8.self).contains(#""items":[]"#))
    let deletion = await installation.call("DELETE", "/v1/vpcs/\(vpc.id)", of: service)
    #expect(deletion.status == 204)
    #expect(await installation.registerNode(at: service).status == 200)
}

@Test func `what was unreadable before stays open to changes that mend it`() async throws {
    let installation = try await Installation(nodes: 1)
    let world = try await World(installation)
    let service = try await installation.damaged(world.vpc)
    let node = "/v1/snapshots/node/\(Identifier(.node, 1))"
    let name = Array(#"{"name":"other"}"#.utf8)
    #expect(await installation.call("POST", "/v1/tenants", body: name, of: service).status == 201)
    let deletion = await installation.call("DELETE", "/v1/vpcs/\(world.vpc.id)", of: service)
    #expect(deletion.status == 204)
    let mended = await installation.call("GET", node, of: service)
    #expect(throws: Never.self) { try SnapshotEnvelope.open(mended.body) }
}
