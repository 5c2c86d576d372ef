// Quotas of tenants, resources and inside addresses: named drops, and nobody else's loss.

import Configuration
import Node
import Testing
import Translation
import Wire

struct QuotaTests {
    static let server: Endpoint = "198.51.100.1:53"

    /// Which quota, and the names of its drops for a tenant and for a resource.
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var quota: Quota
        var ofTenant: DropCause
        var ofResource: DropCause
    }

    static let cases = [
        Case(
            testDescription: "flows", quota: Quota(flows: 20),
            ofTenant: .tenantFlowQuota, ofResource: .resourceFlowQuota),
        Case(
            testDescription: "new flows", quota: Quota(newFlowsPerSecond: 20),
            ofTenant: .tenantFlowRateQuota, ofResource: .resourceFlowRateQuota),
        Case(
            testDescription: "packets", quota: Quota(packetsPerSecond: 80),
            ofTenant: .tenantPacketQuota, ofResource: .resourcePacketQuota),
        Case(
            testDescription: "bits", quota: Quota(bitsPerSecond: 80 * 33 * 8),
            ofTenant: .tenantBitQuota, ofResource: .resourceBitQuota),
    ]

    private func packet(_ port: Int, _ instance: Instance, _ gateway: ResourceID) -> (
        World
    ) -> Datagram {
        { world in
            world.outbound(
                .udp("10.0.0.5:\(4000 + port)".endpoint, to: Self.server), from: instance,
                through: gateway)
        }
    }

    /// A hundred first packets of two tenants within one moment: what passed of each.
    private func passed(
        _ world: World, _ node: TestNode, from first: Int = 0
    ) -> (acme: Int, bolt: Int) {
        var count = (acme: 0, bolt: 0)
        for port in first..<first + 100 {
            let acme = packet(port, World.acmeInstance, World.acmeNAT)(world)
            let bolt = packet(port, World.boltInstance, World.boltNAT)(world)
            count.acme += node.send(acme).count
            count.bolt += node.send(bolt).count
        }
        return count
    }

    // RFC 6888 §3 REQ-4, REQ-4 (a), (c), REQ-5, REQ-11 (a).
    @Test(arguments: cases, [true, false])
    func `a tenant over a quota is refused by its name, the other loses nothing`(
        test: Case, isTenant: Bool
    ) {
        var world = World()
        if isTenant {
            world.snapshot.tenants[0].quota = test.quota
        } else {
            world.snapshot.natGateways[0].quota = test.quota
        }
        let node = TestNode(world)
        let count = passed(world, node)
        #expect(count.bolt == 100)
        // A quarter of a second of packets and bits may come at once.
        #expect((20...22).contains(count.acme), "\(count.acme)")
        let cause = isTenant ? test.ofTenant : test.ofResource
        #expect(Int(node.drops(cause, of: World.acmeNAT)) == 100 - count.acme)
        #expect(Int(node.drops(cause)) == 100 - count.acme)
    }

    @Test func `rates come back with time and counts with the end of flows`() {
        for (quota, seconds) in [
            (Quota(newFlowsPerSecond: 20), 1.0), (Quota(packetsPerSecond: 80), 1.0),
            (Quota(flows: 20), 360.0),
        ] {
            var world = World()
            world.snapshot.tenants[0].quota = quota
            let node = TestNode(world)
            let first = passed(world, node).acme
            node.pass(seconds: seconds)
            node.pass(seconds: 3)
            #expect((20...22).contains(passed(world, node, from: 1000).acme))
            #expect((20...22).contains(first))
        }
    }

    @Test func `a node has the share of a quota that it has of the buckets`() {
        var world = World(leaders: .alternating)
        world.snapshot.tenants[0].quota = Quota(flows: 40)
        let nodes = [TestNode(world, node: 1), TestNode(world, node: 2)]
        var passed = [0, 0]
        for port in 0..<200 {
            let datagram = packet(port, World.acmeInstance, World.acmeNAT)(world)
            let index = Int(datagram.overlay.bucket.rawValue) % 2
            passed[index] += nodes[index].send(datagram).count
        }
        #expect(passed == [20, 20])
    }

    @Test func `packets of flows that are there pass while no new flow may begin`() {
        var world = World()
        world.snapshot.tenants[0].quota = Quota(flows: 20)
        let node = TestNode(world)
        _ = passed(world, node)
        let known = node.send(packet(0, World.acmeInstance, World.acmeNAT)(world))
        #expect(known.count == 1)
    }

    @Test func `a flow that comes back counts like a new one`() {
        var world = World()
        world.snapshot.tenants[0].quota = Quota(flows: 20)
        let node = TestNode(world)
        _ = passed(world, node)
        node.pass(seconds: 351)
        // Twenty others take the quota, while the old ones are still remembered.
        #expect(passed(world, node, from: 1000).acme == 20)
        let before = node.drops(.tenantFlowQuota, of: World.acmeNAT)
        #expect(node.send(packet(0, World.acmeInstance, World.acmeNAT)(world)).isEmpty)
        #expect(node.drops(.tenantFlowQuota, of: World.acmeNAT) == before + 1)
    }

    // RFC 6888 §3 REQ-5.
    @Test func `clients that are remembered count towards the flows`() {
        var world = World()
        world.snapshot.targetGroups[0].isSticky = true
        world.snapshot.tenants[0].quota = Quota(flows: 20)
        let node = TestNode(world)
        var passed = 0
        for host in 10..<50 {
            let client = "10.0.0.\(host):4000".endpoint
            passed += node.send(world.toBalancer(.udp(client, to: "10.0.9.10:53"))).count
        }
        #expect(passed == 10)
        #expect(node.engine.flowCount == 20)
        // The flows end and are forgotten, the clients are not yet.
        node.pass(seconds: 351)
        node.pass(seconds: 3)
        #expect(node.engine.flowCount == 10)
        let next = world.toBalancer(.udp("10.0.0.99:4000", to: "10.0.9.10:53"))
        #expect(node.send(next).count == 1)
        node.pass(seconds: 3601)
        node.pass(seconds: 3)
        #expect(node.engine.flowCount == 0)
        // All of it is given back.
        for host in 100..<110 {
            let client = "10.0.0.\(host):4000".endpoint
            #expect(node.send(world.toBalancer(.udp(client, to: "10.0.9.10:53"))).count == 1)
        }
    }

    // RFC 6888 §3 REQ-4, REQ-4 (a).
    @Test func `one inside address cannot take all ports`() {
        var world = World()
        world.snapshot.natGateways[0].portsPerAddress = 10
        let node = TestNode(world)
        #expect(passed(world, node).acme == 10)
        #expect(node.drops(.addressFlowQuota, of: World.acmeNAT) == 90)
        // By whatever interface it comes, and another address has its own.
        var other = World.acmeInstance
        other.eni = ENI(rawValue: 0xE0A2)
        #expect(node.send(packet(200, other, World.acmeNAT)(world)).isEmpty)
        let second = world.outbound(
            .udp("10.0.0.6:4000", to: Self.server), from: other, through: World.acmeNAT)
        #expect(node.send(second).count == 1)
        // Flows to a balancer take no port, and one that ends gives its port back.
        #expect(
            node.send(world.toBalancer(.udp("10.0.0.5:4000", to: "10.0.9.10:53"))).count == 1)
        node.pass(seconds: 351)
        #expect(passed(world, node, from: 500).acme == 10)
    }
}
