// A snapshot that names a group no more ends nothing by itself: copies, promises and views go on until
// others do without this node, or all are done. DESIGN part 5, rules 3, 18 and 20.

import Testing
import Wire

@testable import Consensus

struct MemberLeaveTests {
    private func running(_ count: Int, seed: UInt64) -> MemberNetwork {
        let network = MemberNetwork(nodes: count, seed: seed)
        network.startAll()
        network.runWorking(milliseconds: 1000)
        return network
    }

    @Test func `a member whose snapshot names the group no more keeps its part in the view`() {
        let network = running(3, seed: 1)
        let view = network.settledView(100)
        network.apply([], at: 1)
        network.runWorking(milliseconds: 1000)
        #expect(network.settledView(100) == view)
        #expect(network.isAtRest(100))
        // And its copies: with them the others go on when one dies.
        network.stop(0)
        network.runWorking(milliseconds: 1000)
        #expect(network.settledView(100, without: [0]) != nil)
        #expect(network.checker.faults.isEmpty)
    }

    @Test func `a group that is named nowhere any more ends everywhere`() {
        let network = running(3, seed: 2)
        for index in 0..<2 {
            network.apply([], at: index)
            network.runWorking(milliseconds: 300)
            #expect(network.nodes.allSatisfy { $0.member.takesPart(in: 100) })
        }
        network.apply([], at: 2)
        network.run(milliseconds: 100)
        #expect(network.nodes.allSatisfy { !$0.member.takesPart(in: 100) })
        #expect(network.nodes.allSatisfy { $0.engines[0].groups[100] == nil })
    }

    @Test func `one that a snapshot replaces leaves when others are full, not before`() {
        let network = MemberNetwork(nodes: 4, seed: 3)
        let all = network.nodes.map(\.id)
        network.plans[0].members = Array(all[0..<3])
        network.startAll()
        network.runWorking(milliseconds: 1000)
        network.stop(3)
        // The newcomer isn't there: nobody may go.
        network.plan(members: [all[0], all[3], all[2]], configuration: 3)
        network.runWorking(milliseconds: 1000)
        #expect(network.takesPart(1))
        #expect(network.settledView(100, without: [3])?.members == Array(all[0..<3]))
        network.start(3)
        network.runWorking(milliseconds: 4000)
        #expect(!network.takesPart(1))
        #expect(network.nodes[0].member.view(of: 100)?.members == [all[0], all[3], all[2]])
        #expect(network.checker.faults.isEmpty)
    }

    // Rule 3: what this start held is gone, and its seat in the running view must not make it full.
    @Test(arguments: 1...8)
    func `one that left and is named again never leads with nothing`(_ seed: Int) {
        let network = running(3, seed: UInt64(seed))
        for index in 0..<3 { network.apply([], at: index) }
        // One has heard the others and left; then the snapshot names the group again.
        let isFirst = network.run(atMost: 50) {
            network.nodes.contains { !$0.member.takesPart(in: 100) }
        }
        #expect(isFirst)
        for index in 0..<3 { network.apply(network.plans, at: index) }
        network.runWorking(milliseconds: 4000)
        #expect(network.checker.faults.isEmpty, "\(network.checker.faults)")
        #expect(network.isAtRest(100))
    }
}

extension MemberNetwork {
    func takesPart(_ index: Int) -> Bool { nodes[index].member.takesPart(in: 100) }
}
