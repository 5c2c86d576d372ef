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
    ]

    @Test(arguments: kept)
    func `what was mended stays so`(_ kept: KeptSeed) throws {
        let outcome = Simulation(try Plans.read(kept.plan), seed: kept.seed).run()
        #expect(outcome.violation == nil, "\(outcome.lastLines.joined(separator: "\n"))")
    }
}
