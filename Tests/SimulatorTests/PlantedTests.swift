// Bugs that engines are told to have are found; and it is the bug that is found, since the same run
// without it breaks nothing so far.

import Consensus
import Testing

@testable import Simulator

struct PlantedTests {
    @Test func `every bug that can be planted has a plan`() throws {
        let planted = try Plans.names.filter { $0.hasPrefix("planted-") }
        let expected = PlantedBug.allCases.map { "planted-\($0.rawValue)" }.sorted()
        #expect(planted == expected)
    }

    /// Those that the first seeds find. Continuous integration finds all of them, with the simulator that
    /// users have: it is ten times as fast.
    static let soonFound: [PlantedBug] = [
        .releaseBeforeCommit, .acknowledgeBeforeStore, .portFreedEarly, .transferOutOfOrder,
        .quorumOneShort,
    ]

    @Test(arguments: soonFound)
    func `a planted bug is found soon`(bug: PlantedBug) throws {
        var plan = try Plans.read("planted-\(bug.rawValue)")
        #expect(plan.bug == bug)
        for seed in UInt64(1)...5 {
            guard let violation = Simulation(plan, seed: seed).run().violation else { continue }
            // As long as that took, without the bug.
            plan.bug = nil
            plan.time.faultsNanoseconds = violation.at.nanoseconds
            plan.time.settleNanoseconds = 2_000_000_000
            let clean = Simulation(plan, seed: seed).run()
            #expect(clean.violation == nil, "\(clean.lastLines.joined(separator: "\n"))")
            return
        }
        Issue.record("five seeds, and it was not found")
    }
}
