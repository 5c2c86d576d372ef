// Least flows and stickiness: what the choice of a target remembers.

import Configuration
import Node
import Testing
import Translation
import Wire

struct TargetAlgorithmTests {
    private func world(_ change: (inout TargetGroupEntry) -> Void) -> World {
        var world = World()
        change(&world.snapshot.targetGroups[0])
        return world
    }

    @Test func `least flows shares flows evenly, and evens out what ended`() {
        let world = world { $0.algorithm = .leastFlows }
        let node = TestNode(world, capacityFlows: 4096)
        let first = TargetChoiceTests.counts(
            TargetChoiceTests.targets(world, 10_000..<11_001, on: node))
        #expect(first.values.sorted() == [250, 250, 250, 251])
    }

    @Test func `five nodes that each decide for their own buckets share flows evenly`() throws {
        var world = world { $0.algorithm = .leastFlows }
        for number in 3...5 as ClosedRange<UInt64> {
            let address = try #require(IPAddress("192.0.2.\(number)"))
            world.snapshot.nodes.append(
                NodeEntry(
                    id: NodeID(rawValue: number), name: "node\(number)", zone: "a",
                    address: address, operations: "\(address):8480"))
        }
        let members = world.snapshot.nodes.map(\.id)
        world.snapshot.groups[0] = GroupEntry(
            id: 1, members: members, leaders: (0..<world.buckets).map { UInt8($0 % 5) })
        let nodes = members.map {
            TestNode(world, node: $0.rawValue, capacityFlows: 4096)
        }
        for node in nodes { node.turnsBetweenChecks = 1000 }
        var batches: [[Datagram]] = Array(repeating: [], count: 5)
        for port in 10_000..<20_000 {
            let flow = world.toBalancer(.udp("10.0.0.5:\(port)".endpoint, to: "10.0.9.10:53"))
            batches[Int(flow.overlay.bucket.rawValue) % 5].append(flow)
        }
        var counts: [IPAddress: Int] = [:]
        for (node, flows) in zip(nodes, batches) {
            for start in stride(from: 0, to: flows.count, by: 250) {
                for out in node.send(Array(flows[start..<min(start + 250, flows.count)])) {
                    counts[out.tuple.destination, default: 0] += 1
                }
            }
        }
        #expect(counts.count == 4)
        #expect(counts.values.reduce(0, +) == 10_000)
        let (least, most) = (try #require(counts.values.min()), try #require(counts.values.max()))
        #expect(Double(most) / Double(least) <= 1.1, "\(counts)")
        for node in nodes { node.engine.checkInvariants() }
    }

    @Test func `least flows goes by weight`() {
        let world = world {
            $0.algorithm = .leastFlows
            for (index, weight) in ([1, 2, 3, 4] as [UInt16]).enumerated() {
                $0.targets[index].weight = weight
            }
        }
        let counts = TargetChoiceTests.counts(
            TargetChoiceTests.targets(world, 10_000..<11_000))
        #expect(counts.values.sorted() == [100, 200, 300, 400])
    }

    @Test func `a new target gets flows until it has as many as the others`() throws {
        var world = world {
            $0.algorithm = .leastFlows
            $0.targets[3].state = .draining
        }
        let node = TestNode(world, capacityFlows: 4096)
        _ = TargetChoiceTests.targets(world, 10_000..<10_300, on: node)
        world.snapshot.targetGroups[0].targets[3].state = .healthy
        node.apply(world)
        let next = TargetChoiceTests.counts(
            TargetChoiceTests.targets(world, 10_300..<10_400, on: node))
        #expect(next == [IPAddress("10.0.8.4")!: 100])
    }

    @Test func `a sticky client keeps its target from whatever port`() throws {
        let world = world { $0.isSticky = true }
        let node = TestNode(world, capacityFlows: 4096)
        let targets = TargetChoiceTests.targets(world, 10_000..<10_100, on: node)
        #expect(targets.count == 100)
        #expect(Set(targets.values).count == 1)
        // And another client another, if enough of them ask.
        var others: Set<IPAddress> = []
        for host in 10..<42 {
            let packet = InnerPacket.udp("10.0.0.\(host):4000".endpoint, to: "10.0.9.10:53")
            others.insert(try #require(node.send(world.toBalancer(packet)).first).tuple.destination)
        }
        #expect(others.count == 4)
    }

    @Test func `it keeps it when others come and go, and changes when its own goes`() throws {
        var world = world {
            $0.isSticky = true
            $0.targets[2].state = .draining
            $0.targets[3].state = .draining
        }
        let node = TestNode(world, capacityFlows: 4096)
        let before = TargetChoiceTests.targets(world, 10_000..<10_010, on: node)
        let kept = try #require(before.values.first)
        for index in 2...3 { world.snapshot.targetGroups[0].targets[index].state = .healthy }
        node.apply(world)
        let between = TargetChoiceTests.targets(world, 10_010..<10_050, on: node)
        #expect(Set(between.values) == [kept])
        let own = try #require(
            world.snapshot.targetGroups[0].targets.firstIndex { $0.address == kept })
        world.snapshot.targetGroups[0].targets[own].state = .draining
        node.apply(world)
        let after = TargetChoiceTests.targets(world, 10_050..<10_090, on: node)
        #expect(Set(after.values).count == 1)
        #expect(!after.values.contains(kept))
        // Flows that were there stay where they were.
        let old = TargetChoiceTests.targets(world, 10_000..<10_010, on: node)
        #expect(old == before)
    }

    @Test func `it is forgotten after an hour without new flows`() {
        let world = world { $0.isSticky = true }
        let node = TestNode(world, capacityFlows: 4096)
        _ = TargetChoiceTests.targets(world, 10_000..<10_001, on: node)
        #expect(node.engine.flowCount == 2)
        node.pass(seconds: 3500)
        node.pass(seconds: 3)
        #expect(node.engine.flowCount == 1)
        node.pass(seconds: 101)
        #expect(node.engine.flowCount == 0)
    }

    @Test func `a flow that revives takes no other flow's sticky entry along`() throws {
        let world = world { $0.isSticky = true }
        let node = TestNode(world)
        let old = world.toBalancer(
            .udp("[fd00:a::5]:4000", to: Endpoint(World.balancerAddress6, Port(443))),
            from: World.acmeInstance6, through: World.acmeBalancer6)
        #expect(node.send(old).count == 1)
        node.pass(seconds: 121)
        // More entries than the IPv6 table has slots for, then the revival.
        for host in 10..<60 {
            node.send(
                world.toBalancer(.udp("10.0.0.\(host):4000".endpoint, to: "10.0.9.10:53")))
        }
        #expect(node.send(old).count == 1)
    }

    @Test func `a flow may revive and be given back in one turn`() throws {
        let world = World()
        let node = TestNode(world)
        let packet = world.toBalancer(.udp("10.0.0.5:4000", to: "10.0.9.10:53"))
        let out = try #require(node.send(packet).first)
        node.pass(seconds: 121)
        #expect(node.send([packet, world.givenBack(out)]).count == 1)
        #expect(node.drops(.returnTaken) == 1)
    }
}
