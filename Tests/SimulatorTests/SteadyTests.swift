// Runs without faults: nothing is broken, and a seed is always the same run.

import Testing

@testable import Simulator

struct SteadyTests {
    @Test(arguments: 1...3 as ClosedRange<UInt64>)
    func `a cluster without faults breaks nothing`(seed: UInt64) throws {
        let outcome = Simulation(try Plans.read("steady"), seed: seed).run()
        #expect(outcome.violation == nil, "\(outcome.lastLines.joined(separator: "\n"))")
        #expect(outcome.figures.answers > 1000)
    }

    @Test func `the same seed gives the same run`() throws {
        let plan = try Plans.read("steady")
        let first = Simulation(plan, seed: 7).run()
        #expect(first.hash == Simulation(plan, seed: 7).run().hash)
        #expect(first.hash != Simulation(plan, seed: 8).run().hash)
    }
}
