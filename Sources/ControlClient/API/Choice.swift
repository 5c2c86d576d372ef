// A setting that is one of a few words. A word that is none is answered with those that are.

/// A closed list of words, as JSON texts and on the command line.
public protocol Choice: RawRepresentable, CaseIterable, Codable, Hashable, Sendable
where RawValue == String {}

extension Choice {
    /// `reset or silent`.
    public static var words: String { allCases.map(\.rawValue).joined(separator: " or ") }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = Self(rawValue: text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "\"\(text)\" is not \(Self.words)")
        }
        self = value
    }
}
