// Draws by Zipf's law: rank r with a probability proportional to 1 / r^s. Popular destinations are
// what fills port sets unevenly.

/// The cumulative distribution over ranks 0 to `count` - 1, searched by halving.
///
/// Memory: eight bytes a rank, made at `init`; a draw allocates nothing.
package struct ZipfTable: Sendable {
    private let cumulative: [Double]

    /// `exponent` 0 makes all ranks equal.
    package init(count: Int, exponent: Double) {
        precondition(count > 0 && exponent >= 0)
        var sum = 0.0
        var sums: [Double] = []
        sums.reserveCapacity(count)
        for rank in 1...count {
            sum += Power.of(Double(rank), -exponent)
            sums.append(sum)
        }
        cumulative = sums.map { $0 / sum }
    }

    /// The rank that a uniform 64-bit number falls on.
    package func rank(_ value: UInt64) -> Int {
        let point = Mix.unit(value)
        var low = 0
        var high = cumulative.count - 1
        while low < high {
            let middle = (low + high) / 2
            if cumulative[middle] > point { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

/// Logarithm and power without a mathematics library, which layers 0 to 3 do without. Good to
/// about 1e-12, more than a workload needs.
package enum Power {
    /// Natural logarithm of a positive number.
    package static func naturalLogarithm(_ x: Double) -> Double {
        precondition(x > 0)
        // x = m * 2^e with m in [1, 2): ln x = e ln 2 + 2 atanh((m - 1) / (m + 1)).
        let ratio = (x.significand - 1) / (x.significand + 1)
        let square = ratio * ratio
        var term = ratio
        var sum = 0.0
        for odd in stride(from: 1.0, through: 27, by: 2) {
            sum += term / odd
            term *= square
        }
        return Double(x.exponent) * 0.693_147_180_559_945_3 + 2 * sum
    }

    /// e to the power of `x`.
    package static func exponential(_ x: Double) -> Double {
        let doublings = (x / 0.693_147_180_559_945_3).rounded()
        let rest = x - doublings * 0.693_147_180_559_945_3
        var term = 1.0
        var sum = 1.0
        for n in stride(from: 1.0, through: 16, by: 1) {
            term *= rest / n
            sum += term
        }
        return Double(sign: .plus, exponent: Int(doublings), significand: 1) * sum
    }

    package static func of(_ base: Double, _ exponent: Double) -> Double {
        exponent == 0 ? 1 : exponential(exponent * naturalLogarithm(base))
    }
}
