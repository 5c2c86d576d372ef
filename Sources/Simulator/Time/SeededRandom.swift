// All chance of a simulation: SplitMix64 (Steele, Lea and Flood, OOPSLA 2014), the same on every
// machine for a seed. Each concern draws from a stream of its own, so that one more draw in one
// leaves the others as they were.

/// A stream of numbers.
struct SeededRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// - Parameter stream: which concern the numbers are for.
    init(seed: UInt64, stream: Stream) {
        state = seed &* 0x9FB2_1C65_1E98_DF25 ^ UInt64(stream.rawValue) << 56
        _ = next()
        state ^= seed
        _ = next()
    }

    enum Stream: UInt8 { case world = 1, network, workload, faults, nodes, changes }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }

    /// 0 to `bound` - 1.
    mutating func below(_ bound: Int) -> Int {
        Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// True so many times in a million.
    mutating func chance(perMillion: Int) -> Bool {
        perMillion > 0 && below(1_000_000) < perMillion
    }

    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[below(elements.count)]
    }

    mutating func nanoseconds(_ range: ClosedRange<UInt64>) -> UInt64 {
        range.lowerBound
            + next().multipliedFullWidth(by: range.upperBound - range.lowerBound + 1).high
    }

    /// Around a mean, half to one and a half of it.
    mutating func around(_ mean: UInt64) -> UInt64 {
        nanoseconds(mean / 2...max(mean / 2, mean + mean / 2))
    }
}
