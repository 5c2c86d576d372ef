// Loans under faults, first for safety, then healed for what must come back; seeded.

import Tables
import Testing
import Wire

@testable import Consensus

struct LoanNetworkTests {
    /// Flows come and go at random toward a few destinations, so that ports are short.
    private func work(_ network: LoanNetwork, turns: Int, opening: Int = 30, closing: Int = 20) {
        for _ in 0..<turns {
            if network.random.chance(opening) {
                let bucket = network.random.below(network.layout.bucketCount)
                let remote = UInt64(network.random.below(3))
                network.engine(of: bucket).open(
                    destination(bucket, remote: remote), at: network.now)
            }
            if network.random.chance(closing) {
                let number = network.random.below(network.engines.count)
                let engine = network.engines[number].engine
                if !engine.flows.isEmpty {
                    let flow = engine.flows[network.random.below(engine.flows.count)]
                    engine.close(flow, at: network.now)
                }
            }
            network.turn()
        }
    }

    /// Faults over, all flows ended: everything lent comes back, and nobody waits.
    private func expectAllReturned(_ network: LoanNetwork, _ seed: UInt64) {
        network.faults = .none
        // Longer than a cut and a reminder.
        network.turns(5200)
        for engine in network.engines {
            for flow in engine.engine.flows { engine.engine.close(flow, at: network.now) }
        }
        network.turns(2400)
        for engine in network.engines {
            #expect(engine.engine.lentCount == 0, "seed \(seed): still lent")
            #expect(engine.engine.heldCount == 0, "seed \(seed): still held")
            #expect(engine.engine.loans.waitingCount == 0, "seed \(seed): still waiting")
        }
        #expect(network.world.violations == [], "seed \(seed)")
        #expect(network.world.liveCount == 0)
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func `no port is held twice over a bad network, and all come back`(seed: UInt64) {
        let nodes: [[UInt64]] = [[1, 2], [1, 1, 2], [1, 2, 3, 4], [1, 1, 2, 2]]
        let network = LoanNetwork(LoanLayout(nodes: nodes[Int(seed % 4)]), seed: seed)
        network.faults = Faults(loss: 10, copies: 10, delays: 10)
        work(network, turns: 4000)
        let taken = network.engines.reduce(UInt64(0)) {
            $0 + $1.engine.counters.taken(.otherNode) + $1.engine.counters.taken(.sameNode)
        }
        #expect(taken > 20, "seed \(seed): hardly anything was borrowed")
        expectAllReturned(network, seed)
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func `no port is held twice though leaders die, of lenders and of borrowers`(seed: UInt64) {
        let nodes: [[UInt64]] = [[1, 2], [1, 2, 3], [1, 2, 3, 4]]
        let network = LoanNetwork(LoanLayout(nodes: nodes[Int(seed % 3)]), seed: seed)
        network.faults = Faults(
            loss: 5, copies: 5, delays: 5, crashesPerThousandTurns: 1, cutsPerThousandTurns: 3)
        work(network, turns: 4000)
        #expect(network.crashes > 0)
        expectAllReturned(network, seed)
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func `a lender that commits late gives nothing twice`(seed: UInt64) {
        let network = LoanNetwork(LoanLayout(nodes: [1, 2, 3]), seed: seed)
        var commits = SplitMix(seed: seed)
        for engine in network.engines {
            engine.engine.mayCommit = { commits.chance(10) }
        }
        network.faults = Faults(loss: 5, copies: 5, delays: 5)
        work(network, turns: 4000)
        expectAllReturned(network, seed)
    }

    @Test(arguments: [[1, 2], [1, 1, 2], [1, 2, 3, 4]] as [[UInt64]])
    func `over channels too exactly as many flows as ports succeed`(nodes: [UInt64]) {
        let network = LoanNetwork(LoanLayout(nodes: nodes), seed: 1)
        let ports = 8 * 4
        for _ in 0..<ports + 16 {
            let bucket = network.random.below(8)
            network.engine(of: bucket).open(destination(bucket), at: network.now)
            network.turns(4)
        }
        network.turns(1000)
        #expect(network.flowCount == ports)
        let refused = network.engines.reduce(UInt64(0)) {
            $0 + $1.engine.counters.refused(.portsExhausted)
        }
        #expect(refused == 16)
        #expect(network.world.violations == [])
    }

    @Test func `the world sees a lender's new leader that doesn't know what was lent`() {
        var layout = LoanLayout(nodes: [1, 2, 3])
        layout.forgets = true
        var seen = 0
        for seed in 1...4 as ClosedRange<UInt64> {
            let network = LoanNetwork(layout, seed: seed)
            network.faults = Faults(crashesPerThousandTurns: 2)
            work(network, turns: 1500)
            seen += network.world.violations.count
        }
        #expect(seen > 0)
    }

    @Test func `a run repeats itself`() {
        func run() -> [String] {
            let network = LoanNetwork(LoanLayout(nodes: [1, 2, 3]), seed: 4)
            network.faults = Faults(loss: 10, copies: 10, delays: 10, crashesPerThousandTurns: 1)
            work(network, turns: 2000)
            return network.engines.map { "\($0.engine.counters) \($0.engine.flows)" }
        }
        #expect(run() == run())
    }
}
