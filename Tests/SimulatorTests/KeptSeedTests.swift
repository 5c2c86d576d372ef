// Seeds that found a bug, kept for ever.

import Testing

@testable import Simulator

struct KeptSeedTests {
    /// A run that went wrong once, and what was wrong.
    struct KeptSeed: Sendable, CustomTestStringConvertible {
        let plan: String
        let seed: UInt64
        let bug: String

        var testDescription: String { "\(plan) \(seed): \(bug)" }
    }

    static let kept = [
        KeptSeed(
            plan: "partitions", seed: 2,
            bug: "a packet that waited for a leader was taken in hand by a tick, and left there"),
        KeptSeed(
            plan: "partitions", seed: 5,
            bug: "a late handshake after a takeover ended what had gone on meanwhile"),
        KeptSeed(
            plan: "generations", seed: 7091,
            bug: "a bucket that had lost all its full copies waited for ever"),
        KeptSeed(
            plan: "generations", seed: 1574,
            bug: "the checkers missed a bucket's beginning in a view that never was active"),
        KeptSeed(
            plan: "exhausted-generations", seed: 4,
            bug: "a loan closed before the lender's next leader could decide stayed lent"),
        KeptSeed(
            plan: "exhausted-generations", seed: 1_795_504_223_010,
            bug: "the checkers took a flow on a port of a bucket that began anew for lost"),
        KeptSeed(
            plan: "exhausted-generations", seed: 122,
            bug: "a flow on a loan of after its lender's beginning was ended"),
        KeptSeed(
            plan: "drains", seed: 319,
            bug: "a second engine that had restarted never greeted a drained node that keeps copies"
        ),
        KeptSeed(
            plan: "exhausted-generations", seed: 127,
            bug: "a new leader ended a flow whose last packet only the old one had noted"),
    ]

    @Test(arguments: kept)
    func `what was mended stays so`(_ kept: KeptSeed) throws {
        let outcome = Simulation(try Plans.read(kept.plan), seed: kept.seed).run()
        #expect(outcome.violation == nil, "\(outcome.lastLines.joined(separator: "\n"))")
    }

    @Test func `a plan that is short of ports lends them while nodes die`() throws {
        let outcome = Simulation(try Plans.read("exhausted-crashes"), seed: 1).run()
        #expect(outcome.violation == nil, "\(outcome.lastLines.joined(separator: "\n"))")
        #expect(outcome.figures.loans > 20 && outcome.figures.crashes > 0)
    }
}
