// The few targets that a new flow is offered to, kept in order while all are looked at once.

/// A target and how it was drawn: the lowest (load, wait, index) is the best.
struct Candidate: BitwiseCopyable {
    /// Flows for its weight, where that decides; else 0.
    var load: UInt64
    /// By the flow's hash.
    var wait: UInt64
    /// Into the resource table's targets.
    var index: Int

    static var none: Candidate { Candidate(load: .max, wait: .max, index: .max) }

    func precedes(_ other: Candidate) -> Bool {
        (load, wait, index) < (other.load, other.wait, other.index)
    }
}

/// The best eight of those offered. A flow whose way back is taken at eight targets is refused.
struct BestCandidates {
    static let limit = 8
    private(set) var places: InlineArray<8, Candidate> = .init(repeating: .none)
    private(set) var count = 0

    mutating func offer(_ candidate: Candidate) {
        var position = min(count, Self.limit - 1)
        if count == Self.limit, !candidate.precedes(places[position]) { return }
        count = min(count + 1, Self.limit)
        while position > 0, candidate.precedes(places[position - 1]) {
            places[position] = places[position - 1]
            position -= 1
        }
        places[position] = candidate
    }
}
