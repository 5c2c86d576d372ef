// Filling one destination's ports until there are none left: which buckets are full, how each stage
// of the filling went, and what became of the flows to another destination meanwhile.

import Wire

/// What is known of the buckets while ports run out.
struct Exhaustion: Sendable {
    /// A bucket counts as full after so many refusals in a row.
    static let refusals = 3
    private var refusedInARow: [UInt8]
    /// In a stage that uses freed ports again: how many flows each bucket may still open.
    private var credits: [Int]?
    let destination: ExhaustedDestination
    private(set) var stages: [ExhaustionReport.Stage] = []
    private var stageSetup = Histogram()
    private var stageStart: Tick
    var bystanders = ExhaustionReport.Bystanders()
    /// Flows that have yet to prove that they are alive, and those that did since the last call.
    var unproven = 0
    var proven = 0
    /// Whether flows go on after their proof.
    var keepsProven = false

    init(bucketCount: Int, _ destination: ExhaustedDestination, start: Tick) {
        refusedInARow = Array(repeating: 0, count: bucketCount)
        self.destination = destination
        stageStart = start
    }

    /// Whether no flow is to be tried in a bucket any more.
    func isClosed(_ bucket: BucketIndex) -> Bool {
        let index = Int(bucket.rawValue)
        if let credits { return credits[index] <= 0 }
        return refusedInARow[index] >= Self.refusals
    }

    var allAreClosed: Bool {
        refusedInARow.indices.allSatisfy { isClosed(BucketIndex($0)) }
    }

    mutating func begin(_ stage: ExhaustionReport.Stage, credits: [Int]? = nil, _ now: Tick) {
        stages.append(stage)
        self.credits = credits
        refusedInARow = refusedInARow.map { _ in 0 }
        stageSetup.clear()
        stageStart = now
    }

    mutating func opened(_ bucket: BucketIndex) { credits?[Int(bucket.rawValue)] -= 1 }

    mutating func refused(_ bucket: BucketIndex, _ refusal: Refusal) {
        let index = Int(bucket.rawValue)
        refusedInARow[index] = min(refusedInARow[index] + 1, UInt8(Self.refusals))
        guard let stage = stages.indices.last else { return }
        stages[stage].refused += 1
        switch refusal {
        case .silent: stages[stage].refusals.silent += 1
        case .hostUnreachable: stages[stage].refusals.hostUnreachable += 1
        case .otherError: stages[stage].refusals.otherError += 1
        case .reset: stages[stage].refusals.reset += 1
        }
    }

    mutating func established(_ bucket: BucketIndex, setupNanoseconds: UInt64, _ now: Tick) {
        refusedInARow[Int(bucket.rawValue)] = 0
        stageSetup.record(setupNanoseconds)
        guard let stage = stages.indices.last else { return }
        stages[stage].established += 1
        stages[stage].seconds = Double(now - stageStart) / 1e9
    }

    /// A stage's flows are open: so many are alive now.
    mutating func close(held: Int) {
        guard let stage = stages.indices.last else { return }
        stages[stage].held = held
        stages[stage].setupLatencyMicroseconds = RunReport.Latency(stageSetup)
    }

    /// A stage's flows have proven that they are alive, or not.
    mutating func noteProven() {
        if let stage = stages.indices.last { stages[stage].proven = proven }
    }
}

/// How a flow was turned down.
enum Refusal: Sendable {
    /// No answer however often it asked.
    case silent
    /// RFC 6888 §3 REQ-11: the soft error that a gateway without a port should give.
    case hostUnreachable
    case otherError
    case reset
}
