// One line of a plan: a word, then fields `name=value`. Every field must be known and be read;
// values carry their units.

/// The fields of one line, taken one by one.
struct PlanLine {
    let number: Int
    let word: String
    private var fields: [(name: String, value: String)] = []
    private var asked: [String] = []

    /// Nil for an empty line or a comment.
    init?(_ text: Substring, number: Int) throws(PlanError) {
        let content = text.prefix { $0 != "#" }
        let parts = content.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "\r" })
        guard let word = parts.first else { return nil }
        self.number = number
        self.word = String(word)
        for part in parts.dropFirst() {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2, !pair[0].isEmpty, !pair[1].isEmpty else {
                throw failure("`\(part)` is not a field; write name=value")
            }
            guard !fields.contains(where: { $0.name == pair[0] }) else {
                throw failure("`\(pair[0])` stands twice")
            }
            fields.append((String(pair[0]), String(pair[1])))
        }
    }

    func failure(_ message: String) -> PlanError { PlanError(line: number, message: message) }

    mutating func text(_ name: String) -> String? {
        asked.append(name)
        guard let index = fields.firstIndex(where: { $0.name == name }) else { return nil }
        return fields.remove(at: index).value
    }

    mutating func count(
        _ name: String, _ range: ClosedRange<Int>, default standard: Int
    ) throws(PlanError) -> Int {
        guard let text = text(name) else { return standard }
        guard let value = Int(text), range.contains(value) else {
            throw failure(
                "\(name)=\(text): a number from \(range.lowerBound) to \(range.upperBound) "
                    + "is wanted")
        }
        return value
    }

    mutating func duration(
        _ name: String, default standard: UInt64
    ) throws(PlanError) -> UInt64 {
        guard let text = text(name) else { return standard }
        return try nanoseconds(text[...], of: name)
    }

    /// `20ms`, or `1ms..20ms`.
    mutating func durations(
        _ name: String, default standard: ClosedRange<UInt64>
    ) throws(PlanError) -> ClosedRange<UInt64> {
        guard let text = text(name) else { return standard }
        let ends = try ends(of: text)
        let low = try nanoseconds(ends.low, of: name)
        let high = try nanoseconds(ends.high, of: name)
        guard low <= high else { throw failure("\(name)=\(text): the first is longer") }
        return low...high
    }

    mutating func counts(
        _ name: String, _ range: ClosedRange<Int>, default standard: ClosedRange<Int>
    ) throws(PlanError) -> ClosedRange<Int> {
        guard let text = text(name) else { return standard }
        let ends = try ends(of: text)
        guard let low = Int(ends.low), let high = Int(ends.high), low <= high,
            range.contains(low), range.contains(high)
        else {
            throw failure(
                "\(name)=\(text): numbers from \(range.lowerBound) to \(range.upperBound) "
                    + "are wanted, low..high")
        }
        return low...high
    }

    /// `0.5%`, in millionths.
    mutating func share(
        _ name: String, default standard: Int
    ) throws(PlanError) -> Int {
        guard let text = text(name) else { return standard }
        guard let percent = Self.hundredths(text, suffix: "%"), percent <= 1_000_000 else {
            throw failure("\(name)=\(text): a share is wanted, 0% to 100%, as 0.5%")
        }
        return percent
    }

    mutating func choice<Value: RawRepresentable & CaseIterable>(
        _ name: String, default standard: Value
    ) throws(PlanError) -> Value where Value.RawValue == String {
        guard let text = text(name) else { return standard }
        guard let value = Value(rawValue: text) else {
            let all = Value.allCases.map(\.rawValue).joined(separator: ", ")
            throw failure("\(name)=\(text): one of \(all) is wanted")
        }
        return value
    }

    mutating func choices<Value: RawRepresentable & CaseIterable>(
        _ name: String, default standard: [Value]
    ) throws(PlanError) -> [Value] where Value.RawValue == String {
        guard let text = text(name) else { return standard }
        var values: [Value] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let value = Value(rawValue: String(part)) else {
                let all = Value.allCases.map(\.rawValue).joined(separator: ", ")
                throw failure("\(name)=\(text): `\(part)` is none of \(all)")
            }
            values.append(value)
        }
        return values
    }

    /// To be called last: no field may be left.
    func finish() throws(PlanError) {
        guard let left = fields.first else { return }
        throw failure(
            "`\(word)` has no field `\(left.name)`; it has \(asked.joined(separator: ", "))")
    }
}

extension PlanLine {
    private func ends(of text: String) throws(PlanError) -> (low: Substring, high: Substring) {
        var ends: [Substring] = []
        var rest = text[...]
        while let dot = rest.firstIndex(of: "."), rest.index(after: dot) < rest.endIndex {
            let next = rest.index(after: dot)
            guard rest[next] == "." else { break }
            ends.append(rest[..<dot])
            rest = rest[rest.index(after: next)...]
        }
        ends.append(rest)
        switch ends.count {
        case 1: return (ends[0], ends[0])
        case 2: return (ends[0], ends[1])
        default: throw failure("\(text): a range is written low..high")
        }
    }

    private func nanoseconds(
        _ text: Substring, of name: String
    ) throws(PlanError) -> UInt64 {
        let units: [(String, UInt64)] = [
            ("us", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000),
        ]
        for (suffix, factor) in units where text.hasSuffix(suffix) {
            let digits = text.dropLast(suffix.count)
            if let value = UInt64(digits), value <= 3600 * 1_000_000_000 / factor {
                return value * factor
            }
        }
        throw failure("\(name)=\(text): a time is wanted, as 50us, 20ms or 3s")
    }

    /// A decimal number with at most four decimals, in ten-thousandths.
    private static func hundredths(_ text: String, suffix: String) -> Int? {
        guard text.hasSuffix(suffix) else { return nil }
        let parts = text.dropLast(suffix.count).split(
            separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = Int(parts[0]), (0...100).contains(whole) else { return nil }
        guard parts.count == 2 else { return whole * 10_000 }
        guard (1...4).contains(parts[1].count), parts[1].allSatisfy(\.isWholeNumber),
            let decimals = Int(parts[1])
        else { return nil }
        let scale = [1000, 100, 10, 1][parts[1].count - 1]
        return whole * 10_000 + decimals * scale
    }
}
