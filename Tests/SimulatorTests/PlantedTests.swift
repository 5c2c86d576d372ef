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

    /// A seed that finds it, as things stand: the search begins there, to be short. Continuous integration
    /// searches from 1 on, with the simulator that users have.
    private func likelySeed(_ bug: PlantedBug) -> UInt64 {
        switch bug {
        case .leaseIgnored: 3
        case .restartedMemberVotes: 2
        default: 1
        }
    }

    @Test(arguments: PlantedBug.allCases)
    func `a planted bug is found within 200 seeds`(bug: PlantedBug) throws {
        var plan = try Plans.read("planted-\(bug.rawValue)")
        #expect(plan.bug == bug)
        for seed in [likelySeed(bug)] + Array(UInt64(1)...200) {
            guard let violation = Simulation(plan, seed: seed).run().violation else { continue }
            // As long as that took, without the bug.
            plan.bug = nil
            plan.time.faultsNanoseconds = violation.at.nanoseconds
            plan.time.settleNanoseconds = 2_000_000_000
            let clean = Simulation(plan, seed: seed).run()
            #expect(clean.violation == nil, "\(clean.lastLines.joined(separator: "\n"))")
            return
        }
        Issue.record("200 seeds, and it was not found")
    }
}
