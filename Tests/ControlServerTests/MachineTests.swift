// Nodes, hosts and edges.

import ControlClient
import ControlServer
import Testing

@Test func `a node that registers again with the same words changes nothing`() async throws {
    let installation = try await Installation(nodes: 1)
    let first = try await installation.show(API.Node.self, Identifier(.node, 1))
    let again = try await installation.addNode(1)
    #expect(first == again)
}

@Test func `a node that has moved says so under its old identifier`() async throws {
    let installation = try await Installation(nodes: 2)
    let id = Identifier(.node, 1)
    let moved: API.Node = try await installation.put(
        "/v1/nodes/\(id)",
        API.Node.Creation(
            name: "node1", zone: "zone9", address: "127.0.0.99", operations: "127.0.0.99:8480"))
    #expect(moved.address == "127.0.0.99")
    #expect(try await installation.list(API.Node.self).count == 2)
}

@Test func `an outer address belongs to one machine`() async throws {
    let installation = try await Installation(nodes: 1)
    let host = try await installation.create(
        API.Host.self, .init(name: "host1", address: "127.0.1.1"))
    for address in ["127.0.0.11", "127.0.1.1"] {
        let refusal = try await problem {
            _ = try await installation.create(
                API.Edge.self, .init(name: "edge1", address: address))
        }
        #expect(refusal.code == "address-in-use")
    }
    try await installation.delete(API.Host.self, host.id)
    _ = try await installation.create(API.Edge.self, .init(name: "edge1", address: "127.0.1.1"))
}

@Test(arguments: ["", "localhost", "224.0.0.1", "255.255.255.255", "0.0.0.0", "::", "ff02::1"])
func `an address that no machine can have is refused`(address: String) async throws {
    let installation = try await Installation(nodes: 0)
    let refusal = try await problem {
        _ = try await installation.create(API.Host.self, .init(name: "host1", address: address))
    }
    #expect(refusal.status == 400)
    #expect(refusal.field == "address")
}

@Test func `a node that serves resources can't be deleted, a free one can`() async throws {
    let installation = try await Installation(nodes: 1)
    let world = try await World(installation)
    let gateway = try await world.natGateway()
    let refusal = try await problem {
        try await installation.delete(API.Node.self, Identifier(.node, 1))
    }
    #expect(refusal.conflicts == [world.tenant.id])
    try await installation.delete(API.NATGateway.self, gateway.id)
    try await installation.delete(API.Node.self, Identifier(.node, 1))
    #expect(try await installation.list(API.Node.self).isEmpty)
    #expect(
        try await installation.show(API.Tenant.self, world.tenant.id).state == .pending)
}

@Test func `a node's path names a node`() async throws {
    let installation = try await Installation(nodes: 0)
    for path in ["host-00000000000000001", "node-00000000000000000"] {
        let answer = await installation.call(
            "PUT", "/v1/nodes/\(path)",
            body: Array(#"{"name":"a","zone":"a","address":"1.1.1.1","operations":"x"}"#.utf8))
        #expect(answer.status == 400)
    }
    #expect(await installation.call("PUT", "/v1/nodes/node1").status == 404)
}
