// A node that hears no routers or no edges any more leads nothing, as long as others do hear them.

import Testing
import Wire

@testable import Consensus

struct CutOffTests {
    private func leads(_ network: MemberNetwork, _ node: Int) -> Int {
        (0..<network.settings.bucketCount).count {
            network.leaders(100, $0).contains(network.nodes[node].id)
        }
    }

    // DESIGN part 5, rule 14.
    @Test func `one that is cut off hands its buckets over, and has them back`() {
        let network = MemberNetwork(nodes: 3, seed: 4)
        network.startAll()
        network.runWorking(milliseconds: 1000)
        #expect(leads(network, 0) == 2)
        network.setCutOff(0, true)
        network.runWorking(milliseconds: 1000)
        #expect(leads(network, 0) == 2, "the others may be about to say the same")
        network.runWorking(milliseconds: 500)
        #expect(leads(network, 0) == 0)
        network.setCutOff(0, false)
        network.runWorking(milliseconds: 1000)
        #expect(leads(network, 0) == 2)
        #expect(network.checker.faults.isEmpty)
    }

    @Test func `if all are cut off nothing moves`() {
        let network = MemberNetwork(nodes: 3, seed: 5)
        network.startAll()
        network.runWorking(milliseconds: 1000)
        let before = network.nodes.map { $0.member.counters.handOversOrdered }
        for node in 0..<3 {
            network.setCutOff(node, true)
            network.runWorking(milliseconds: 300)
        }
        network.runWorking(milliseconds: 3000)
        let after = network.nodes.map { $0.member.counters.handOversOrdered }
        #expect(after == before)
        #expect(network.isAtRest(100))
    }

    @Test(arguments: [70, 150, 300, 700, 3000])
    func `times that hang on that of suspicion are found from it`(_ milliseconds: UInt64) {
        let nanoseconds = milliseconds * 1_000_000
        MemberSettings(
            bucketCount: 1, suspectNanoseconds: nanoseconds,
            balanceNanoseconds: MemberSettings.balance(suspect: nanoseconds),
            gatherNanoseconds: MemberSettings.gather(suspect: nanoseconds)
        ).check()
    }
}

extension MemberNetwork {
    func setCutOff(_ index: Int, _ isCutOff: Bool) {
        nodes[index].member.setCutOff(isCutOff, at: now)
        finish(index)
    }
}
