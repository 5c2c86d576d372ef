// Numbers for people.

enum Figures {
    /// `1234567` as `1,234,567`.
    static func grouped(_ value: UInt64) -> String {
        var digits = Array(String(value))
        var index = digits.count - 3
        while index > 0 {
            digits.insert(",", at: index)
            index -= 3
        }
        return String(digits)
    }

    /// With so many digits after the point.
    static func fixed(_ value: Double, _ digits: Int) -> String {
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let rounded = (abs(value) * scale).rounded()
        guard rounded < 1e15 else { return "\(value)" }
        let whole = UInt64(rounded) / UInt64(scale)
        let sign = value < 0 ? "-" : ""
        guard digits > 0 else { return sign + String(whole) }
        let fraction = String(UInt64(rounded) % UInt64(scale))
        return sign + "\(whole)." + String(repeating: "0", count: digits - fraction.count)
            + fraction
    }

    /// Three digits and k, M or G.
    static func scaled(_ value: Double) -> String {
        switch abs(value) {
        case 1e9...: fixed(value / 1e9, 2) + " G"
        case 1e6...: fixed(value / 1e6, 2) + " M"
        case 1e3...: fixed(value / 1e3, 1) + " k"
        default: fixed(value, 0) + " "
        }
    }

    /// The same before a word in the place of a unit.
    static func counted(_ value: Double) -> String {
        let text = scaled(value)
        return text.hasSuffix(" ") ? String(text.dropLast()) : text
    }

    /// Microseconds, milliseconds or seconds, whichever reads best.
    static func microseconds(_ value: Double) -> String {
        switch value {
        case 1e6...: fixed(value / 1e6, 2) + " s"
        case 1e3...: fixed(value / 1e3, 2) + " ms"
        default: fixed(value, 0) + " µs"
        }
    }

    static func percent(_ fraction: Double) -> String { fixed(fraction * 100, 1) + " %" }
}

extension String {
    /// Right-aligned in so many columns.
    func padded(_ columns: Int) -> String {
        count >= columns ? self : String(repeating: " ", count: columns - count) + self
    }

    /// Left-aligned.
    func padding(to columns: Int) -> String {
        count >= columns ? self + " " : self + String(repeating: " ", count: columns - count)
    }
}
