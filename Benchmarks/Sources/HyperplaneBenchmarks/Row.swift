// One figure of a run: what was measured, beside what, and whether it is good enough.

/// A figure and, where there is one, its peer: a floor of the machine or another program, measured
/// in the same run, interleaved.
struct Row: Codable {
    let name: String
    let unit: String
    let median: Double
    let min: Double
    let max: Double
    var peer: String?
    var peerMedian: Double?
    /// `median / peerMedian`.
    var ratio: Double?
    var goal: String?
    var met: Bool?

    init(_ name: String, unit: String, _ samples: Samples) {
        self.name = name
        self.unit = unit
        median = samples.median
        min = samples.min
        max = samples.max
    }

    init(_ name: String, unit: String, value: Double) {
        self.init(name, unit: unit, Samples([value]))
    }

    /// The same figure beside a peer's.
    func beside(_ peer: String, _ samples: Samples) -> Row {
        var row = self
        row.peer = peer
        row.peerMedian = samples.median
        row.ratio = median / samples.median
        return row
    }

    /// The same figure judged by the goal of its name, if there is one.
    func judged() -> Row {
        guard let goal = Goal.of(name) else { return self }
        var row = self
        row.goal = goal.description
        row.met = goal.isMet(by: self)
        return row
    }

    // Null is written, not left out: every row has the same fields.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
        try container.encode(unit, forKey: .unit)
        try container.encode(median, forKey: .median)
        try container.encode(min, forKey: .min)
        try container.encode(max, forKey: .max)
        try container.encode(peer, forKey: .peer)
        try container.encode(peerMedian, forKey: .peerMedian)
        try container.encode(ratio, forKey: .ratio)
        try container.encode(goal, forKey: .goal)
        try container.encode(met, forKey: .met)
    }
}

/// Repeated measurements of one thing.
struct Samples {
    private let sorted: [Double]

    init(_ values: [Double]) {
        precondition(!values.isEmpty)
        sorted = values.sorted()
    }

    /// The same measurements in another unit.
    func map(_ transform: (Double) -> Double) -> Samples { Samples(sorted.map(transform)) }

    /// The value that `fraction` of them are at or below.
    func percentile(_ fraction: Double) -> Double {
        sorted[Swift.min(Int(Double(sorted.count) * fraction), sorted.count - 1)]
    }

    var min: Double { sorted[0] }
    var max: Double { sorted[sorted.count - 1] }
    var median: Double {
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}
