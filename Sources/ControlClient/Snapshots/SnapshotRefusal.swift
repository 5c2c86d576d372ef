// Why a snapshot is not run by, and how often each came.

/// A reason to refuse a snapshot. Each has a counter.
public enum SnapshotRefusal: String, CaseIterable, Hashable, Sendable {
    /// Shorter than it says.
    case torn
    /// Not a snapshot.
    case notASnapshot
    /// The checksum does not match.
    case corrupt
    /// Of a newer release than this program.
    case newerFormat
    /// Of an older release, in a form that is read no more.
    case olderFormat
    /// Intact, but its parts contradict each other.
    case invalid
    /// More than this reader can hold, or a change of what is fixed for a cluster's life.
    case unfit
    /// Of another cluster than the one held.
    case foreignCluster
    /// Of a lower version than the one held.
    case older
    /// Of the version held, with other content.
    case contradictory
}

/// What became of the snapshots that were fetched, since the start.
public struct SnapshotCounters: Sendable, Hashable {
    public var fetches: UInt64 = 0
    public var accepted: UInt64 = 0
    public var unchanged: UInt64 = 0
    /// No answer, or an answer without a snapshot.
    public var failures: UInt64 = 0
    public var loadedFromDisk: UInt64 = 0
    /// Good snapshots that could not be kept on disk.
    public var diskFailures: UInt64 = 0
    public private(set) var refused: [SnapshotRefusal: UInt64] = [:]

    public init() {}

    mutating func count(_ refusal: SnapshotRefusal) { refused[refusal, default: 0] += 1 }
}
