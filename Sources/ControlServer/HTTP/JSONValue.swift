// Any JSON value, so that a request can be compared with what was understood of it.

/// A JSON value of no particular type.
enum JSONValue: Codable, Sendable, Hashable {
    case null
    case bool(Bool)
    case number(Double)
    case text(String)
    case list([JSONValue])
    case object([String: JSONValue])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode([JSONValue].self) {
            self = .list(value)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .text(let value): try container.encode(value)
        case .list(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }

    /// The path of a field that stands here with a value and not in `other`, if there is one.
    func firstField(missingIn other: JSONValue) -> String? {
        switch (self, other) {
        case (.object(let given), .object(let understood)):
            for (name, value) in given.sorted(by: { $0.key < $1.key }) where value != .null {
                guard let counterpart = understood[name] else { return name }
                if let path = value.firstField(missingIn: counterpart) { return "\(name).\(path)" }
            }
            return nil
        case (.list(let given), .list(let understood)):
            for (index, pair) in zip(given, understood).enumerated() {
                if let path = pair.0.firstField(missingIn: pair.1) { return "[\(index)].\(path)" }
            }
            return nil
        default:
            return nil
        }
    }
}
