// The member's times and numbers, and how they must stand to each other.

import Wire

/// Limits and times of a node's member. DESIGN part 5, rules 1, 6, 12 and 14.
public struct MemberSettings: Hashable, Sendable {
    /// R; nil: as many as is usual for the number of members (`Quorum`).
    public var copies: Int?
    /// B, of the whole cluster.
    public var bucketCount: Int
    public var heartbeatNanoseconds: UInt64
    /// A peer that has owed an echo for this time is taken for dead.
    public var suspectNanoseconds: UInt64
    /// A node that didn't tick for longer than this stood still: it blames nobody for what it missed.
    /// Three sevenths of the time of suspicion, if not given.
    public var pauseNanoseconds: UInt64
    /// From the sending of a heartbeat, by the holder's clock.
    public var leaseNanoseconds: UInt64
    public var driftPartsPerMillion: UInt64
    /// A member waits a step for each that ranks before it.
    public var stepNanoseconds: UInt64
    /// How long a promiser waits for an install before it proposes itself.
    public var promiseNanoseconds: UInt64
    /// After a view no other is made within this time just to place copies better.
    public var balanceNanoseconds: UInt64
    /// Nodes that hear no router or edge any more may all do so: for so long they wait for the others
    /// to say the same before they hand over.
    public var cutOffNanoseconds: UInt64 = 1_200_000_000
    /// For how long ports rest after a loss of all copies.
    public var lossQuietNanoseconds: UInt64 = 120_000_000_000
    /// How long members without memory wait for the missing ones before they open a generation.
    public var gatherNanoseconds: UInt64
    package var plantedBug: PlantedBug?

    public init(
        copies: Int? = nil, bucketCount: Int, heartbeatNanoseconds: UInt64 = 10_000_000,
        suspectNanoseconds: UInt64 = 70_000_000, pauseNanoseconds: UInt64? = nil,
        leaseNanoseconds: UInt64 = 50_000_000,
        driftPartsPerMillion: UInt64 = 200, stepNanoseconds: UInt64 = 10_000_000,
        promiseNanoseconds: UInt64 = 20_000_000, balanceNanoseconds: UInt64 = 300_000_000,
        gatherNanoseconds: UInt64 = 1_000_000_000
    ) {
        self.copies = copies
        self.bucketCount = bucketCount
        self.heartbeatNanoseconds = heartbeatNanoseconds
        self.suspectNanoseconds = suspectNanoseconds
        self.pauseNanoseconds = pauseNanoseconds ?? suspectNanoseconds / 7 * 3
        self.leaseNanoseconds = leaseNanoseconds
        self.driftPartsPerMillion = driftPartsPerMillion
        self.stepNanoseconds = stepNanoseconds
        self.promiseNanoseconds = promiseNanoseconds
        self.balanceNanoseconds = balanceNanoseconds
        self.gatherNanoseconds = gatherNanoseconds
    }

    /// The usual time between a view and one that only places copies better, by that of suspicion.
    public static func balance(suspect: UInt64) -> UInt64 { max(300_000_000, 4 * suspect) }

    /// The usual time in which members without memory wait for each other.
    public static func gather(suspect: UInt64) -> UInt64 { max(1_000_000_000, 14 * suspect) }

    /// Traps unless the times fit together.
    public func check() {
        precondition((1...View.mostBuckets).contains(bucketCount), "a view fits in a message")
        precondition(heartbeatNanoseconds > 0 && stepNanoseconds > 0 && promiseNanoseconds > 0)
        precondition(leaseNanoseconds > 3 * heartbeatNanoseconds, "a lost heartbeat ends no lease")
        precondition(
            suspectNanoseconds > leaseNanoseconds
                + 2 * leaseNanoseconds * driftPartsPerMillion / 1_000_000,
            "who is suspected has no lease any more")
        precondition(
            pauseNanoseconds > heartbeatNanoseconds && pauseNanoseconds < suspectNanoseconds,
            "a pause is noticed before it makes a suspicion")
        precondition(balanceNanoseconds > suspectNanoseconds)
        precondition(gatherNanoseconds > suspectNanoseconds)
    }
}
