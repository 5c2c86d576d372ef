// An address of either family, and a prefix of them.

/// An IPv4 or IPv6 address.
public enum IPAddress: Hashable, Sendable, BitwiseCopyable {
    case v4(IPv4Address)
    case v6(IPv6Address)

    @inlinable
    public var isIPv4: Bool {
        if case .v4 = self { true } else { false }
    }

    /// The address in 128 bits: IPv4 as IPv4-mapped, so that one key shape holds both families.
    @inlinable
    public var mapped: IPv6Address {
        switch self {
        case .v4(let address): IPv6Address(mapping: address)
        case .v6(let address): address
        }
    }

    /// The inverse of `mapped`.
    @inlinable
    public init(unmapping address: IPv6Address) {
        if let v4 = address.mapped { self = .v4(v4) } else { self = .v6(address) }
    }
}

extension IPAddress: LosslessStringConvertible, Comparable {
    public init?(_ text: String) {
        if let address = IPv4Address(text) {
            self = .v4(address)
        } else if let address = IPv6Address(text) {
            self = .v6(address)
        } else {
            return nil
        }
    }

    public var description: String {
        switch self {
        case .v4(let address): address.description
        case .v6(let address): address.description
        }
    }

    public static func < (left: Self, right: Self) -> Bool { left.mapped < right.mapped }
}

/// A range of addresses that share their first `length` bits, in CIDR notation (RFC 4632).
public struct IPPrefix: Hashable, Sendable {
    public let address: IPAddress
    public let length: Int

    /// Nil if `length` exceeds the family's, or if bits beyond it are set.
    public init?(_ address: IPAddress, length: Int) {
        guard length >= 0, length <= (address.isIPv4 ? 32 : 128) else { return nil }
        self.address = address
        self.length = length
        guard contains(address), hostBitsAreZero else { return nil }
    }

    private var mappedLength: Int { address.isIPv4 ? length + 96 : length }

    private var hostBitsAreZero: Bool {
        let masked = address.mapped.masked(to: mappedLength)
        return masked == address.mapped
    }

    public func contains(_ other: IPAddress) -> Bool {
        guard other.isIPv4 == address.isIPv4 else { return false }
        let bits = mappedLength
        return other.mapped.masked(to: bits) == address.mapped.masked(to: bits)
    }
}

extension IPPrefix: LosslessStringConvertible {
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let address = IPAddress(String(parts[0])),
            let length = UInt8(parts[1]), parts[1] == String(length)
        else { return nil }
        self.init(address, length: Int(length))
    }

    public var description: String { "\(address)/\(length)" }
}

extension IPv6Address {
    /// The address with all but its first `bits` bits cleared; `bits` from 0 to 128.
    func masked(to bits: Int) -> IPv6Address {
        func mask(_ count: Int) -> UInt64 { count <= 0 ? 0 : count >= 64 ? .max : ~(.max >> count) }
        return IPv6Address(high: high & mask(bits), low: low & mask(bits - 64))
    }
}
