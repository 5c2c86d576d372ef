// What nodes, routers and edges are told.

import Configuration
import ControlClient
import ControlServer
import Testing
import Wire

/// A tenant with everything.
private func fullWorld(_ installation: Installation) async throws -> World {
    let world = try await World(installation)
    _ = try await world.natGateway()
    let balancer = try await world.loadBalancer()
    let group = try await world.targetGroup()
    for last in 1...4 {
        _ = try await installation.create(
            API.Target.self,
            .init(targetGroup: group.id, address: "10.0.8.\(last)", port: 80, weight: last))
    }
    for (ipProtocol, port) in [(API.TransportProtocol.tcp, 80), (.udp, 53)] {
        _ = try await installation.create(
            API.Listener.self,
            .init(
                loadBalancer: balancer.id, ipProtocol: ipProtocol, port: port,
                targetGroup: group.id))
    }
    return world
}

@Test func `a snapshot holds what was registered`() async throws {
    let installation = try await Installation()
    let host = try await installation.create(
        API.Host.self, .init(name: "host1", address: "127.0.1.1"))
    let edge = try await installation.create(
        API.Edge.self, .init(name: "edge1", address: "127.0.2.1"))
    let world = try await fullWorld(installation)
    let snapshot = try await installation.snapshot("node", world.tenant.nodes[0])
    #expect(snapshot.problems().isEmpty)
    #expect(snapshot.nodes.count == 5)
    #expect(snapshot.hosts.map(\.id) == [host.id.rawValue])
    #expect(snapshot.edges.map(\.id) == [edge.id.rawValue])
    #expect(snapshot.tenants.map(\.name) == ["acme"])
    #expect(snapshot.vpcs.map(\.vni.rawValue) == [1])
    #expect(
        snapshot.natGateways.map { $0.eips.map(\.address.description) } == [
            ["203.0.113.1", "203.0.113.2"]
        ])
    #expect(snapshot.natGateways[0].timers.timeouts.udpSeconds == 350)
    #expect(snapshot.loadBalancers[0].timers.timeouts.udpSeconds == 120)
    #expect(Set(snapshot.loadBalancers[0].listeners.map(\.index)) == [0, 1])
    #expect(Set(snapshot.targetGroups[0].targets.map(\.weight)) == [1, 2, 3, 4])
    #expect(snapshot.natGateways[0].hashKey != snapshot.loadBalancers[0].hashKey)
    let group = try #require(snapshot.groups.first)
    #expect(group.members.map { Identifier(.node, $0.rawValue) } == world.tenant.nodes)
    // Routers and edges are told the same, but for the keys of the channels between nodes.
    var withoutKeys = snapshot
    withoutKeys.cluster.keys = nil
    #expect(snapshot.cluster.keys != nil)
    for router in [("router", host.id), ("edge", edge.id)] {
        #expect(try await installation.snapshot(router.0, router.1) == withoutKeys)
    }
}

@Test func `a node is told of the tenants that it serves and no others`() async throws {
    let installation = try await Installation(nodes: 20)
    var tenants: [API.Tenant] = []
    for index in 0..<30 {
        let tenant = try await installation.create(API.Tenant.self, .init(name: "t\(index)"))
        _ = try await installation.create(
            API.VPC.self, .init(tenant: tenant.id, name: "main", prefix: "10.0.0.0/16"))
        tenants.append(tenant)
    }
    for index in 1...20 {
        let node = Identifier(.node, UInt64(index))
        let snapshot = try await installation.snapshot("node", node)
        let served = tenants.filter { $0.nodes.contains(node) }.map(\.id.rawValue).sorted()
        #expect(snapshot.tenants.map(\.id) == served)
        #expect(snapshot.vpcs.map(\.tenant).sorted() == served)
        #expect(snapshot.groups.allSatisfy { $0.members.contains { $0.rawValue == UInt64(index) } })
    }
}

@Test func `versions grow with every change and with nothing else`() async throws {
    let installation = try await Installation(nodes: 1)
    let node = Identifier(.node, 1)
    var last = try await installation.snapshot("node", node)
    #expect(try await installation.snapshot("node", node) == last)
    for index in 0..<5 {
        _ = try await installation.create(API.Tenant.self, .init(name: "t\(index)"))
        let next = try await installation.snapshot("node", node)
        #expect(next.version == last.version + 1)
        last = next
    }
    _ = try await problem {
        _ = try await installation.create(API.Tenant.self, .init(name: "t0"))
    }
    try await installation.service.advance()
    #expect(try await installation.snapshot("node", node).version == last.version)
}

@Test func `what waits for nodes is in no snapshot`() async throws {
    let installation = try await Installation(nodes: 0)
    let world = try await fullWorld(installation)
    let edge = try await installation.create(
        API.Edge.self, .init(name: "edge1", address: "127.0.2.1"))
    let snapshot = try await installation.snapshot("edge", edge.id)
    #expect(snapshot.tenants.isEmpty && snapshot.natGateways.isEmpty && snapshot.vpcs.isEmpty)
    for index in 1...5 { try await installation.addNode(index) }
    #expect(
        try await installation.snapshot("edge", edge.id).tenants.map(\.id)
            == [world.tenant.id.rawValue])
}

@Test func `nobody unknown gets a snapshot`() async throws {
    let installation = try await Installation(nodes: 1)
    for path in [
        "node/node-00000000000000002", "router/host-00000000000000001",
        "edge/node-00000000000000001", "node/x", "king/node-00000000000000001",
    ] {
        #expect(await installation.call("GET", "/v1/snapshots/" + path).status == 404)
    }
}

@Test func `a cluster of odd size has the buckets and ports that were asked for`() async throws {
    let installation = try await Installation(
        nodes: 2,
        options: ClusterOptions(bucketCount: 4, portRange: 1024...1039, shardSize: 1))
    let world = try await fullWorld(installation)
    let snapshot = try await installation.snapshot("node", world.tenant.nodes[0])
    #expect(snapshot.cluster.bucketCount == 4)
    #expect(snapshot.cluster.portRange == 1024...1039)
    #expect(snapshot.groups[0].leaders == [0, 0, 0, 0])
}

@Test func `a snapshot's length is a class's, and a storm of changes doesn't change it`()
    async throws
{
    let installation = try await Installation(nodes: 1)
    var settings = ServiceOptions()
    settings.leastSnapshotBytes = 200_000
    let clock = installation.clock
    let larger = try await ControlService(
        store: installation.store, settings: settings, clock: { clock.now })
    func lengths() async -> [Int] {
        var lengths: [Int] = []
        for service in [installation.service, larger] {
            let answer = await installation.call(
                "GET", "/v1/snapshots/node/\(Identifier(.node, 1))", of: service)
            lengths.append(answer.body.count)
        }
        return lengths
    }
    let first = await lengths()
    #expect(first == [64 << 10, 256 << 10])
    for number in 1...20 {
        _ = try await World(installation, name: "t\(number)", firstEIP: 2 * number)
    }
    #expect(await lengths() == first)
}
