// Durations and amounts for people, in a few characters.

/// Short forms for tables.
package enum Quantity {
    /// `850ms`, `12s`, `3m20s`, `2h05m`, `4d03h`.
    package static func duration(seconds: Double) -> String {
        guard seconds.isFinite, seconds >= 0 else { return "-" }
        if seconds > 0, seconds < 1 { return "\(Int(seconds * 1000))ms" }
        let whole = seconds < 1e15 ? Int(seconds) : Int(1e15)
        switch whole {
        case ..<60: return "\(whole)s"
        case ..<3_600: return "\(whole / 60)m\(twoDigits(whole % 60))s"
        case ..<86_400: return "\(whole / 3_600)h\(twoDigits(whole / 60 % 60))m"
        default: return "\(whole / 86_400)d\(twoDigits(whole / 3_600 % 24))h"
        }
    }

    /// `999`, `12.3k`, `4.56M`, by powers of 1000, cut and not rounded up.
    package static func amount(_ value: UInt64) -> String {
        guard value >= 1000 else { return String(value) }
        var unit = 0
        var scaled = value
        var thousandths: UInt64 = 0
        while scaled >= 1000, unit < units.count - 1 {
            thousandths = scaled % 1000
            scaled /= 1000
            unit += 1
        }
        let digits = String(1000 + thousandths).dropFirst()
        let places = scaled >= 100 ? 0 : scaled >= 10 ? 1 : 2
        let fraction = places == 0 ? "" : "." + digits.prefix(places)
        return "\(scaled)\(fraction)\(units[unit])"
    }

    private static let units = ["", "k", "M", "G", "T", "P", "E"]

    private static func twoDigits(_ value: Int) -> String {
        value < 10 ? "0\(value)" : String(value)
    }
}
