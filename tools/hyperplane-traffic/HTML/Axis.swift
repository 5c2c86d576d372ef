// The scale of a plot's axis: round ticks that cover the values.

import Foundation

/// A linear or logarithmic scale from values to a length in pixels.
struct Axis {
    let low: Double
    let high: Double
    let isLogarithmic: Bool
    let ticks: [Double]

    /// From zero to a round number above all values, with about `count` ticks.
    static func linear(_ values: [Double], ticks count: Int = 5) -> Axis {
        let top = max(values.max() ?? 0, 1e-9)
        let rough = top / Double(count)
        let magnitude = pow(10, floor(log10(rough)))
        let step = [1, 2, 5, 10].map { $0 * magnitude }.first { $0 >= rough } ?? rough
        let steps = Int((top / step).rounded(.up))
        return Axis(
            low: 0, high: Double(steps) * step, isLogarithmic: false,
            ticks: (0...steps).map { Double($0) * step })
    }

    /// Whole decades around all positive values.
    static func logarithmic(_ values: [Double]) -> Axis {
        let positive = values.filter { $0 > 0 }
        let first = floor(log10(positive.min() ?? 1))
        let last = max(ceil(log10(positive.max() ?? 10)), first + 1)
        return Axis(
            low: pow(10, first), high: pow(10, last), isLogarithmic: true,
            ticks: stride(from: first, through: last, by: 1).map { pow(10, $0) })
    }

    /// Exactly from one value to another.
    static func fixed(_ range: ClosedRange<Double>, ticks: [Double]) -> Axis {
        Axis(low: range.lowerBound, high: range.upperBound, isLogarithmic: false, ticks: ticks)
    }

    /// 0 at `low`, 1 at `high`.
    func position(_ value: Double) -> Double {
        guard isLogarithmic else { return (value - low) / max(high - low, 1e-12) }
        let clamped = max(value, low)
        return (log10(clamped) - log10(low)) / (log10(high) - log10(low))
    }
}

extension Axis {
    /// How many times smaller than one, in powers of ten.
    static func decades(of fraction: Double) -> Double { -log10(fraction) }
}
