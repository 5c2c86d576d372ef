// What `hyperplane simulate` tells while it runs and at its end.

import Foundation
import Simulator

/// Figures of the runs so far.
struct SimulationProgress {
    private let seeds: ClosedRange<UInt64>
    private let plans: Int
    private let began = ContinuousClock().now
    private var told = ContinuousClock().now
    private var runs = 0
    private var simulatedSeconds = 0.0
    private var flows = 0
    private var packets = 0
    private var faults = 0
    /// Of the runs' hashes, in order.
    private var hash: UInt64 = 0

    init(seeds: ClosedRange<UInt64>, plans: Int) {
        self.seeds = seeds
        self.plans = plans
    }

    mutating func add(_ outcome: Outcome) {
        runs += 1
        simulatedSeconds += Double(outcome.simulatedNanoseconds) / 1e9
        flows += outcome.figures.flows
        packets += outcome.figures.forwarded
        faults += outcome.figures.crashes + outcome.figures.pauses + outcome.figures.linkFaults
        hash = (hash ^ outcome.hash) &* 0x9E37_79B9_7F4A_7C15
        if seeds.count == 1 {
            print("\(outcome.plan) seed \(outcome.seed): \(outcome.events) events")
        }
        guard ContinuousClock().now - told >= .seconds(10) else { return }
        told = ContinuousClock().now
        StandardError.write("\(runs) of \(seeds.count) seeds, \(rate)")
    }

    var seconds: Double {
        let elapsed = ContinuousClock().now - began
        return Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
    }

    private var rate: String {
        let rate = simulatedSeconds / max(seconds, 1e-9)
        return "\(Int(rate.rounded())) simulated seconds per second"
    }

    func finish() {
        print(
            "\(runs) \(runs == 1 ? "seed" : "seeds") from \(seeds.lowerBound) on of \(plans) "
                + "\(plans == 1 ? "plan" : "plans"): no violation. \(flows) flows, "
                + "\(packets) packets, \(faults) faults; \(rate). "
                + "Hash \(String(hash, radix: 16)).")
    }

    /// What was violated, what happened last, and how to see it again.
    func failure(_ outcome: Outcome, _ file: PlanFile) -> Failure {
        for line in outcome.lastLines { print(line) }
        guard let violation = outcome.violation else {
            preconditionFailure("only a violation is a failure")
        }
        return Failure(
            .refused,
            "Invariant \(violation.invariant), \(violation.title), was violated at "
                + "\(violation.at) s: \(violation.message)",
            advice: [outcome.replayCommand(planPath: file.path) + " --log"])
    }
}
