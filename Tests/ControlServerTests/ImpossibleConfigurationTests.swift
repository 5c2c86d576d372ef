// What no node could run by, or could ever work, is refused where it is asked for.

import ControlClient
import ControlServer
import Testing
import Wire

private func vpc6(_ world: World) async throws -> API.VPC {
    try await world.installation.create(
        API.VPC.self, .init(tenant: world.tenant.id, name: "six", prefix: "fd00::/64"))
}

@Test(arguments: ["::ffff:10.0.0.0/104", "::ffff:a00:0/104", "::ffff:0:0/96"])
func `an IPv4-mapped prefix is refused, with the way to write it`(prefix: String) async throws {
    let world = try await World(try await Installation())
    let network = try await problem {
        _ = try await world.installation.create(
            API.VPC.self, .init(tenant: world.tenant.id, name: "x", prefix: prefix))
    }
    #expect(network.status == 400)
    #expect(network.field == "prefix")
    #expect(network.hint?.hasPrefix("Write it as IPv4: ") == true)
    let rule = try await problem {
        _ = try await world.installation.create(
            API.NATGateway.self,
            .init(
                vpc: world.vpc.id, name: "x", eips: world.eips.map(\.id),
                settings: .init(
                    timerRules: [.init(prefix: prefix, timeouts: .init(udpSeconds: 9))])))
    }
    #expect(rule.field == "timerRules[0].prefix")
}

@Test func `an IPv4-mapped address is refused in every field`() async throws {
    let installation = try await Installation()
    let world = try await World(installation)
    let six = try await vpc6(world)
    let group = try await installation.create(
        API.TargetGroup.self, .init(vpc: six.id, name: "six"))
    let mapped = "::ffff:10.0.0.1"
    let refusals = [
        try await problem {
            _ = try await installation.create(API.Host.self, .init(name: "h", address: mapped))
        },
        try await problem {
            _ = try await installation.create(API.Edge.self, .init(name: "e", address: mapped))
        },
        try await problem {
            _ = try await installation.create(
                API.EIP.self, .init(tenant: world.tenant.id, address: mapped))
        },
        try await problem {
            _ = try await installation.create(
                API.LoadBalancer.self, .init(vpc: six.id, name: "x", address: mapped))
        },
        try await problem {
            _ = try await installation.create(
                API.Target.self, .init(targetGroup: group.id, address: mapped, port: 80))
        },
    ]
    for refusal in refusals {
        #expect(refusal.field == "address")
        #expect(refusal.hint == "Write it as IPv4: 10.0.0.1.")
    }
}

@Test func `an IPv6 VPC has no NAT gateway and no public address`() async throws {
    let world = try await World(try await Installation())
    let six = try await vpc6(world)
    let gateway = try await problem {
        _ = try await world.installation.create(
            API.NATGateway.self, .init(vpc: six.id, name: "x", eips: world.eips.map(\.id)))
    }
    #expect(gateway.status == 400)
    #expect(gateway.field == "vpc")
    let balancer = try await problem {
        _ = try await world.installation.create(
            API.LoadBalancer.self,
            .init(vpc: six.id, name: "x", address: "fd00::9", eip: world.eips[0].id))
    }
    #expect(balancer.status == 400)
    #expect(balancer.field == "eip")
    _ = try await world.installation.create(
        API.LoadBalancer.self, .init(vpc: six.id, name: "x", address: "fd00::9"))
}

@Test func `a target that is its own listener is refused from either side`() async throws {
    let installation = try await Installation()
    let world = try await World(installation)
    let balancer = try await world.loadBalancer()
    let group = try await world.targetGroup()
    func listen(_ port: Int) async throws {
        _ = try await installation.create(
            API.Listener.self,
            .init(
                loadBalancer: balancer.id, ipProtocol: .tcp, port: port, targetGroup: group.id))
    }
    func register(_ port: Int) async throws {
        _ = try await installation.create(
            API.Target.self, .init(targetGroup: group.id, address: "10.0.9.10", port: port))
    }
    try await listen(80)
    let target = try await problem { try await register(80) }
    #expect(target.status == 400)
    #expect(target.code == "target-is-listener")
    try await register(81)
    let listener = try await problem { try await listen(81) }
    #expect(listener.code == "target-is-listener")
    #expect(listener.field == "targetGroup")
    try await listen(82)
}
