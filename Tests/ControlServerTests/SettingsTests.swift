// Quotas, timers and MTUs: set at a creation, changed live, refused out of bounds, and told to nodes.

import Configuration
import ControlClient
import ControlServer
import Testing
import Wire

@Test func `a quota is set at the creation, changed limit by limit, and in force at once`()
    async throws
{
    let installation = try await Installation()
    let world = try await World(installation)
    let tenant = try await installation.change(
        API.Tenant.self, world.tenant.id,
        .init(quota: .init(flows: 1_000, bitsPerSecond: 5_000_000_000)))
    #expect(tenant.quota == API.Quota(flows: 1_000, bitsPerSecond: 5_000_000_000))
    let gateway = try await installation.create(
        API.NATGateway.self,
        .init(
            vpc: world.vpc.id, name: "main", eips: world.eips.map(\.id),
            settings: .init(
                quota: .init(newFlowsPerSecond: 7, packetsPerSecond: 8), portsPerAddress: 9)))
    let changed = try await installation.change(
        API.NATGateway.self, gateway.id, .init(quota: .init(newFlowsPerSecond: 0)))
    #expect(changed.quota == API.Quota(packetsPerSecond: 8))
    #expect(changed.portsPerAddress == 9)
    let balancer = try await world.loadBalancer()
    _ = try await installation.change(
        API.LoadBalancer.self, balancer.id, .init(quota: .init(flows: 3)))

    let snapshot = try await installation.snapshot("node", world.tenant.nodes[0])
    #expect(snapshot.tenants[0].quota == Quota(flows: 1_000, bitsPerSecond: 5_000_000_000))
    #expect(snapshot.natGateways[0].quota == Quota(packetsPerSecond: 8))
    #expect(snapshot.natGateways[0].portsPerAddress == 9)
    #expect(snapshot.loadBalancers[0].quota == Quota(flows: 3))
}

@Test func `what says nothing new changes nothing, and a change is in the history`() async throws {
    let installation = try await Installation()
    let world = try await World(installation)
    let settings = API.Tenant.Settings(quota: .init(flows: 5))
    let first = try await installation.change(API.Tenant.self, world.tenant.id, settings)
    let again = try await installation.change(API.Tenant.self, world.tenant.id, settings)
    #expect(again == first)
    #expect(first.revision > world.tenant.revision)
    let page: API.Page<API.Change> = try await installation.history(of: world.tenant.id)
    #expect(page.items.count == 2)
    let last = try #require(page.items.last)
    #expect(last.actor == "alice")
    #expect(last.before?.contains("quota") == false)
    #expect(last.after?.contains(#""quota":{"#) == true)
}

@Test(arguments: [
    ("quota.flows", API.QuotaSettings(flows: -1)),
    ("quota.flows", API.QuotaSettings(flows: 1_000_000_000_001)),
    ("quota.newFlowsPerSecond", API.QuotaSettings(newFlowsPerSecond: -1)),
    ("quota.packetsPerSecond", API.QuotaSettings(packetsPerSecond: -5)),
    ("quota.bitsPerSecond", API.QuotaSettings(bitsPerSecond: 1_000_000_000_000_001)),
])
func `a quota out of bounds is refused by its field`(
    field: String, quota: API.QuotaSettings
) async throws {
    let world = try await World(try await Installation())
    let refusal = try await problem {
        _ = try await world.installation.change(
            API.Tenant.self, world.tenant.id, .init(quota: quota))
    }
    #expect(refusal.code == "out-of-range")
    #expect(refusal.field == field)
}

@Test func `timers are changed one by one, and rules by their prefix`() async throws {
    let installation = try await Installation()
    let world = try await World(installation)
    let gateway = try await installation.create(
        API.NATGateway.self,
        .init(
            vpc: world.vpc.id, name: "main", eips: world.eips.map(\.id),
            settings: .init(
                timeouts: .init(.rfc5382),
                timerRules: [
                    .init(prefix: "203.0.113.0/24", timeouts: .init(tcpEstablishedSeconds: 3_600)),
                    .init(prefix: "2001:db8:0::/48", timeouts: .init(udpSeconds: 9)),
                ])))
    #expect(gateway.timeouts == .rfc5382)
    #expect(gateway.timerRules.map(\.prefix) == ["203.0.113.0/24", "2001:db8::/48"])
    #expect(gateway.onExpiry == .reset)
    func change(_ settings: API.NATGateway.Settings) async throws -> API.NATGateway {
        try await installation.change(API.NATGateway.self, gateway.id, settings)
    }
    let changed = try await change(
        .init(
            timeouts: .init(udpSeconds: 30, icmpSeconds: 5),
            timerRules: [
                .init(prefix: "203.0.113.0/24", timeouts: .init(tcpClosingSeconds: 4)),
                .init(prefix: "2001:db8::/48", timeouts: .init()),
            ], onExpiry: .silent))
    #expect(changed.timerRules.map(\.prefix) == ["203.0.113.0/24"])

    let timers = try await installation.snapshot("node", world.tenant.nodes[0])
        .natGateways[0].timers
    #expect(!timers.resetsOnExpiry)
    var expected = IdleTimeouts.rfc5382
    expected.udpSeconds = 30
    expected.icmpSeconds = 5
    #expect(timers.timeouts == expected)
    // What the rule doesn't set is as elsewhere.
    expected.tcpClosingSeconds = 4
    #expect(timers.rules.map(\.timeouts) == [expected])

    let unknown = try await problem {
        _ = try await change(
            .init(timerRules: [.init(prefix: "198.51.100.0/24", timeouts: .init())]))
    }
    #expect(unknown.field == "timerRules[0]")
    let range = try await problem {
        _ = try await change(
            .init(timerRules: [.init(prefix: "10.0.0.0/8", timeouts: .init(udpSeconds: 0))]))
    }
    #expect(range.field == "timerRules[0].timeouts.udpSeconds")
    let prefix = try await problem {
        _ = try await change(
            .init(timerRules: [.init(prefix: "10.0.0.1/8", timeouts: .init(udpSeconds: 1))]))
    }
    #expect(prefix.field == "timerRules[0].prefix")
    let many = (0...64).map {
        API.TimerRule(prefix: "10.0.\($0).0/24", timeouts: .init(udpSeconds: 1))
    }
    #expect(try await problem { _ = try await change(.init(timerRules: many)) }.status == 409)
}

@Test func `an opening and a closing flow may be asked for under the old name`() async throws {
    let installation = try await Installation()
    let world = try await World(installation)
    let balancer = try await world.loadBalancer()
    let path = "/v1/load-balancers/\(balancer.id)"
    let both = await installation.call(
        "PATCH", path, body: Array(#"{"timeouts":{"tcpTransitorySeconds":33}}"#.utf8))
    #expect(both.status == 200)
    let timeouts = try await installation.show(API.LoadBalancer.self, balancer.id).timeouts
    #expect([timeouts.tcpOpeningSeconds, timeouts.tcpClosingSeconds] == [33, 33])
    #expect(timeouts.udpSeconds == 120)
    let contradiction = await installation.call(
        "PATCH", path,
        body: Array(#"{"timeouts":{"tcpTransitorySeconds":3,"tcpOpeningSeconds":4}}"#.utf8))
    #expect(contradiction.status == 400)
}

@Test func `records of an earlier release are read, and get the defaults`() async throws {
    let installation = try await Installation()
    let world = try await World(installation)
    let gateway = try await world.natGateway()
    let balancer = try await world.loadBalancer()
    let old = """
        {"icmpSeconds":60,"tcpEstablishedSeconds":5,"tcpTransitorySeconds":7,"udpSeconds":6}
        """
    for (key, extra) in [
        ("nat-gateways/\(gateway.id)", #""eips":[],"isDeleting":false"#),
        (
            "load-balancers/\(balancer.id)",
            #""address":"10.0.9.10","nextListenerIndex":0"#
        ),
    ] {
        let id = key.split(separator: "/")[1]
        let record = """
            {"created":1,"id":"\(id)","name":"main","revision":4,"tenant":"\(world.tenant.id)",
            "timeouts":\(old),"vpc":"\(world.vpc.id)",\(extra)}
            """
        _ = try await installation.store.transaction(
            compare: [], then: [.put(key, Array(record.utf8))],
            note: ChangeNote(actor: "old", reason: nil, idempotencyToken: nil, time: 1))
    }
    let service = try await installation.standby()
    let read = try await installation.show(API.NATGateway.self, gateway.id, of: service)
    #expect(
        read.timeouts
            == API.IdleTimeouts(
                tcpEstablishedSeconds: 5, tcpOpeningSeconds: 7, tcpClosingSeconds: 7,
                udpSeconds: 6))
    #expect(read.quota == .unlimited && read.timerRules.isEmpty && read.onExpiry == .reset)
    let other = try await installation.show(API.LoadBalancer.self, balancer.id, of: service)
    #expect(other.timeouts.tcpClosingSeconds == 7)
}

@Test func `a gateway that is being deleted can't be changed`() async throws {
    let world = try await World(try await Installation())
    let gateway = try await world.natGateway()
    try await world.installation.delete(API.NATGateway.self, gateway.id)
    let refusal = try await problem {
        _ = try await world.installation.change(
            API.NATGateway.self, gateway.id, .init(onExpiry: .silent))
    }
    #expect(refusal.code == "wrong-state")
}

@Test func `a gateway has eight EIPs at most, until its tenant's limit is raised`() async throws {
    let installation = try await Installation()
    let world = try await World(installation)
    var eips = world.eips
    for last in 3...9 {
        eips.append(
            try await installation.create(
                API.EIP.self, .init(tenant: world.tenant.id, address: "203.0.113.\(last)")))
    }
    let refusal = try await problem { _ = try await world.natGateway(eips: eips) }
    #expect(refusal.code == "limit-exceeded")
    #expect(refusal.conflicts == [world.tenant.id])
    let gateway = try await world.natGateway(eips: Array(eips.prefix(8)))
    func add() async throws -> API.NATGateway {
        try await installation.post(
            "/v1/nat-gateways/\(gateway.id)/eips", API.NATGateway.EIPAddition(eip: eips[8].id))
    }
    #expect(try await problem { _ = try await add() }.code == "limit-exceeded")
    let raised = try await installation.change(
        API.Tenant.self, world.tenant.id, .init(eipsPerGateway: 9))
    #expect(raised.eipsPerGateway == 9)
    #expect(try await add().eips.count == 9)
    for limit in [0, 1_025] {
        let refusal = try await problem {
            _ = try await installation.change(
                API.Tenant.self, world.tenant.id, .init(eipsPerGateway: limit))
        }
        #expect(refusal.field == "eipsPerGateway")
    }
}

@Test func `the primary EIP is drained like any other, and a drain can be taken back`()
    async throws
{
    let installation = try await Installation()
    let world = try await World(installation)
    let gateway = try await world.natGateway()
    let primary = world.eips[0].id
    let path = "/v1/nat-gateways/\(gateway.id)/eips"
    func drain(_ seconds: Int) async throws -> API.NATGateway {
        try await installation.post(
            "\(path)/\(primary)/drain", API.NATGateway.EIPDrain(maxDrainSeconds: seconds))
    }
    #expect(try await drain(100).eips.map(\.state) == [.draining, .associated])
    let back: API.NATGateway = try await installation.post(
        path, API.NATGateway.EIPAddition(eip: primary))
    #expect(back.eips.map(\.state) == [.associated, .associated])
    installation.clock.advance(seconds: 1_000)
    try await installation.service.advance()
    #expect(
        try await installation.show(API.NATGateway.self, gateway.id).eips.map(\.state)
            == [.associated, .associated])
    _ = try await drain(0)
    try await installation.letGo()
    let left = try await installation.show(API.NATGateway.self, gateway.id)
    #expect(left.eips.map(\.id) == [world.eips[1].id])
    let again: API.NATGateway = try await installation.post(
        path, API.NATGateway.EIPAddition(eip: primary))
    #expect(again.eips.count == 2)
}

@Test func `MTUs of the overlay and of an edge are set and told`() async throws {
    let installation = try await Installation(
        nodes: 1, options: ClusterOptions(overlayMTU: 9_000))
    let edge = try await installation.create(
        API.Edge.self, .init(name: "edge1", address: "127.0.2.1", mtu: 1_400))
    var snapshot = try await installation.snapshot("edge", edge.id)
    #expect(snapshot.cluster.overlayMTU == 9_000)
    #expect(snapshot.edges[0].mtu == 1_400)
    let changed = try await installation.change(API.Edge.self, edge.id, .init(mtu: 1_500))
    #expect(changed.mtu == 1_500)
    let before = snapshot.version
    let answer = await installation.call(
        "PATCH", "/v1/cluster", body: Array(#"{"overlayMTU":1450}"#.utf8))
    #expect(answer.status == 200)
    snapshot = try await installation.snapshot("edge", edge.id)
    #expect(snapshot.cluster.overlayMTU == 1_450)
    #expect(snapshot.edges[0].mtu == 1_500)
    #expect(snapshot.version == before + 2)
    // Another service on the store sees it too.
    let standby = try await installation.standby()
    let cluster = await installation.call("GET", "/v1/cluster", of: standby)
    #expect(String(decoding: cluster.body, as: UTF8.self).contains(#""overlayMTU":1450"#))
    for bytes in [1_279, 9_217] {
        let refusal = try await problem {
            _ = try await installation.change(API.Edge.self, edge.id, .init(mtu: bytes))
        }
        #expect(refusal.field == "mtu")
        let answer = await installation.call(
            "PATCH", "/v1/cluster", body: Array(#"{"overlayMTU":\#(bytes)}"#.utf8))
        #expect(answer.status == 400)
    }
}
