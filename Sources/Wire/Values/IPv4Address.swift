// An IPv4 address as a value (RFC 791 §3.2), with the dotted-decimal text form and no other.

/// An IPv4 address: 32 bits, most significant byte first in `rawValue`.
public struct IPv4Address: Hashable, Comparable, Sendable, BitwiseCopyable {
    public var rawValue: UInt32

    @inlinable
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    @inlinable
    public init(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8) {
        rawValue = UInt32(a) << 24 | UInt32(b) << 16 | UInt32(c) << 8 | UInt32(d)
    }

    @inlinable
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    /// 224.0.0.0/4 (RFC 5771).
    @inlinable
    public var isMulticast: Bool { rawValue >> 28 == 0xE }

    /// 255.255.255.255.
    @inlinable
    public var isBroadcast: Bool { rawValue == .max }
}

extension IPv4Address: LosslessStringConvertible {
    /// Four decimal numbers joined by dots, each 0 to 255 without leading zeros; nil for all else.
    public init?(_ text: String) {
        var value: UInt32 = 0
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        for part in parts {
            guard let byte = UInt8(decimal: part) else { return nil }
            value = value << 8 | UInt32(byte)
        }
        rawValue = value
    }

    public var description: String {
        "\(rawValue >> 24).\(rawValue >> 16 & 255).\(rawValue >> 8 & 255).\(rawValue & 255)"
    }
}

extension UInt8 {
    /// One to three decimal digits without a leading zero.
    fileprivate init?(decimal digits: Substring.UTF8View.SubSequence) {
        guard (1...3).contains(digits.count), digits.count == 1 || digits.first != 0x30 else {
            return nil
        }
        var value = 0
        for digit in digits {
            guard (0x30...0x39).contains(digit) else { return nil }
            value = value * 10 + Int(digit - 0x30)
        }
        guard value <= 255 else { return nil }
        self = UInt8(value)
    }
}
