// Latencies, counted in classes whose width grows with the value (log-linear, after Tene's
// HdrHistogram): percentiles to within 1 % at a fixed size, however long a run lasts.

/// Counts of durations in nanoseconds, up to about 18 minutes; longer ones count as that.
///
/// 128 classes to each doubling: a class is at most 1/128 of its values wide. About 35 KiB,
/// allocated at `init`; recording allocates nothing.
public struct Histogram: Sendable {
    private static let bits = 7
    private static let highest: UInt64 = 1 << 40 - 1
    private var counts: [UInt64]
    public private(set) var count: UInt64 = 0
    public private(set) var maximum: UInt64 = 0
    private var sum: UInt64 = 0

    public init() {
        counts = Array(repeating: 0, count: Self.index(of: Self.highest) + 1)
    }

    public mutating func record(_ nanoseconds: UInt64) {
        let value = min(nanoseconds, Self.highest)
        counts[Self.index(of: value)] += 1
        count += 1
        sum &+= value
        maximum = max(maximum, value)
    }

    public mutating func add(_ other: Histogram) {
        for index in counts.indices { counts[index] += other.counts[index] }
        count += other.count
        sum &+= other.sum
        maximum = max(maximum, other.maximum)
    }

    public mutating func clear() {
        for index in counts.indices { counts[index] = 0 }
        count = 0
        sum = 0
        maximum = 0
    }

    public var mean: Double { count == 0 ? 0 : Double(sum) / Double(count) }

    /// The value that `quantile` (0 to 1) of all values don't exceed, rounded up to the end of its
    /// class; zero if nothing was recorded.
    public func value(at quantile: Double) -> UInt64 {
        guard count > 0 else { return 0 }
        let wanted = max(1, UInt64((quantile * Double(count)).rounded(.up)))
        var seen: UInt64 = 0
        for (index, classCount) in counts.enumerated() {
            seen += classCount
            if seen >= wanted { return min(Self.upperBound(of: index), maximum) }
        }
        return maximum
    }

    static func index(of value: UInt64) -> Int {
        let magnitude = 63 - (value | 1).leadingZeroBitCount
        let shift = max(0, magnitude - bits)
        return shift << bits + Int(value >> UInt64(shift))
    }

    private static func upperBound(of index: Int) -> UInt64 {
        let shift = max(0, index >> bits - 1)
        let mantissa = UInt64(index - shift << bits)
        return (mantissa + 1) << UInt64(shift) - 1
    }
}
