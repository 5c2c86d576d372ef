// Load balancers, listeners, target groups and targets.

import ControlClient
import ControlServer
import Testing

@Test func `a load balancer's address is inside its VPC and its own`() async throws {
    let world = try await World(try await Installation())
    for address in ["10.1.0.1", "fd00::1"] {
        let refusal = try await problem {
            _ = try await world.installation.create(
                API.LoadBalancer.self, .init(vpc: world.vpc.id, name: "x", address: address))
        }
        #expect(refusal.code == "address-outside-vpc")
    }
    let balancer = try await world.loadBalancer()
    let refusal = try await problem { _ = try await world.loadBalancer("second") }
    #expect(refusal.code == "address-in-use")
    #expect(refusal.conflicts == [balancer.id])
}

@Test func `a load balancer's EIP is its own until its deletion is past`() async throws {
    let installation = try await Installation()
    let world = try await World(installation)
    let balancer = try await installation.create(
        API.LoadBalancer.self,
        .init(vpc: world.vpc.id, name: "web", address: "10.0.9.10", eip: world.eips[0].id))
    #expect(balancer.publicAddress == "203.0.113.1")
    #expect(try await problem { _ = try await world.natGateway() }.code == "eip-in-use")
    try await installation.delete(API.LoadBalancer.self, balancer.id)
    #expect(try await problem { _ = try await world.natGateway() }.code == "eip-in-use")
    try await installation.letGo()
    _ = try await world.natGateway()
}

@Test func `listeners are told apart by protocol and port and numbered once`() async throws {
    let installation = try await Installation()
    let world = try await World(installation)
    let balancer = try await world.loadBalancer()
    let group = try await world.targetGroup()
    func listen(_ ipProtocol: API.TransportProtocol, _ port: Int) async throws -> API.Listener {
        try await installation.create(
            API.Listener.self,
            .init(
                loadBalancer: balancer.id, ipProtocol: ipProtocol, port: port,
                targetGroup: group.id))
    }
    let first = try await listen(.tcp, 80)
    let second = try await listen(.udp, 80)
    #expect([first.name, second.name] == ["tcp/80", "udp/80"])
    #expect([first.index, second.index] == [0, 1])
    #expect(try await problem { _ = try await listen(.tcp, 80) }.code == "name-in-use")
    for port in [0, -1, 65_536] {
        #expect(try await problem { _ = try await listen(.tcp, port) }.field == "port")
    }
    try await installation.delete(API.Listener.self, second.id)
    #expect(try await listen(.udp, 80).index == 2)
}

@Test func `a listener's targets are in the balancer's VPC`() async throws {
    let installation = try await Installation()
    let world = try await World(installation)
    let other = try await World(installation, name: "other", firstEIP: 11)
    let balancer = try await world.loadBalancer()
    let group = try await other.targetGroup()
    let refusal = try await problem {
        _ = try await installation.create(
            API.Listener.self,
            .init(
                loadBalancer: balancer.id, ipProtocol: .tcp, port: 80, targetGroup: group.id))
    }
    #expect(refusal.field == "targetGroup")
}

@Test func `targets are healthy once a listener uses them, and drain`() async throws {
    let installation = try await Installation()
    let world = try await World(installation)
    let balancer = try await world.loadBalancer()
    let group = try await world.targetGroup()
    let target = try await installation.create(
        API.Target.self, .init(targetGroup: group.id, address: "10.0.8.1", port: 80))
    #expect(target.name == "10.0.8.1:80")
    #expect(target.weight == 100)
    #expect(target.state == .unused)
    let listener = try await installation.create(
        API.Listener.self,
        .init(loadBalancer: balancer.id, ipProtocol: .tcp, port: 80, targetGroup: group.id))
    #expect(try await installation.show(API.Target.self, target.id).state == .healthy)
    let drained: API.Target = try await installation.post(
        "/v1/targets/\(target.id)/drain", [String: String]())
    #expect(drained.state == .draining)
    let refusal = try await problem {
        try await installation.delete(API.TargetGroup.self, group.id)
    }
    #expect(refusal.conflicts == [listener.id])
}

@Test func `a target out of bounds is refused`() async throws {
    let world = try await World(try await Installation())
    let group = try await world.targetGroup()
    func refusal(
        _ address: String, _ port: Int, _ weight: Int
    ) async throws -> ProblemDocument {
        try await problem {
            _ = try await world.installation.create(
                API.Target.self,
                .init(targetGroup: group.id, address: address, port: port, weight: weight))
        }
    }
    #expect(try await refusal("10.0.8.1", 0, 1).field == "port")
    #expect(try await refusal("10.0.8.1", 65_536, 1).field == "port")
    #expect(try await refusal("10.0.8.1", 80, -1).field == "weight")
    #expect(try await refusal("10.0.8.1", 80, 1_000).field == "weight")
    #expect(try await refusal("192.0.2.1", 80, 1).code == "address-outside-vpc")
}

@Test func `a deregistered target keeps its flows for the delay, beside its successor`()
    async throws
{
    let installation = try await Installation()
    let world = try await World(installation)
    let group = try await world.targetGroup()
    let creation = API.Target.Creation(targetGroup: group.id, address: "10.0.8.1", port: 80)
    let first = try await installation.create(API.Target.self, creation)
    #expect(
        try await problem { _ = try await installation.create(API.Target.self, creation) }.code
            == "name-in-use")
    try await installation.delete(API.Target.self, first.id)
    #expect(try await installation.show(API.Target.self, first.id).state == .draining)
    let second = try await installation.create(API.Target.self, creation)
    #expect(second.id != first.id)
    installation.clock.advance(seconds: 300)
    try await installation.service.advance()
    #expect(try await installation.list(API.Target.self).map(\.id) == [second.id])
}

@Test func `listeners and targets go with what they are part of`() async throws {
    let installation = try await Installation()
    let world = try await World(installation)
    let balancer = try await world.loadBalancer()
    let group = try await world.targetGroup()
    _ = try await installation.create(
        API.Listener.self,
        .init(loadBalancer: balancer.id, ipProtocol: .tcp, port: 80, targetGroup: group.id))
    _ = try await installation.create(
        API.Target.self, .init(targetGroup: group.id, address: "10.0.8.1", port: 80))
    let refusal = try await problem {
        try await installation.delete(API.VPC.self, world.vpc.id)
    }
    #expect(refusal.conflicts == [balancer.id, group.id])
    try await installation.delete(API.LoadBalancer.self, balancer.id)
    #expect(try await installation.list(API.Listener.self).isEmpty)
    try await installation.delete(API.TargetGroup.self, group.id)
    #expect(try await installation.list(API.Target.self).isEmpty)
    try await installation.letGo()
    try await installation.delete(API.VPC.self, world.vpc.id)
}
