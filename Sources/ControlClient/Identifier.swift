// The text form of identifiers: a prefix that says what is named, and 64 bits. The data plane sees
// the bits alone. This file imports nothing, so that the form can't come to depend on any type.

/// What an identifier names; the raw value is the prefix of its text.
public enum IdentifierKind: String, CaseIterable, Hashable, Sendable {
    case tenant = "ten"
    case node
    case vpc
    case host
    case edge
    case eip = "eipalloc"
    case natGateway = "nat"
    case loadBalancer = "lb"
    case listener = "lis"
    case targetGroup = "tg"
    case target = "tgt"
    case group = "grp"
    case cluster = "cl"
}

/// A name that is drawn at random, once, and never used twice, e.g. `nat-00123456789abcdef`.
///
/// Text: prefix, `-0`, 16 lower-case hexadecimal digits.
public struct Identifier: Hashable, Sendable {
    public let kind: IdentifierKind
    public let rawValue: UInt64

    public init(_ kind: IdentifierKind, _ rawValue: UInt64) {
        self.kind = kind
        self.rawValue = rawValue
    }

    /// Nil unless `text` is an identifier of this kind.
    public init?(_ text: String, as kind: IdentifierKind) {
        guard let parsed = Self(text), parsed.kind == kind else { return nil }
        self = parsed
    }
}

extension Identifier: LosslessStringConvertible, Comparable {
    /// The one text form and no other: nil for upper case, missing digits or an unknown prefix.
    public init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let kind = IdentifierKind(rawValue: String(parts[0])) else {
            return nil
        }
        let digits = parts[1].utf8
        guard digits.count == 17, digits.first == UInt8(ascii: "0") else { return nil }
        var value: UInt64 = 0
        for digit in digits.dropFirst() {
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                value = value << 4 | UInt64(digit - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"):
                value = value << 4 | UInt64(digit - UInt8(ascii: "a") + 10)
            default:
                return nil
            }
        }
        self.init(kind, value)
    }

    public var description: String {
        let digits = String(rawValue, radix: 16)
        return kind.rawValue + "-0" + String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }

    public static func < (left: Self, right: Self) -> Bool {
        (left.kind.rawValue, left.rawValue) < (right.kind.rawValue, right.rawValue)
    }
}

extension Identifier: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let parsed = Self(text) else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription:
                    "\"\(text)\" is not an identifier such as nat-00123456789abcdef")
        }
        self = parsed
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
