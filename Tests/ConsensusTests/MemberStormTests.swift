// Nodes that stand still again and again, several at once, and never lose their memory: nothing is
// lost by that, so in the end every bucket is led again.

import Testing
import Wire

@testable import Consensus

struct MemberStormTests {
    private func working(seed: Int) -> MemberNetwork {
        let network = MemberNetwork(nodes: 5, seed: UInt64(seed), buckets: 8)
        network.startAll()
        network.runWorking(milliseconds: 500)
        #expect(network.isAtRest(100))
        return network
    }

    /// Nodes stand still for 20 to 220 ms, at random times.
    private func storm(_ network: MemberNetwork, milliseconds: Int) {
        var wakesAt: [Int: Int] = [:]
        for time in stride(from: 0, to: milliseconds, by: 10) {
            for (node, wake) in wakesAt.sorted(by: { $0.key < $1.key }) where wake <= time {
                network.resume(node)
                wakesAt[node] = nil
            }
            let node = Int(network.random.next() % 5)
            if network.random.chance(15), wakesAt[node] == nil {
                network.pause(node)
                wakesAt[node] = time + 20 + Int(network.random.next() % 200)
            }
            network.runWorking(milliseconds: 10)
        }
        for node in wakesAt.keys.sorted() { network.resume(node) }
    }

    @Test(arguments: 1..<9)
    func `every bucket is led after a storm of pauses`(seed: Int) {
        let network = working(seed: seed)
        storm(network, milliseconds: 2000)
        for _ in 0..<60 where !network.isAtRest(100) { network.runWorking(milliseconds: 100) }
        #expect(network.isAtRest(100))
        #expect(network.checker.faults == [])
        let view = network.nodes[0].member.view(of: 100)
        #expect(view?.buckets.allSatisfy(\.isOpen) == true)
    }
}
