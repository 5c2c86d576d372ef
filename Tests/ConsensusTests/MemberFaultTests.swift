// Members whose nodes die, begin anew, stand still or don't hear each other: what the checker sees
// holds all the while, and when the faults are over they are as before.

import Testing
import Wire

@testable import Consensus

struct MemberFaultTests {
    /// A network at work, all well.
    private func working(_ count: Int, seed: Int, engines: Int = 1, groups: Int = 1)
        -> MemberNetwork
    {
        let network = MemberNetwork(
            nodes: count, seed: UInt64(seed), engines: engines, groups: groups)
        network.startAll()
        network.runWorking(milliseconds: 500)
        #expect(network.isAtRest(100))
        return network
    }

    private func expectRest(
        _ network: MemberNetwork, without missing: Set<Int> = [], mayWait: Bool = false
    ) {
        for _ in 0..<60 where !network.isAtRest(100, without: missing) {
            network.runWorking(milliseconds: 100)
        }
        #expect(network.isAtRest(100, without: missing) || mayWait && network.waitsRightly(100))
        #expect(network.checker.faults == [])
    }

    @Test func `two of five die`() {
        let network = working(5, seed: 21)
        network.stop(0)
        network.run(milliseconds: 20)
        network.stop(3)
        expectRest(network, without: [0, 3])
        #expect(network.settledView(100, without: [0, 3])?.live.count == 3)
    }

    @Test(arguments: [31, 32, 33])
    func `a member that begins anew is filled and leads again`(seed: Int) {
        let network = working(3, seed: seed)
        network.stop(1)
        network.run(milliseconds: UInt64(seed - 31) * 60)
        network.start(1)
        expectRest(network)
        #expect(network.settledView(100)?.ballot.generation == 1)
        let leaders = (0..<6).flatMap { network.leaders(100, $0) }
        #expect(leaders.map(\.rawValue) == [1, 2, 3, 1, 2, 3])
    }

    @Test func `a node that stands still for a second is taken in again`() {
        let network = working(3, seed: 41)
        network.pause(2)
        network.runWorking(milliseconds: 1000)
        #expect(network.settledView(100, without: [2])?.live.count == 2)
        network.resume(2)
        expectRest(network)
    }

    @Test(arguments: [0, 2])
    func `views don't follow every pause of a node that is short of time`(slow: Int) {
        let network = working(3, seed: 45 + slow)
        let before = network.checker.viewCount(100)
        for _ in 0..<20 {
            network.pause(slow)
            network.runWorking(milliseconds: 120)
            network.resume(slow)
            network.runWorking(milliseconds: 230)
        }
        #expect(network.checker.viewCount(100) - before <= 6)
        // Its death is noticed, if later.
        network.stop(slow)
        network.runWorking(milliseconds: 700)
        #expect(network.settledView(100, without: [slow])?.live.count == 2)
        #expect(network.checker.faults == [])
    }

    @Test func `patience with a node passes`() {
        var peer = MemberPeer(node: NodeID(rawValue: 1))
        #expect(peer.patience(at: .seconds(1)) == 0)
        for _ in 0..<5 { peer.answeredLate(at: .seconds(1)) }
        #expect(peer.patience(at: .seconds(1)) == 3)
        #expect(peer.patience(at: .seconds(12)) == 2)
        peer.answeredLate(at: .seconds(12))
        #expect(peer.patience(at: .seconds(12)) == 3)
        #expect(peer.patience(at: .seconds(60)) == 0)
    }

    @Test(arguments: 42..<62)
    func `a node that wakes hears the others before it proposes a view`(seed: Int) {
        let network = working(5, seed: seed)
        let sleeper = seed % 5
        network.pause(sleeper)
        network.runWorking(milliseconds: 1000)
        _ = network.reasonsOfProposals()
        let proposed = network.nodes[sleeper].member.counters.ballotsProposed
        network.resume(sleeper)
        network.runWorking(milliseconds: 30)
        #expect(network.nodes[sleeper].member.counters.ballotsProposed == proposed)
        expectRest(network)
        // It is taken in, and then copies that are too many are given up.
        #expect(Set(network.reasonsOfProposals()) == [.joined, .unbalanced])
    }

    @Test func `a node that leaves proposes no view, though it hears of trouble`() {
        let network = working(5, seed: 63)
        let proposed = network.nodes[0].member.counters.ballotsProposed
        network.nodes[0].member.leave()
        network.stop(3)
        network.runWorking(milliseconds: 400)
        #expect(network.nodes[0].member.counters.ballotsProposed == proposed)
        #expect(network.settledView(100, without: [0, 3])?.live.count == 3)
        #expect(network.checker.faults == [])
    }

    @Test func `a minority waits until the network is whole`() {
        let network = working(5, seed: 51)
        for one in [0, 1] {
            for other in [2, 3, 4] { network.cutBoth(one, other) }
        }
        network.runWorking(milliseconds: 1000)
        #expect(network.settledView(100, without: [0, 1])?.live.count == 3)
        network.heal()
        expectRest(network)
    }

    @Test(arguments: [3, 5])
    func `of two that don't hear each other one leaves, and no view follows another`(count: Int) {
        let network = working(count, seed: 61)
        network.cut(0, count - 1)
        network.runWorking(milliseconds: 1000)
        let views = network.checker.viewCount(100)
        network.runWorking(milliseconds: 1000)
        #expect(network.checker.viewCount(100) - views <= 1)
        #expect(network.settledView(100, without: [count - 1])?.live.count == count - 1)
        network.heal()
        expectRest(network)
    }

    @Test func `those that have a view go on, though one that begins anew reaches the first`() {
        let network = working(3, seed: 65)
        network.stop(0)
        network.runWorking(milliseconds: 30)
        network.cutBoth(0, 2)
        network.start(0)
        network.runWorking(milliseconds: 500)
        #expect(network.settledView(100, without: [0])?.live.count == 2)
        network.heal()
        expectRest(network)
    }

    @Test func `a drained node hands its buckets over at once`() {
        let network = working(3, seed: 71)
        network.nodes[0].member.setDraining(true)
        network.runWorking(milliseconds: 300)
        let led = network.nodes[0].engines[0].buckets.filter {
            network.nodes[0].engines[0].leads(100, $0)
        }
        #expect(led.isEmpty)
        #expect(network.checker.viewCount(100) == 1)
        network.nodes[0].member.setDraining(false)
        network.runWorking(milliseconds: 1500)
        #expect(network.nodes[0].engines[0].leads(100, 0))
        #expect(network.checker.faults == [])
    }

    @Test func `a node is needed while it may keep the only full copy of a bucket`() {
        let network = working(3, seed: 73)
        #expect(!isNeeded(1, network))
        // Two others are enough for a view, and the buckets that 1 and 2 kept have one copy.
        network.stop(2)
        network.run(milliseconds: 150)
        #expect(isNeeded(1, network))
        network.runWorking(milliseconds: 500)
        #expect(!isNeeded(1, network))
        network.start(2)
        expectRest(network)
        // A view without it runs, and something may wait for it.
        for other in [0, 2] { network.cutBoth(1, other) }
        network.runWorking(milliseconds: 300)
        #expect(isNeeded(1, network))
        network.heal()
        expectRest(network)
        #expect(!isNeeded(1, network))
        // Nobody stays.
        network.nodes[0].member.setDraining(true)
        network.nodes[2].member.setDraining(true)
        network.run(milliseconds: 50)
        #expect(!isNeeded(1, network))
    }

    private func isNeeded(_ node: Int, _ network: MemberNetwork) -> Bool {
        network.nodes[node].member.isNeeded
    }

    @Test func `a node that says that it leaves is done without at once`() {
        let network = working(3, seed: 72)
        network.nodes[0].member.leave()
        // Far less than it takes to be suspected.
        let isSettled = network.run(atMost: 25) {
            network.settledView(100, without: [0]) != nil && network.nodes[0].member.isReplaced
        }
        #expect(isSettled)
        network.stop(0)
        network.runWorking(milliseconds: 100)
        network.start(0)
        network.runWorking(milliseconds: 500)
        #expect(network.settledView(100)?.live.count == 3)
        #expect(network.checker.faults == [])
    }

    @Test func `when all begin anew a generation begins`() {
        let network = working(3, seed: 81)
        for node in 0..<3 { network.stop(node) }
        network.startAll()
        expectRest(network)
        #expect(network.settledView(100)?.ballot.generation == 2)
    }

    @Test func `many groups lose a node together`() {
        let network = working(4, seed: 91, engines: 2, groups: 12)
        network.stop(2)
        let isSettled = network.run(atMost: 150) {
            network.plans.allSatisfy { network.settledView($0.id, without: [2]) != nil }
        }
        #expect(isSettled)
        #expect(network.checker.faults == [])
    }

    @Test func `a dead member leaves and another joins`() {
        let network = MemberNetwork(nodes: 4, seed: 95)
        let all = network.nodes.map(\.id)
        network.plan(members: Array(all[0..<3]), configuration: 1)
        network.startAll()
        network.runWorking(milliseconds: 500)
        network.stop(1)
        network.runWorking(milliseconds: 1000)
        network.plan(members: [all[0], all[2]], configuration: 2)
        network.runWorking(milliseconds: 1000)
        #expect(network.nodes[0].member.view(of: 100)?.configuration == 2)
        network.plan(members: [all[0], all[3], all[2]], configuration: 3)
        expectRest(network, without: [1])
        #expect(network.nodes[3].member.view(of: 100)?.members == [all[0], all[3], all[2]])
    }

    // Rule 18: the other way round: the new one joins first, and the old one leaves when all is full.
    @Test(arguments: [96, 97, 98])
    func `a living member is replaced, and the new one joins before`(seed: Int) {
        let network = MemberNetwork(nodes: 4, seed: UInt64(seed))
        let all = network.nodes.map(\.id)
        network.plan(members: Array(all[0..<3]), configuration: 1)
        network.startAll()
        network.runWorking(milliseconds: 500)
        var sizes: [Int] = []
        network.onOrder = { _, order in
            guard case .install(let view, _) = order, sizes.last != view.members.count else {
                return
            }
            sizes.append(view.members.count)
        }
        network.plan(members: [all[0], all[3], all[2]], configuration: 3)
        network.runWorking(milliseconds: 3000)
        #expect(sizes == [4, 3])
        #expect(network.nodes[0].member.view(of: 100)?.members == [all[0], all[3], all[2]])
        // The one that left knows nothing of a group any more, now that others took its place.
        #expect(!network.takesPart(1))
        network.stop(1)
        expectRest(network, without: [1])
    }

    // Rules 3 and 18: four members want three that install. The new one is the third, and waits for nobody.
    @Test(arguments: [-300, 0, 60, 70, 80, 90, 100])
    func `a member that dies while another joins stops nobody`(milliseconds: Int) {
        let network = MemberNetwork(nodes: 4, seed: UInt64(120 + abs(milliseconds)))
        let all = network.nodes.map(\.id)
        network.plan(members: Array(all[0..<3]), configuration: 1)
        network.startAll()
        network.runWorking(milliseconds: 500)
        if milliseconds < 0 {
            network.stop(2)
            network.runWorking(milliseconds: UInt64(-milliseconds))
        }
        network.plan(members: [all[0], all[3], all[2]], configuration: 3)
        if milliseconds >= 0 {
            network.runWorking(milliseconds: UInt64(milliseconds))
            network.stop(2)
        }
        network.runWorking(milliseconds: 200)
        network.start(2)
        network.runWorking(milliseconds: 3000)
        #expect(network.nodes[0].member.view(of: 100)?.members == [all[0], all[3], all[2]])
        #expect(network.settledView(100, without: [1])?.live.count == 3)
        #expect(network.checker.faults == [])
    }

    // Rule 18: a node that was a member before may have forgotten a promise, so that with one member dead
    // there are too few to install a view of four.
    @Test func `who was a member once joins when all others live`() {
        let network = MemberNetwork(nodes: 4, seed: 131)
        let all = network.nodes.map(\.id)
        network.plan(members: Array(all[0..<3]), configuration: 1)
        network.startAll()
        network.runWorking(milliseconds: 500)
        network.plan(members: [all[0], all[3], all[2]], configuration: 3)
        network.runWorking(milliseconds: 3000)
        network.stop(1)
        network.stop(2)
        network.runWorking(milliseconds: 500)
        network.start(1)
        network.plan(members: [all[0], all[1], all[2]], configuration: 5)
        network.runWorking(milliseconds: 1000)
        #expect(network.nodes[0].member.view(of: 100)?.configuration == 3, "nobody is in danger")
        #expect(network.settledView(100, without: [1, 2])?.live.count == 2)
        network.start(2)
        network.runWorking(milliseconds: 3000)
        #expect(network.nodes[0].member.view(of: 100)?.members == [all[0], all[1], all[2]])
        #expect(network.checker.faults == [])
    }

    @Test(arguments: 0..<16)
    func `whatever happens, nothing is lost or contradicted`(seed: Int) {
        let count = 3 + seed % 3
        let network = MemberNetwork(
            nodes: count, seed: UInt64(1000 + seed), engines: 1 + seed % 2, buckets: 4)
        if seed % 4 == 0 { network.window = 12 }
        network.startAll()
        network.runWorking(milliseconds: 400)
        for _ in 0..<12 {
            network.misfortune()
            network.runWorking(milliseconds: UInt64(network.random.below(40) * 5))
        }
        network.heal()
        expectRest(network, mayWait: true)
    }
}

extension MemberNetwork {
    /// The only group's members, told to all nodes that run.
    func plan(members: [NodeID], configuration: UInt32) {
        plans = [
            GroupPlan(
                id: 100, configuration: configuration, members: members,
                preferredLeaders: (0..<settings.bucketCount).map { UInt8($0 % members.count) })
        ]
        for index in nodes.indices where nodes[index].isUp { apply(plans, at: index) }
    }

    /// One fault more, or one less.
    func misfortune() {
        let one = random.below(nodes.count)
        let other = (one + 1 + random.below(nodes.count - 1)) % nodes.count
        switch random.below(8) {
        case 0: if nodes[one].isUp { stop(one) } else { start(one) }
        case 1:
            stop(one)
            start(one)
        case 2: if nodes[one].isUp { pause(one) }
        case 3: resume(one)
        case 4: cut(one, other)
        case 5: cutBoth(one, other)
        case 6: cutBoth(one, other, false)
        default: heal()
        }
    }
}
