// Filling one destination's ports until there are none left: which buckets are full, how each stage
// of the filling went, and what became of the flows to another destination meanwhile.

import Wire

/// What is known of the buckets while ports run out.
///
/// A bucket whose ports are used up borrows from others, which takes time: a refusal may mean "not
/// yet". So a bucket that refuses is tried again, slowly, until no bucket has given a port for
/// `giveUpAfterNanoseconds`.
struct Exhaustion: Sendable {
    private struct Bucket: Sendable {
        var refusedInARow: UInt8 = 0
        /// Not to be tried before.
        var tryAt = Tick(rawValue: 0)
        var isClosed: Bool { refusedInARow >= Exhaustion.refusals }
    }

    /// A bucket is closed after so many refusals in a row, and tried again so long after each.
    static let refusals = 3
    static let retryNanoseconds: UInt64 = 250_000_000
    private var buckets: [Bucket]
    private var openBuckets: Int
    /// In a stage that uses freed ports again: how many flows each bucket may still open.
    private var credits: [Int]?
    let destination: ExhaustedDestination
    private(set) var stages: [ExhaustionReport.Stage] = []
    private var stageSetup = Histogram()
    private var stageStart: Tick
    /// When a flow was last established, or the last bucket that gave any closed.
    private var lastChange: Tick
    var bystanders = ExhaustionReport.Bystanders()
    /// Flows that have yet to prove that they are alive, and those that did since the last call.
    var unproven = 0
    var proven = 0
    /// Whether flows go on after their proof.
    var keepsProven = false

    init(bucketCount: Int, _ destination: ExhaustedDestination, start: Tick) {
        buckets = Array(repeating: Bucket(), count: bucketCount)
        openBuckets = bucketCount
        self.destination = destination
        stageStart = start
        lastChange = start
    }

    /// Whether a flow may be tried in a bucket now.
    func takes(_ bucket: BucketIndex, _ now: Tick) -> Bool {
        let index = Int(bucket.rawValue)
        if let credits { return credits[index] > 0 }
        return buckets[index].tryAt <= now
    }

    /// Whether every bucket refuses, so that flows only ask whether that is still so.
    var onlyAsks: Bool { credits == nil && openBuckets == 0 }

    /// When a bucket may be tried.
    var nextTry: Tick {
        guard onlyAsks else { return Tick(rawValue: 0) }
        return buckets.reduce(Tick(rawValue: .max)) { min($0, $1.tryAt) }
    }

    /// Whether buckets have refused for so long that they may be believed.
    func isSpent(_ now: Tick) -> Bool {
        if let credits { return credits.allSatisfy { $0 <= 0 } }
        return onlyAsks && now >= lastChange + destination.giveUpAfterNanoseconds
    }

    mutating func begin(_ stage: ExhaustionReport.Stage, credits: [Int]? = nil, _ now: Tick) {
        stages.append(stage)
        self.credits = credits
        buckets = buckets.map { _ in Bucket() }
        openBuckets = buckets.count
        stageSetup.clear()
        stageStart = now
        lastChange = now
    }

    mutating func opened(_ bucket: BucketIndex) {
        let index = Int(bucket.rawValue)
        credits?[index] -= 1
        // One flow at a time asks a closed bucket.
        if buckets[index].isClosed { buckets[index].tryAt = Tick(rawValue: .max) }
    }

    mutating func refused(_ bucket: BucketIndex, _ refusal: Refusal, _ now: Tick) {
        let index = Int(bucket.rawValue)
        if !buckets[index].isClosed {
            buckets[index].refusedInARow += 1
            if buckets[index].isClosed {
                openBuckets -= 1
                lastChange = now
            }
        }
        if buckets[index].isClosed { buckets[index].tryAt = now + Self.retryNanoseconds }
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
        let index = Int(bucket.rawValue)
        if buckets[index].isClosed { openBuckets += 1 }
        buckets[index] = Bucket()
        lastChange = now
        stageSetup.record(setupNanoseconds)
        guard let stage = stages.indices.last else { return }
        stages[stage].established += 1
        stages[stage].refusedWhilePortsWereLeft = stages[stage].refused
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
