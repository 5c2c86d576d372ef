// Pseudorandom numbers from a seed. Everything drawn in a run is a function of its seed, so that a
// run can be repeated, and a late packet be checked against a flow that has long ended.

/// The finaliser of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): a bijection of 64 bits.
enum Mix {
    static func scatter(_ value: UInt64) -> UInt64 {
        var z = value &+ 0x9E37_79B9_7F4A_7C15
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }

    /// A number for (seed, number, purpose): the same each time it is asked.
    static func draw(_ seed: UInt64, _ number: UInt64, _ purpose: Purpose) -> UInt64 {
        scatter(scatter(seed ^ purpose.rawValue &<< 56) ^ number)
    }

    /// What a draw is for, so that draws of one flow don't depend on each other.
    enum Purpose: UInt64 {
        case nonce = 1
        case stream, destination, destinationPort, lifetime, size, ports, arrival, eni, target
    }

    /// 0 up to, not including, 1, from the upper 53 bits.
    static func unit(_ value: UInt64) -> Double { Double(value >> 11) * 0x1p-53 }

    /// 0 up to, not including, `bound`.
    static func below(_ bound: Int, _ value: UInt64) -> Int {
        Int(value.multipliedFullWidth(by: UInt64(bound)).high)
    }
}

/// A stream of pseudorandom numbers for draws that follow one another, such as arrivals.
package struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        let value = Mix.scatter(state)
        state &+= 0x9E37_79B9_7F4A_7C15
        return value
    }
}
