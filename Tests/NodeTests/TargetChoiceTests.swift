// Which target a flow gets: by weight, and the same while it lives.

import Configuration
import Node
import Steering
import Testing
import Translation
import Wire

struct TargetChoiceTests {
    /// The target of each client, by its port, from a fresh node or a given one.
    static func targets(
        _ world: World, _ ports: Range<UInt16>, on node: TestNode? = nil
    ) -> [UInt16: IPAddress] {
        let node = node ?? TestNode(world, capacityFlows: 4096)
        var chosen: [UInt16: IPAddress] = [:]
        for first in stride(from: ports.lowerBound, to: ports.upperBound, by: 250) {
            let batch = (first..<min(first + 250, ports.upperBound)).map { port in
                world.toBalancer(.udp("10.0.0.5:\(port)".endpoint, to: "10.0.9.10:53"))
            }
            for out in node.send(batch) {
                chosen[out.tuple.sourcePort.rawValue] = out.tuple.destination
            }
        }
        return chosen
    }

    static func counts(_ targets: [UInt16: IPAddress]) -> [IPAddress: Int] {
        targets.values.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }

    static func world(weights: [UInt16]) -> World {
        var world = World()
        for (index, weight) in weights.enumerated() {
            world.snapshot.targetGroups[0].targets[index].weight = weight
        }
        return world
    }

    @Test func `equal weights share flows equally`() {
        let counts = Self.counts(Self.targets(World(), 10_000..<12_000))
        #expect(counts.count == 4)
        // 500 each; the standard deviation is 19.
        #expect(counts.values.allSatisfy { (400...600).contains($0) }, "\(counts)")
    }

    @Test func `weights of 1 to 3 share flows as 1 to 3, and 0 gets none`() {
        let world = Self.world(weights: [1, 3, 0, 0])
        let counts = Self.counts(Self.targets(world, 10_000..<12_000))
        #expect(counts.count == 2)
        // 500; the standard deviation is 19.
        #expect((400...600).contains(counts[IPAddress("10.0.8.1")!] ?? 0), "\(counts)")
    }

    @Test func `only the proportion of weights counts`() {
        let small = Self.targets(Self.world(weights: [1, 2, 3, 4]), 10_000..<10_500)
        let large = Self.targets(Self.world(weights: [200, 400, 600, 800]), 10_000..<10_500)
        #expect(small == large)
    }

    @Test func `every node chooses alike`() {
        let first = Self.targets(World(), 10_000..<10_200)
        let second = Self.targets(
            World(leaders: .secondNode), 10_000..<10_200,
            on: TestNode(World(leaders: .secondNode), node: 2))
        #expect(first == second)
    }

    @Test func `a target's removal moves only its own clients' choice`() {
        let before = Self.targets(World(), 10_000..<11_000)
        var world = World()
        let gone = world.snapshot.targetGroups[0].targets.remove(at: 2).address
        let after = Self.targets(world, 10_000..<11_000)
        for (port, target) in before where target != gone { #expect(after[port] == target) }
        #expect(!after.values.contains(gone))
    }

    @Test func `a live flow keeps its target whatever happens to the group`() {
        var world = World()
        let node = TestNode(world, capacityFlows: 1024)
        let before = Self.targets(world, 10_000..<10_400, on: node)
        world.snapshot.targetGroups[0].targets.remove(at: 2)
        world.snapshot.targetGroups[0].targets[0].weight = 999
        world.snapshot.targetGroups[0].targets[1].state = .draining
        node.apply(world)
        #expect(Self.targets(world, 10_000..<10_400, on: node) == before)
    }

    @Test func `a draining target gets no new flow`() {
        var world = World()
        let drained = world.snapshot.targetGroups[0].targets[1].address
        world.snapshot.targetGroups[0].targets[1].state = .draining
        let after = Self.targets(world, 10_000..<10_400)
        #expect(!after.values.contains(drained))
        #expect(Set(after.values).count == 3)
    }

    @Test func `no quiet flow is revived on a target that takes no new flows`() throws {
        var world = World()
        let node = TestNode(world)
        let packet = InnerPacket.udp("10.0.0.5:4000", to: "10.0.9.10:53")
        let out = try #require(node.send(world.toBalancer(packet)).first)
        node.pass(seconds: 121)
        world.changeTargets { if $0.address == out.tuple.destination { $0.state = .draining } }
        node.apply(world)
        #expect(node.send(world.toBalancer(packet)).isEmpty)
        #expect(node.drops(.quietFlow, of: World.acmeBalancer) == 1)
        node.pass(seconds: 3)
        let next = try #require(node.send(world.toBalancer(packet)).first)
        #expect(next.tuple.destination != out.tuple.destination)
    }

    // DESIGN part 3: the client's retransmission is decided anew, translated.
    @Test func `a flow that its target's router gives back begins again, translated`() throws {
        let world = World()
        let node = TestNode(world)
        let packet = InnerPacket.tcp("10.0.0.5:4000", to: "10.0.9.10:80")
        let first = try #require(node.send(world.toBalancer(packet)).first)
        #expect(first.tuple.source == packet.tuple.source)
        #expect(node.send(world.givenBack(first)).isEmpty)
        let second = try #require(node.send(world.toBalancer(packet)).first)
        #expect(second.tuple.source == World.balancerAddress)
        #expect(second.tuple.destination == first.tuple.destination)
        let back = try #require(node.send(world.targetAnswer(second)).first)
        #expect(back.tuple == packet.tuple.reversed)
        #expect(node.counts(World.acmeBalancer).flowsCreated == 2)
        #expect(node.counts(World.acmeBalancer).flowsEnded == 1)
    }

    @Test func `a 5-tuple that a target has already is translated`() {
        var world = World()
        // Ports 80 and 81 of the balancer both lead to the same targets and port.
        world.snapshot.loadBalancers[0].listeners.append(
            ListenerEntry(
                id: 0xD081, index: 9, ipProtocol: .tcp, port: Port(81), targetGroup: 2))
        world.snapshot.targetGroups[1].targets.removeLast(2)
        let node = TestNode(world, capacityFlows: 1024)
        for port in 4000..<4100 as Range<UInt16> {
            let client = "10.0.0.5:\(port)".endpoint
            let sent = node.send([
                world.toBalancer(.tcp(client, to: "10.0.9.10:80")),
                world.toBalancer(.tcp(client, to: "10.0.9.10:81")),
            ])
            #expect(sent.count == 2)
            guard sent.count == 2 else { continue }
            #expect(sent[0].tuple != sent[1].tuple)
            let meet = sent[0].tuple.destination == sent[1].tuple.destination
            #expect(sent[0].tuple.source == client.address)
            #expect(sent[1].tuple.source == (meet ? World.balancerAddress : client.address))
            let back = node.send(sent.map { world.targetAnswer($0) })
            #expect(back.map(\.tuple.sourcePort) == [Port(80), Port(81)])
        }
        #expect(node.drops(.returnTaken) == 0)
    }

    @Test func `translated clients of one target have different ports`() {
        var world = World(bucketCount: 4, portRange: 2000...2063)
        world.snapshot.targetGroups[2].targets.removeLast(3)
        let node = TestNode(world)
        var seen: Set<Endpoint> = []
        var refused = 0
        for port in 4000..<4100 as Range<UInt16> {
            let packet = InnerPacket.udp("10.0.0.5:\(port)".endpoint, to: "10.0.9.10:5353")
            let sent = node.send(world.toBalancer(packet))
            refused += sent.isEmpty ? 1 : 0
            for out in sent {
                #expect(seen.insert(Endpoint(out.tuple.source, out.tuple.sourcePort)).inserted)
            }
        }
        #expect(seen.count == 64)
        #expect(node.drops(.portsExhausted, of: World.acmeBalancer) == UInt64(refused))
    }
}
