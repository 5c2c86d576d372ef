// What the figures are meant to reach. All goals stand here and nowhere else.

enum Goal {
    case ratioAtMost(Double)
    case atMost(Double, String)
    case atLeast(Double, String)

    /// The goal of a row, by its name.
    static func of(_ name: String) -> Goal? {
        let parts = name.split(separator: ".")
        if parts.first == "engine" { return engineGoal(parts) }
        if let goal = consensus[name] { return goal }
        guard parts.first == "table" else { return nil }
        switch parts.dropFirst().first {
        case "lookup" where parts.contains("batched"): return .ratioAtMost(2.5)
        case "memory" where parts.contains("ipv4"): return .atMost(128, "bytes a flow")
        case "memory" where parts.contains("ipv6"): return .atMost(224, "bytes a flow")
        case "ports" where parts.contains("choose"): return .atMost(1_000, "ns")
        default: return nil
        }
    }

    /// By the whole name.
    private static let consensus: [String: Goal] = [
        "commit.latency": .ratioAtMost(1.5),
        "commit.latency.p99": .atMost(50, "us"),
        "commit.rate.ipv4": .atLeast(500, "k/s"),
        "commit.bytes.ipv4": .atMost(64, "bytes"),
        "commit.bytes.ipv6": .atMost(144, "bytes"),
        "failover.whole": .atMost(200, "ms"),
        "failover.filledLeaders": .atMost(0, "buckets"),
    ]

    /// Of established flows, in random order.
    private static func engineGoal(_ parts: [Substring]) -> Goal? {
        switch (parts[2], parts.last) {
        case ("outbound", "1M"), ("inbound", "1M"): .atLeast(8, "Mpps")
        default: nil
        }
    }

    func isMet(by row: Row) -> Bool {
        switch self {
        case .ratioAtMost(let limit): (row.ratio ?? .infinity) <= limit
        case .atMost(let limit, _): row.median <= limit
        case .atLeast(let limit, _): row.median >= limit
        }
    }
}

extension Goal: CustomStringConvertible {
    var description: String {
        switch self {
        case .ratioAtMost(let limit): "ratio <= \(limit)"
        case .atMost(let limit, let unit): "<= \(limit) \(unit)"
        case .atLeast(let limit, let unit): ">= \(limit) \(unit)"
        }
    }
}
