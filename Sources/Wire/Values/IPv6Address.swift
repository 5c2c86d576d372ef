// An IPv6 address as a value (RFC 4291), with the canonical text form of RFC 5952.

/// An IPv6 address: 128 bits, the first eight bytes in `high`, the last eight in `low`.
public struct IPv6Address: Hashable, Comparable, Sendable, BitwiseCopyable {
    public var high: UInt64
    public var low: UInt64

    @inlinable
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// The IPv4-mapped address ::ffff:a.b.c.d (RFC 4291 §2.5.5.2).
    @inlinable
    public init(mapping address: IPv4Address) {
        self.init(high: 0, low: 0xFFFF_0000_0000 | UInt64(address.rawValue))
    }

    /// The IPv4 address that this one maps, if it is IPv4-mapped.
    @inlinable
    public var mapped: IPv4Address? {
        guard high == 0, low >> 32 == 0xFFFF else { return nil }
        return IPv4Address(rawValue: UInt32(truncatingIfNeeded: low))
    }

    @inlinable
    public static func < (left: Self, right: Self) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }

    /// ff00::/8 (RFC 4291 §2.7).
    @inlinable
    public var isMulticast: Bool { high >> 56 == 0xFF }

    /// The eight 16-bit groups, first group first.
    @inlinable
    public func group(_ index: Int) -> UInt16 {
        let half = index < 4 ? high : low
        return UInt16(truncatingIfNeeded: half >> UInt64(48 - 16 * (index & 3)))
    }
}

extension IPv6Address: LosslessStringConvertible {
    /// Any form of RFC 4291 §2.2: eight groups, one `::`, an IPv4 tail; no zone.
    public init?(_ text: String) {
        let halves = text.splitOnDoubleColon()
        guard let halves, let head = Self.groups(in: halves.head, isEnd: halves.tail == nil) else {
            return nil
        }
        var groups = head
        if let tailText = halves.tail {
            guard let tail = Self.groups(in: tailText, isEnd: true),
                head.count + tail.count <= 7
            else {
                return nil
            }
            groups += Array(repeating: 0, count: 8 - head.count - tail.count) + tail
        }
        guard groups.count == 8 else { return nil }
        self.init(
            high: groups[0..<4].reduce(0) { $0 << 16 | UInt64($1) },
            low: groups[4..<8].reduce(0) { $0 << 16 | UInt64($1) })
    }

    /// An IPv4 tail is the last two groups, so it stands at the end of the whole text only.
    private static func groups(in text: Substring, isEnd: Bool) -> [UInt16]? {
        if text.isEmpty { return [] }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        var groups: [UInt16] = []
        for (index, part) in parts.enumerated() {
            if isEnd, index == parts.count - 1, let address = IPv4Address(String(part)) {
                groups.append(UInt16(address.rawValue >> 16))
                groups.append(UInt16(address.rawValue & 0xFFFF))
            } else {
                guard (1...4).contains(part.utf8.count), part.utf8.allSatisfy(\.isHexDigit),
                    let group = UInt16(part, radix: 16)
                else { return nil }
                groups.append(group)
            }
        }
        return groups
    }

    // RFC 5952 §4: lower case, no leading zeros, the longest run of two or more zero groups
    // (the first of equals) written as `::`.
    public var description: String {
        if let mapped { return "::ffff:\(mapped)" }
        let groups = (0..<8).map(group)
        var longest = 0..<0
        var index = 0
        while index < 8 {
            var end = index
            while end < 8, groups[end] == 0 { end += 1 }
            if end - index > longest.count { longest = index..<end }
            index = max(end, index + 1)
        }
        func text(_ range: Range<Int>) -> String {
            range.map { String(groups[$0], radix: 16) }.joined(separator: ":")
        }
        guard longest.count >= 2 else { return text(0..<8) }
        return text(0..<longest.lowerBound) + "::" + text(longest.upperBound..<8)
    }
}

extension UInt8 {
    fileprivate var isHexDigit: Bool {
        switch self {
        case 0x30...0x39, 0x41...0x46, 0x61...0x66: true
        default: false
        }
    }
}

extension String {
    /// The text before and after the only `::`; no tail if there is none; nil if there are two.
    fileprivate func splitOnDoubleColon() -> (head: Substring, tail: Substring?)? {
        let bytes = Array(utf8)
        let starts = bytes.indices.dropLast().filter { bytes[$0] == 0x3A && bytes[$0 + 1] == 0x3A }
        guard let start = starts.first else { return (self[...], nil) }
        guard starts.count == 1 else { return nil }
        return (prefix(start), dropFirst(start + 2))
    }
}
