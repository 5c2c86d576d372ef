// What came of an entry of another engine. Every outcome has a counter.

/// What a committed entry changed here.
public enum ReplayOutcome: UInt8, Sendable, BitwiseCopyable, CaseIterable {
    case applied
    /// It was here already: nothing changed.
    case known
    /// No configuration that this node has seen names its resource.
    case unknownResource
    /// The same, and it is kept until one does.
    case waitsForConfiguration
    /// An end or a touch of a flow that isn't here.
    case unknownFlow
    /// A flow that lives has one of its keys.
    case keyTaken
    case flowTableFull
    case attachmentTableFull
    /// Its group is beyond the engine's capacity.
    case groupCapacityExceeded

    /// A committed change is missing here: this member doesn't hold the bucket any more.
    public var isLoss: Bool {
        switch self {
        case .applied, .known, .unknownFlow, .waitsForConfiguration: false
        case .unknownResource, .keyTaken, .flowTableFull, .attachmentTableFull,
            .groupCapacityExceeded:
            true
        }
    }
}

/// How often each came.
public struct ReplayCounters: Sendable {
    private var counts = Array(repeating: UInt64(0), count: ReplayOutcome.allCases.count)

    public subscript(outcome: ReplayOutcome) -> UInt64 { counts[Int(outcome.rawValue)] }

    mutating func count(_ outcome: ReplayOutcome) { counts[Int(outcome.rawValue)] += 1 }
}
