// Amounts of the command line: `500`, `20k`, `1.5M`, `10G`, or `none`, where a limit can be lifted.

/// Transforms for `@Option(transform:)`; each throws `InvalidValue`.
package enum AmountArgument {
    /// 0 is `none`; units are powers of 1000.
    package static func limit(_ text: String) throws -> Int {
        if text == "none" { return 0 }
        guard let value = amount(text), value <= most else {
            throw InvalidValue("a limit is a whole number, such as 500, 20k, 1.5M or 10G, or none")
        }
        return value
    }

    /// The service's own limits are lower, and it names them.
    private static let most = 1_000_000_000_000_000

    private static let units: [Character: Int] = [
        "k": 1_000, "K": 1_000, "M": 1_000_000, "G": 1_000_000_000, "T": 1_000_000_000_000,
    ]

    /// A whole number; nil for anything else, also for half a packet.
    private static func amount(_ text: String) -> Int? {
        var digits = text[...]
        let unit = digits.last.flatMap { units[$0] }
        if unit != nil { digits.removeLast() }
        let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let whole = number(parts[0]) else { return nil }
        let product = whole.multipliedReportingOverflow(by: unit ?? 1)
        guard !product.overflow else { return nil }
        guard parts.count == 2 else { return product.partialValue }
        guard let unit, parts[1].utf8.count <= 12, let fraction = number(parts[1]) else {
            return nil
        }
        let scale = (0..<parts[1].utf8.count).reduce(1) { scale, _ in scale * 10 }
        let scaled = fraction.multipliedReportingOverflow(by: unit)
        guard !scaled.overflow, scaled.partialValue % scale == 0 else { return nil }
        let sum = product.partialValue.addingReportingOverflow(scaled.partialValue / scale)
        return sum.overflow ? nil : sum.partialValue
    }

    private static func number(_ text: Substring) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int(text)
    }
}
