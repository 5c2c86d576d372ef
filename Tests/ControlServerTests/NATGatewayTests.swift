// NAT gateways and the life of their EIPs.

import Configuration
import ControlClient
import ControlServer
import Testing

@Test func `a gateway takes its EIPs, primary first`() async throws {
    let world = try await World(try await Installation())
    let gateway = try await world.natGateway(eips: world.eips.reversed())
    #expect(gateway.eips.map(\.address) == ["203.0.113.2", "203.0.113.1"])
    #expect(gateway.eips.allSatisfy { $0.state == .associated })
    let eip = try await world.installation.show(API.EIP.self, world.eips[0].id)
    #expect(eip.state == .associated)
    #expect(eip.resource == gateway.id)
}

@Test func `an EIP in use is refused by name of its user`() async throws {
    let world = try await World(try await Installation())
    let gateway = try await world.natGateway()
    let refusal = try await problem { _ = try await world.natGateway("second") }
    #expect(refusal.status == 409)
    #expect(refusal.code == "eip-in-use")
    #expect(refusal.conflicts == [gateway.id])
    let deletion = try await problem {
        try await world.installation.delete(API.EIP.self, world.eips[0].id)
    }
    #expect(deletion.conflicts == [gateway.id])
}

@Test func `a refused creation leaves nothing behind`() async throws {
    let world = try await World(try await Installation())
    _ = try await world.natGateway(eips: [world.eips[0]])
    // The second EIP is free, the first is not: neither is taken.
    _ = try await problem {
        _ = try await world.natGateway("b", eips: [world.eips[1], world.eips[0]])
    }
    #expect(
        try await world.installation.show(API.EIP.self, world.eips[1].id).state == .available)
    _ = try await problem {
        _ = try await world.natGateway("b", eips: [world.eips[1], world.eips[1]])
    }
    _ = try await world.natGateway("b", eips: [world.eips[1]])
}

@Test func `another tenant's EIP is as unknown as none`() async throws {
    let installation = try await Installation()
    let world = try await World(installation)
    let other = try await World(installation, name: "other", firstEIP: 11)
    let refusal = try await problem { _ = try await world.natGateway(eips: other.eips) }
    #expect(refusal.code == "unknown-eip")
    #expect(refusal.field == "eips[0]")
}

@Test func `an EIP's address is given once in the cluster`() async throws {
    let installation = try await Installation()
    let world = try await World(installation)
    let other = try await installation.create(API.Tenant.self, .init(name: "other"))
    let refusal = try await problem {
        _ = try await installation.create(
            API.EIP.self, .init(tenant: other.id, address: "203.0.113.1"))
    }
    #expect(refusal.conflicts == [world.eips[0].id])
    for address in ["fd00::1", "224.0.0.1", "x"] {
        _ = try await problem {
            _ = try await installation.create(
                API.EIP.self, .init(tenant: other.id, address: address))
        }
    }
}

@Test func `a gateway without EIPs or with a timeout out of range is refused`() async throws {
    let world = try await World(try await Installation())
    #expect(try await problem { _ = try await world.natGateway(eips: []) }.field == "eips")
    for seconds in [0, -1, 86_401] {
        let refusal = try await problem {
            _ = try await world.installation.create(
                API.NATGateway.self,
                .init(
                    vpc: world.vpc.id, name: "x", eips: world.eips.map(\.id),
                    settings: .init(timeouts: .init(udpSeconds: seconds))))
        }
        #expect(refusal.code == "out-of-range")
        #expect(refusal.field == "timeouts.udpSeconds")
    }
}

@Test func `an EIP is added, drained, released and free again`() async throws {
    let installation = try await Installation()
    let world = try await World(installation)
    let gateway = try await world.natGateway(eips: [world.eips[0]])
    let eip = world.eips[1].id
    let path = "/v1/nat-gateways/\(gateway.id)/eips"
    let added: API.NATGateway = try await installation.post(
        path, API.NATGateway.EIPAddition(eip: eip))
    #expect(added.eips.map(\.id) == world.eips.map(\.id))

    let draining: API.NATGateway = try await installation.post(
        "\(path)/\(eip)/drain", API.NATGateway.EIPDrain(maxDrainSeconds: 10))
    #expect(draining.eips.map(\.state) == [.associated, .draining])
    func state() async throws -> API.State {
        try await installation.service.advance()
        return try await installation.show(API.EIP.self, eip).state
    }
    installation.clock.advance(seconds: 9)
    #expect(try await state() == .draining)
    installation.clock.advance(seconds: 1)
    #expect(try await state() == .releasing)
    let early = try await problem { try await installation.delete(API.EIP.self, eip) }
    #expect(early.code == "wrong-state")
    installation.clock.advance(seconds: 100_000)
    #expect(try await state() == .releasing)
    try await installation.letGo()
    #expect(try await state() == .available)
    #expect(try await installation.show(API.NATGateway.self, gateway.id).eips.count == 1)
    try await installation.delete(API.EIP.self, eip)
}

@Test func `only what a gateway has can be drained, and not while it is released`() async throws {
    let installation = try await Installation()
    let world = try await World(installation)
    let gateway = try await world.natGateway(eips: [world.eips[0]])
    func drain(_ eip: Identifier, _ seconds: Int) async throws -> API.NATGateway {
        try await installation.post(
            "/v1/nat-gateways/\(gateway.id)/eips/\(eip)/drain",
            API.NATGateway.EIPDrain(maxDrainSeconds: seconds))
    }
    let unknown = try await problem { _ = try await drain(world.eips[1].id, 1) }
    #expect(unknown.status == 404)
    let range = try await problem { _ = try await drain(world.eips[0].id, -1) }
    #expect(range.code == "out-of-range")
    #expect(try await drain(world.eips[0].id, 0).eips.map(\.state) == [.releasing])
    let late = try await problem { _ = try await drain(world.eips[0].id, 1) }
    #expect(late.code == "wrong-state")
}

@Test func `a deleted gateway goes when its EIPs are released`() async throws {
    let installation = try await Installation()
    let world = try await World(installation)
    let gateway = try await world.natGateway()
    let answer = await installation.call("DELETE", "/v1/nat-gateways/\(gateway.id)")
    #expect(answer.status == 202)
    let deleting = try await installation.show(API.NATGateway.self, gateway.id)
    #expect(deleting.state == .deleting)
    #expect(deleting.eips.map(\.state) == [.releasing, .releasing])
    let snapshot = try await installation.snapshot("node", world.tenant.nodes[0])
    #expect(snapshot.natGateways.first?.eips.map(\.state) == [.releasing, .releasing])
    let refusal = try await problem {
        let _: API.NATGateway = try await installation.post(
            "/v1/nat-gateways/\(gateway.id)/eips",
            API.NATGateway.EIPAddition(eip: world.eips[0].id))
    }
    #expect(refusal.code == "wrong-state")

    try await installation.letGo()
    let gone = try await problem {
        _ = try await installation.show(API.NATGateway.self, gateway.id)
    }
    #expect(gone.status == 404)
    #expect(try await installation.snapshot("node", world.tenant.nodes[0]).natGateways.isEmpty)
    try await installation.delete(API.VPC.self, world.vpc.id)
}
