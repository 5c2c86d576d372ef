// How an address is given on: by the word of all nodes that served it, and then the quiet time.
// DESIGN part 5, rule 20.

import Configuration
import ControlClient
import ControlServer
import Testing

/// A world in which a gateway has given up its second EIP.
private struct Released {
    let installation: Installation
    let world: World
    let gateway: API.NATGateway
    var eip: Identifier { world.eips[1].id }

    init(nodes: Int = 3) async throws {
        installation = try await Installation(
            nodes: nodes, options: ClusterOptions(shardSize: 3))
        world = try await World(installation)
        gateway = try await world.natGateway()
        let _: API.NATGateway = try await installation.post(
            "/v1/nat-gateways/\(gateway.id)/eips/\(world.eips[1].id)/drain",
            API.NATGateway.EIPDrain(maxDrainSeconds: 0))
    }

    /// The version that gave it up.
    func version() async throws -> UInt64 {
        try await installation.show(API.EIP.self, eip).revision
    }

    func state(of service: ControlService? = nil) async throws -> API.EIP {
        let service = service ?? installation.service
        try await service.advance()
        return try await installation.show(API.EIP.self, eip)
    }
}

@Test func `a released EIP waits for every node that served it, by name`() async throws {
    let released = try await Released()
    let installation = released.installation
    let version = try await released.version()
    installation.clock.advance(seconds: 100_000)
    var eip = try await released.state()
    #expect(eip.state == .releasing)
    #expect(Set(eip.awaitedNodes ?? []) == Set((1...3).map { Identifier(.node, $0) }))
    let later = try await installation.create(API.Tenant.self, .init(name: "later"))
    try await installation.report(1, closed: version)
    try await installation.report(2, closed: later.revision)
    try await installation.report(3, closed: version - 1)
    eip = try await released.state()
    #expect(eip.state == .releasing)
    #expect(eip.awaitedNodes == [Identifier(.node, 3)])
    #expect(eip.stateReason == "waits for node3 to close configuration \(version)")
    try await installation.report(3, closed: version)
    eip = try await released.state()
    #expect(eip.state == .releasing)
    #expect(eip.awaitedNodes == [])
    #expect(eip.stateReason?.hasPrefix("until ") == true)
}

@Test func `after the last node's word the quiet time passes, and then it is free`() async throws {
    let released = try await Released()
    let installation = released.installation
    let version = try await released.version()
    for node in 1...3 as ClosedRange<UInt64> {
        try await installation.report(node, closed: version)
    }
    #expect(try await released.state().state == .releasing)
    installation.clock.advance(milliseconds: 1_999)
    #expect(try await released.state().state == .releasing)
    installation.clock.advance(milliseconds: 1)
    #expect(try await released.state().state == .available)
    #expect(
        try await installation.show(API.NATGateway.self, released.gateway.id).eips.count == 1)
}

@Test func `a word that is taken back in the quiet time is awaited again`() async throws {
    let released = try await Released()
    let installation = released.installation
    let version = try await released.version()
    for node in 1...3 as ClosedRange<UInt64> {
        try await installation.report(node, closed: version)
    }
    #expect(try await released.state().stateReason?.hasPrefix("until ") == true)
    installation.clock.advance(milliseconds: 1_500)
    // It came to lead a bucket with a flow that the configuration gave up.
    try await installation.report(2, closed: version - 1)
    var eip = try await released.state()
    #expect(eip.state == .releasing && eip.awaitedNodes == [Identifier(.node, 2)])
    installation.clock.advance(seconds: 60)
    #expect(try await released.state().state == .releasing)
    // The quiet time begins again.
    try await installation.report(2, closed: version)
    eip = try await released.state()
    #expect(eip.state == .releasing && eip.stateReason?.hasPrefix("until ") == true)
    installation.clock.advance(milliseconds: 1_999)
    #expect(try await released.state().state == .releasing)
    installation.clock.advance(milliseconds: 1)
    #expect(try await released.state().state == .available)
}

@Test func `a node that doesn't serve the tenant is not awaited`() async throws {
    let released = try await Released(nodes: 6)
    let members = try await released.installation.show(
        API.Tenant.self, released.world.tenant.id
    ).nodes
    #expect(members.count == 3)
    #expect(Set(try await released.state().awaitedNodes ?? []) == Set(members))
}

@Test func `a node that says less than it said is awaited again`() async throws {
    let released = try await Released()
    let installation = released.installation
    let version = try await released.version()
    try await installation.report(1, closed: version)
    try await installation.report(2, closed: version)
    // It restarted by an older snapshot, and then has none at all.
    try await installation.report(1, closed: version - 1)
    #expect(try await released.state().awaitedNodes?.contains(Identifier(.node, 1)) == true)
    try await installation.report(1, closed: version)
    try await installation.report(1, closed: nil)
    #expect(try await released.state().awaitedNodes?.contains(Identifier(.node, 1)) == true)
}

@Test func `a service that starts assumes nothing of what nodes said before`() async throws {
    let released = try await Released()
    let installation = released.installation
    let version = try await released.version()
    for node in 1...2 as ClosedRange<UInt64> {
        try await installation.report(node, closed: version)
    }
    let again = try await installation.standby()
    try await installation.report(3, closed: version, to: again)
    installation.clock.advance(seconds: 1_000)
    try await again.advance()
    let answer = try await installation.show(API.EIP.self, released.eip, of: again)
    #expect(answer.state == .releasing)
    #expect(answer.awaitedNodes?.sorted() == [Identifier(.node, 1), Identifier(.node, 2)])
}

@Test func `a node that never answers keeps an EIP until the node is deleted`() async throws {
    let released = try await Released()
    let installation = released.installation
    let version = try await released.version()
    for node in 1...2 as ClosedRange<UInt64> {
        try await installation.report(node, closed: version)
    }
    installation.clock.advance(seconds: 1_000_000)
    #expect(try await released.state().state == .releasing)
    let serving = try await problem {
        try await installation.delete(API.Node.self, Identifier(.node, 3))
    }
    #expect(serving.code == "in-use")

    try await installation.delete(API.NATGateway.self, released.gateway.id)
    try await installation.delete(API.Node.self, Identifier(.node, 3))
    let newest = try await installation.list(API.EIP.self).map(\.revision).max() ?? 0
    for node in 1...2 as ClosedRange<UInt64> {
        try await installation.report(node, closed: newest)
    }
    try await installation.service.advance()
    installation.clock.advance(seconds: 2)
    try await installation.service.advance()
    #expect(try await installation.list(API.EIP.self).map(\.state) == [.available, .available])
    // Its tenant had no resource left, and is placed on the others.
    #expect(
        try await installation.show(API.Tenant.self, released.world.tenant.id).nodes.count == 2)
}

@Test func `a deleted balancer keeps its address until no node has a flow of its`() async throws {
    let installation = try await Installation(
        nodes: 2, options: ClusterOptions(shardSize: 2))
    let world = try await World(installation)
    let balancer = try await world.loadBalancer()
    let answer = await installation.call("DELETE", "/v1/load-balancers/\(balancer.id)")
    #expect(answer.status == 202)
    let deleting = try await installation.show(API.LoadBalancer.self, balancer.id)
    #expect(deleting.state == .deleting)
    #expect(deleting.stateReason?.hasPrefix("waits for node") == true)
    let node = world.tenant.nodes[0]
    #expect(try await installation.snapshot("node", node).loadBalancers.isEmpty)
    #expect(try await problem { _ = try await world.loadBalancer() }.code == "address-in-use")
    let listener = try await problem {
        let group = try await world.targetGroup()
        _ = try await installation.create(
            API.Listener.self,
            .init(
                loadBalancer: balancer.id, ipProtocol: .tcp, port: 80, targetGroup: group.id))
    }
    #expect(listener.code == "wrong-state")
    for node in 1...2 as ClosedRange<UInt64> {
        try await installation.report(node, closed: deleting.revision)
    }
    try await installation.service.advance()
    installation.clock.advance(seconds: 2)
    try await installation.service.advance()
    #expect(try await world.loadBalancer().id != balancer.id)
}

@Test func `what a node says must be a version`() async throws {
    let installation = try await Installation(nodes: 1)
    let path = "/v1/snapshots/node/\(Identifier(.node, 1))"
    for text in ["", "-1", "x", "1.5"] {
        #expect(await installation.call("GET", path, query: ["closed": text]).status == 400)
    }
    let unknown = await installation.call("GET", path, query: ["close": "1"])
    #expect(unknown.status == 400)
    #expect(try await installation.show(API.Node.self, Identifier(.node, 1)).closedVersion == nil)
    try await installation.report(1, closed: 1)
    #expect(try await installation.show(API.Node.self, Identifier(.node, 1)).closedVersion == 1)
}

@Test func `what nodes closed of a past that a restore took back frees nothing`() async throws {
    let installation = try await Installation(
        nodes: 3, options: ClusterOptions(shardSize: 3))
    let world = try await World(installation)
    let gateway = try await world.natGateway()
    // The nodes had come to a version that the backup has never seen.
    for node in 1...3 as ClosedRange<UInt64> {
        try await installation.report(node, closed: gateway.revision + 50)
    }
    let first = try await installation.show(API.Node.self, Identifier(.node, 1))
    #expect(first.closedVersion == nil)
    let _: API.NATGateway = try await installation.post(
        "/v1/nat-gateways/\(gateway.id)/eips/\(world.eips[1].id)/drain",
        API.NATGateway.EIPDrain(maxDrainSeconds: 0))
    for node in 1...3 as ClosedRange<UInt64> {
        try await installation.report(node, closed: gateway.revision + 50)
    }
    try await installation.service.advance()
    installation.clock.advance(seconds: 1_000)
    try await installation.service.advance()
    let eip = try await installation.show(API.EIP.self, world.eips[1].id)
    #expect(eip.state == .releasing)
    #expect(eip.awaitedNodes?.count == 3)
}
