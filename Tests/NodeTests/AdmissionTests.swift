// Flows that are let in while the tables' memory is being backed.

import Node
import Testing
import Translation
import Wire

struct AdmissionTests {
    private func sendFlows(_ count: Int, from first: UInt16, _ world: World, _ node: TestNode)
        -> Int
    {
        (0..<count).count { index in
            let client = Endpoint(.v4(IPv4Address(10, 0, 0, 5)), Port(first + UInt16(index)))
            return !node.send(world.outbound(.udp(client, to: "198.51.100.1:53"))).isEmpty
        }
    }

    @Test func `only the share that has memory is let in, and the rest is dropped by name`() {
        let world = World()
        let node = TestNode(world, capacityFlows: 1024)
        node.engine.admit(fraction: 0)
        #expect(sendFlows(5, from: 4000, world, node) == 0)
        #expect(node.drops(.flowTableFull) == 5)
        node.engine.admit(fraction: 0.25)
        #expect(sendFlows(300, from: 5000, world, node) == 256)
        #expect(node.drops(.flowTableFull, of: World.acmeNAT) == 5 + 44)
        node.engine.admit(fraction: 1)
        #expect(sendFlows(300, from: 6000, world, node) == 300)
        #expect(node.engine.admittedFlows == 1024)
    }

    @Test func `flows that are there stay when less is let in`() {
        let world = World()
        let node = TestNode(world, capacityFlows: 1024)
        #expect(sendFlows(100, from: 4000, world, node) == 100)
        node.engine.admit(fraction: 0.01)
        #expect(sendFlows(100, from: 4000, world, node) == 100)
        #expect(sendFlows(1, from: 5000, world, node) == 0)
        node.engine.admit(fraction: 7)
        #expect(sendFlows(1, from: 5000, world, node) == 1)
    }
}
