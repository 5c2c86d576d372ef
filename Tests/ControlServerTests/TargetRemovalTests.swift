// How targets are chosen, and what becomes of the flows of those that go.

import Configuration
import ControlClient
import ControlServer
import Testing

/// A balancer with a target group of one listener, on three nodes.
private struct Balanced {
    let installation: Installation
    let world: World
    let balancer: API.LoadBalancer
    let group: API.TargetGroup
    let listener: API.Listener

    init(_ settings: API.TargetGroup.Settings = .init()) async throws {
        installation = try await Installation(
            nodes: 3, options: ClusterOptions(shardSize: 3))
        world = try await World(installation)
        balancer = try await world.loadBalancer()
        group = try await installation.create(
            API.TargetGroup.self, .init(vpc: world.vpc.id, name: "web", settings: settings))
        listener = try await installation.create(
            API.Listener.self,
            .init(
                loadBalancer: balancer.id, ipProtocol: .tcp, port: 80, targetGroup: group.id))
    }

    func register(_ last: Int = 1, weight: Int? = nil) async throws -> API.Target {
        try await installation.create(
            API.Target.self,
            .init(targetGroup: group.id, address: "10.0.8.\(last)", port: 80, weight: weight))
    }

    /// What nodes are told of the group's targets.
    func states() async throws -> [UInt64: TargetState] {
        let snapshot = try await installation.snapshot("node", world.tenant.nodes[0])
        return Dictionary(
            uniqueKeysWithValues: snapshot.targetGroups[0].targets.map { ($0.id, $0.state) })
    }

    func pass(seconds: Int64) async throws {
        installation.clock.advance(seconds: seconds)
        try await installation.service.advance()
    }
}

@Test func `a removed target's flows are reset once its delay is over, on every node`()
    async throws
{
    let balanced = try await Balanced(.init(deregistrationDelaySeconds: 20, onRemoval: .reset))
    let installation = balanced.installation
    let target = try await balanced.register()
    let other = try await balanced.register(2)
    try await installation.delete(API.Target.self, target.id)
    #expect(
        try await balanced.states()
            == [target.id.rawValue: .draining, other.id.rawValue: .healthy])
    let draining = try await installation.show(API.Target.self, target.id)
    #expect(draining.state == .draining && draining.isDeregistered)
    #expect(draining.stateReason?.hasSuffix("then its flows are reset") == true)
    try await balanced.pass(seconds: 19)
    #expect(try await balanced.states()[target.id.rawValue] == .draining)
    try await balanced.pass(seconds: 1)
    #expect(
        try await balanced.states()
            == [target.id.rawValue: .terminated, other.id.rawValue: .healthy])
    #expect(try await installation.show(API.Target.self, target.id).state == .terminating)
    // It stays so until the last node has ended its flows, however long that takes.
    let version = try await installation.show(API.Target.self, target.id).revision
    for node in 1...2 { try await installation.report(UInt64(node), closed: version) }
    try await balanced.pass(seconds: 10_000)
    let waiting = try await installation.show(API.Target.self, target.id)
    #expect(waiting.stateReason == "waits for node3 to close configuration \(version)")
    try await installation.letGo(nodes: 1...3)
    #expect(try await balanced.states() == [other.id.rawValue: .healthy])
    #expect(try await installation.list(API.Target.self).map(\.id) == [other.id])
}

@Test func `what would silently cancel resets is refused until they are done`() async throws {
    let balanced = try await Balanced(.init(deregistrationDelaySeconds: 20, onRemoval: .reset))
    let installation = balanced.installation
    let target = try await balanced.register()
    func checkRefusal(_ body: () async throws -> Void) async throws {
        let refusal = try await problem(body)
        #expect(refusal.status == 409)
        #expect(refusal.code == "resets-pending")
        #expect(refusal.conflicts == [target.id])
        #expect(refusal.detail.contains("10.0.8.1:80"))
    }
    func deleteListener() async throws {
        try await installation.delete(API.Listener.self, balanced.listener.id)
    }
    func deleteGroup() async throws {
        try await installation.delete(API.TargetGroup.self, balanced.group.id)
    }
    try await installation.delete(API.Target.self, target.id)
    try await checkRefusal(deleteListener)
    try await balanced.pass(seconds: 20)
    #expect(try await balanced.states() == [target.id.rawValue: .terminated])
    try await checkRefusal(deleteListener)
    // The balancer takes its listeners along; the group still has to wait.
    try await installation.delete(API.LoadBalancer.self, balanced.balancer.id)
    try await checkRefusal(deleteGroup)
    try await installation.letGo(nodes: 1...3)
    try await deleteGroup()
}

@Test func `who lets the flows go on may delete at once`() async throws {
    let balanced = try await Balanced(.init(deregistrationDelaySeconds: 20, onRemoval: .reset))
    let installation = balanced.installation
    let target = try await balanced.register()
    try await installation.delete(API.Target.self, target.id)
    _ = try await installation.change(
        API.TargetGroup.self, balanced.group.id, .init(onRemoval: .keep))
    try await installation.delete(API.Listener.self, balanced.listener.id)
    try await installation.delete(API.TargetGroup.self, balanced.group.id)
}

@Test func `a removed target's flows go on where they are kept`() async throws {
    let balanced = try await Balanced(.init(deregistrationDelaySeconds: 20))
    let target = try await balanced.register()
    try await balanced.installation.delete(API.Target.self, target.id)
    try await balanced.pass(seconds: 20)
    #expect(try await balanced.states().isEmpty)
    #expect(try await balanced.installation.list(API.Target.self).isEmpty)
}

@Test func `without a delay flows are reset at once`() async throws {
    let balanced = try await Balanced()
    let target = try await balanced.register()
    let changed = try await balanced.installation.change(
        API.TargetGroup.self, balanced.group.id,
        .init(deregistrationDelaySeconds: 0, onRemoval: .reset))
    #expect(changed.deregistrationDelaySeconds == 0 && changed.onRemoval == .reset)
    try await balanced.installation.delete(API.Target.self, target.id)
    #expect(try await balanced.states() == [target.id.rawValue: .terminated])
}

@Test func `who is registered anew keeps the flows of the address and port`() async throws {
    let balanced = try await Balanced(.init(deregistrationDelaySeconds: 20, onRemoval: .reset))
    let installation = balanced.installation
    let first = try await balanced.register()
    try await installation.delete(API.Target.self, first.id)
    // In the delay: the former one goes without a reset.
    let second = try await balanced.register()
    #expect(
        try await balanced.states()
            == [first.id.rawValue: .draining, second.id.rawValue: .healthy])
    try await balanced.pass(seconds: 20)
    #expect(try await balanced.states() == [second.id.rawValue: .healthy])
    // While flows are being ended: the nodes hear no more of that.
    try await installation.delete(API.Target.self, second.id)
    try await balanced.pass(seconds: 20)
    #expect(try await balanced.states() == [second.id.rawValue: .terminated])
    let third = try await balanced.register()
    #expect(try await balanced.states() == [third.id.rawValue: .healthy])
}

@Test func `a weight is changed live, and only of what is registered`() async throws {
    let balanced = try await Balanced()
    let installation = balanced.installation
    let target = try await balanced.register(weight: 7)
    let changed = try await installation.change(API.Target.self, target.id, .init(weight: 0))
    #expect(changed.weight == 0)
    let snapshot = try await installation.snapshot("node", balanced.world.tenant.nodes[0])
    #expect(snapshot.targetGroups[0].targets.map(\.weight) == [0])
    let range = try await problem {
        _ = try await installation.change(API.Target.self, target.id, .init(weight: 1_000))
    }
    #expect(range.field == "weight")
    try await installation.delete(API.Target.self, target.id)
    let late = try await problem {
        _ = try await installation.change(API.Target.self, target.id, .init(weight: 1))
    }
    #expect(late.code == "wrong-state")
}

@Test func `a drained target takes new flows again when that is taken back`() async throws {
    let balanced = try await Balanced()
    let target = try await balanced.register()
    func drain(_ isDraining: Bool) async throws -> API.State {
        try await balanced.installation.change(
            API.Target.self, target.id, .init(isDraining: isDraining)
        ).state
    }
    #expect(try await drain(true) == .draining)
    #expect(try await balanced.states() == [target.id.rawValue: .draining])
    #expect(try await drain(false) == .healthy)
    #expect(try await balanced.states() == [target.id.rawValue: .healthy])
}

@Test func `algorithm and stickiness are told to nodes`() async throws {
    let balanced = try await Balanced(
        .init(algorithm: .leastFlows, stickiness: .sourceAddress))
    var snapshot = try await balanced.installation.snapshot(
        "node", balanced.world.tenant.nodes[0])
    #expect(snapshot.targetGroups[0].algorithm == .leastFlows)
    #expect(snapshot.targetGroups[0].isSticky)
    _ = try await balanced.installation.change(
        API.TargetGroup.self, balanced.group.id, .init(algorithm: .flowHash))
    snapshot = try await balanced.installation.snapshot("node", balanced.world.tenant.nodes[0])
    #expect(snapshot.targetGroups[0].algorithm == .flowHash)
    #expect(snapshot.targetGroups[0].isSticky)
}

@Test func `stickiness never changes under a balancer's flows`() async throws {
    let balanced = try await Balanced()
    let installation = balanced.installation
    func refuses(_ body: () async throws -> Void) async throws -> Bool {
        try await problem(body).code == "stickiness-in-use"
    }
    #expect(
        try await refuses {
            _ = try await installation.change(
                API.TargetGroup.self, balanced.group.id, .init(stickiness: .sourceAddress))
        })
    let sticky = try await installation.create(
        API.TargetGroup.self,
        .init(
            vpc: balanced.world.vpc.id, name: "sticky",
            settings: .init(stickiness: .sourceAddress)))
    func listen(_ group: API.TargetGroup, _ port: Int) async throws -> API.Listener {
        try await installation.create(
            API.Listener.self,
            .init(
                loadBalancer: balanced.balancer.id, ipProtocol: .tcp, port: port,
                targetGroup: group.id))
    }
    #expect(try await refuses { _ = try await listen(sticky, 81) })
    // The first listener may be sticky; then it stays until the others are gone.
    try await installation.delete(API.Listener.self, balanced.listener.id)
    let first = try await listen(sticky, 81)
    let second = try await listen(balanced.group, 80)
    #expect(try await refuses { try await installation.delete(API.Listener.self, first.id) })
    try await installation.delete(API.Listener.self, second.id)
    try await installation.delete(API.Listener.self, first.id)
    let free = try await installation.change(
        API.TargetGroup.self, sticky.id, .init(stickiness: .off))
    #expect(free.stickiness == .off)
}
