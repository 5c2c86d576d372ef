// The limits and times of a replica.

public import Wire

/// What is fixed when an engine starts.
public struct ReplicaSettings: Hashable, Sendable {
    public var own: EngineAddress
    public var engineCount: Int
    public var bucketCount: Int
    /// W for all buckets of the engine together: entries that may wait for their commitment. Half of
    /// it is kept for what other leaders send.
    public var tailCapacity: Int
    /// How long a leader waits for an acknowledgement before it sends again; each further wait is
    /// twice as long.
    public var firstResendNanoseconds: UInt64 = 2_000_000
    public var longestResendNanoseconds: UInt64 = 50_000_000
    package var plantedBug: PlantedBug?

    public init(
        own: EngineAddress, engineCount: Int, bucketCount: Int, tailCapacity: Int = 32768
    ) {
        precondition(engineCount > 0 && bucketCount > 0 && tailCapacity > 1)
        self.own = own
        self.engineCount = engineCount
        self.bucketCount = bucketCount
        self.tailCapacity = tailCapacity
    }

    /// Buckets of each group that this engine may hold.
    var bucketsHere: Int { (bucketCount + engineCount - 1) / engineCount }
}

/// What an engine does wrong on purpose, so that it is known that a simulation would find it. Only this
/// package can say so: a daemon has no word for it.
package enum PlantedBug: String, Sendable, Hashable, CaseIterable {
    /// A leader lets packets go before all replicas have the decision.
    case releaseBeforeCommit = "release-before-commit"
    /// A follower acknowledges creations and stores nothing.
    case acknowledgeBeforeStore = "ack-before-store"
    /// A leader goes on when its lease has ended.
    case leaseIgnored = "lease-ignored"
    /// A port is given again without its quiet time.
    case portFreedEarly = "port-freed-early"
    /// The end of a transfer is said before its records.
    case transferOutOfOrder = "transfer-out-of-order"
    /// Members take one promise, or one install, fewer than a quorum for enough.
    case quorumOneShort = "quorum-one-short"
    /// A member that has lost its memory promises at once, and its promise counts.
    case restartedMemberVotes = "restarted-member-votes-at-once"
}
