// What a run ends with.

/// An invariant of DESIGN part 5 that was broken.
public struct Violation: Sendable, Hashable {
    /// 1 to 8; 0 if the simulation itself can't go on.
    public var invariant: Int
    public var at: Moment
    public var message: String

    /// The invariant in a few words.
    public var title: String {
        [
            "the simulation is sound", "no two live flows share a translation",
            "a flow's translation and target never change",
            "no packet leaves before its flow's decision is committed",
            "a committed flow lives while a full member lives",
            "nothing crosses from one tenant to another",
            "every packet goes out, waits or is counted as dropped",
            "with faults over, the cluster converges",
            "full holders hold every committed record",
        ][invariant]
    }
}

/// What a run was.
public struct Outcome: Sendable {
    public var plan: String
    public var seed: UInt64
    /// Of the log: the same for the same plan, seed and code.
    public var hash: UInt64
    public var events: UInt64
    public var simulatedNanoseconds: UInt64
    /// Nil if all went well.
    public var violation: Violation?
    /// The last events before a violation.
    public var lastLines: [String] = []
    public var figures = Figures()

    /// The command that plays it again.
    public func replayCommand(planPath: String) -> String {
        "hyperplane simulate --plan \(planPath) --seed \(seed)"
    }
}

/// What happened in a run, counted.
public struct Figures: Sendable, Hashable {
    public var flows = 0
    /// Packets that left for a server or target, and answers that came back to clients.
    public var forwarded = 0
    public var answers = 0
    public var crashes = 0
    public var pauses = 0
    public var linkFaults = 0
    public var changes = 0
    /// Ports that buckets took on loan, by nodes' own count.
    public var loans = 0
    /// Answers that were demanded when faults were over.
    public var demanded = 0
}
