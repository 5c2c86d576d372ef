// Members that begin as they do in practice: told of their group one after the other, connected at
// different times, on machines that keep them waiting. And members that run on such machines.

import Testing
import Wire

@testable import Consensus

struct MemberStartTests {
    /// Five members; all have their plan after so many milliseconds.
    private func beginning(_ seed: Int, within spread: Int) -> MemberNetwork {
        let network = MemberNetwork(nodes: 5, seed: UInt64(3000 + seed), engines: 2)
        network.greetNanoseconds = 500_000_000
        network.lateNanoseconds = 33_000_000
        for node in network.nodes.indices { network.start(node, isPlanned: false) }
        let moments = network.nodes.indices.map { _ in network.random.below(spread) }
        for step in 0..<spread / 5 {
            for node in network.nodes.indices where moments[node] / 5 == step {
                network.nodes[node].member.apply(network.plans, at: network.now)
            }
            network.runWorking(milliseconds: 5)
        }
        return network
    }

    private func isWellLed(_ network: MemberNetwork) -> Bool {
        (0..<6).allSatisfy { bucket in
            network.leaders(100, bucket).map(\.rawValue) == [UInt64(bucket % 5) + 1]
        }
    }

    @Test(arguments: 0..<4)
    func `members that are told of their group within a second begin in one view`(seed: Int) {
        let network = beginning(seed, within: 1000)
        network.runWorking(milliseconds: 1500)
        #expect(network.isAtRest(100))
        #expect(isWellLed(network))
        network.runWorking(milliseconds: 2000)
        #expect(network.checker.viewCount(100) == 1)
        #expect(network.checker.faults == [])
    }

    // A view takes one in; when its copies are full, another gives up those that are too many.
    @Test(arguments: 0..<3)
    func `members that are told later make two views each at most`(seed: Int) {
        let network = beginning(20 + seed, within: 4000)
        network.runWorking(milliseconds: 3000)
        #expect(network.isAtRest(100))
        #expect(isWellLed(network))
        let views = network.checker.viewCount(100)
        #expect(views <= 5)
        network.runWorking(milliseconds: 3000)
        #expect(network.checker.viewCount(100) == views)
        #expect(network.checker.faults == [])
    }

    @Test(arguments: 0..<3)
    func `nodes that stand still for less than the time of suspicion make no view`(seed: Int) {
        let network = MemberNetwork(nodes: 5, seed: UInt64(3100 + seed), engines: 2)
        network.startAll()
        network.runWorking(milliseconds: 500)
        var resumeAt = Array(repeating: 0, count: 5)
        for moment in 0..<4000 {
            for node in 0..<5 {
                if resumeAt[node] == moment, network.nodes[node].isPaused { network.resume(node) }
                guard resumeAt[node] < moment, network.random.chance(1) else { continue }
                network.pause(node)
                resumeAt[node] = moment + 1 + network.random.below(60)
            }
            network.run(milliseconds: 1)
            if moment % 5 == 0 { network.work() }
        }
        #expect(network.checker.viewCount(100) == 1)
        let suspected = network.nodes.map { $0.member.counters.peersSuspected }
        #expect(suspected == [0, 0, 0, 0, 0])
        #expect(network.checker.faults == [])
    }

    @Test func `a node that stood still gives its peers a round trip, and suspects the dead`() {
        let network = MemberNetwork(nodes: 3, seed: 3200)
        network.startAll()
        network.runWorking(milliseconds: 500)
        network.pause(0)
        network.stop(2)
        network.run(milliseconds: 200)
        network.resume(0)
        network.run(milliseconds: 10)
        let counters = network.nodes[0].member.counters
        #expect(counters.pauses == 1)
        #expect(counters.peersSuspected == 0)
        network.run(milliseconds: 80)
        let areAlive = network.nodes.map { network.nodes[0].member.isAlive($0.id) }
        #expect(areAlive == [true, true, false])
    }
}
