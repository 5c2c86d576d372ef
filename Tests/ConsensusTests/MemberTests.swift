// Members that begin together, lose one of them, and go on.

import Testing
import Wire

@testable import Consensus

struct MemberTests {
    @Test(arguments: [2, 3, 4, 5])
    func `a first start makes one view of all members`(count: Int) {
        let network = MemberNetwork(nodes: count, seed: UInt64(count), engines: 2)
        network.startAll()
        network.runWorking(milliseconds: 2000)
        #expect(network.checker.faults.isEmpty)
        let view = network.settledView(100)
        #expect(view?.ballot.generation == 1)
        #expect(network.checker.viewCount(100) == 1)
        #expect(network.isAtRest(100))
        #expect(view?.buckets.map(\.leader) == (0..<6).map { UInt8($0 % count) })
    }

    @Test func `one member alone needs nobody`() {
        let network = MemberNetwork(nodes: 1, seed: 1)
        network.startAll()
        network.run(milliseconds: 30)
        #expect(network.settledView(100)?.ballot.generation == 1)
        #expect(network.nodes[0].engines[0].leases.end(of: 100) == Tick(rawValue: .max))
        network.stop(0)
        network.start(0)
        network.run(milliseconds: 30)
        #expect(network.settledView(100)?.ballot.generation == 2)
        #expect(network.checker.faults.isEmpty)
    }

    @Test(arguments: [3, 4, 5], [1, 2, 3])
    func `one that dies is left out within 150 ms`(count: Int, seed: Int) {
        let network = MemberNetwork(nodes: count, seed: UInt64(seed))
        network.startAll()
        network.runWorking(milliseconds: 1000)
        network.stop(0)
        let isSettled = network.run(atMost: 150) { network.settledView(100, without: [0]) != nil }
        #expect(isSettled)
        network.runWorking(milliseconds: 2000)
        #expect(network.isAtRest(100, without: [0]))
        #expect(network.checker.faults.isEmpty)
    }

    @Test func `leases last while others grant them, and end without`() {
        let network = MemberNetwork(nodes: 3, seed: 9)
        network.startAll()
        network.runWorking(milliseconds: 500)
        let engine = network.nodes[1].engines[0]
        #expect(engine.leases.end(of: 100) ?? network.now > network.now)
        network.cutBoth(1, 0)
        network.cutBoth(1, 2)
        network.run(milliseconds: 60)
        #expect(engine.leases.end(of: 100) ?? network.now <= network.now)
        #expect(network.checker.faults.isEmpty)
    }
}
