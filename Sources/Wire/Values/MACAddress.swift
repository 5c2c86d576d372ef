// An Ethernet address (IEEE 802), 48 bits.

/// A MAC address: six bytes, the first on the wire in the highest of the low 48 bits.
public struct MACAddress: Hashable, Sendable, BitwiseCopyable {
    public let rawValue: UInt64

    @inlinable
    public init(truncating value: UInt64) { rawValue = value & 0xFFFF_FFFF_FFFF }

    @inlinable public static var broadcast: MACAddress { MACAddress(truncating: .max) }
    /// The group bit; set for broadcast too.
    @inlinable public var isMulticast: Bool { rawValue >> 40 & 1 != 0 }
}

extension MACAddress: LosslessStringConvertible {
    /// Six pairs of hexadecimal digits joined by colons; nil for all else.
    public init?(_ text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count == 6 else { return nil }
        var value: UInt64 = 0
        for part in parts {
            guard part.count == 2, part.first != UInt8(ascii: "+"),
                let byte = UInt8(String(Substring(part)), radix: 16)
            else { return nil }
            value = value << 8 | UInt64(byte)
        }
        rawValue = value
    }

    public var description: String {
        (0..<6).map { index in
            let byte = rawValue >> UInt64(40 - 8 * index) & 0xFF
            return (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined(separator: ":")
    }
}

extension RawSpan {
    /// The MAC address at `offset`.
    @inlinable
    public func macAddress(at offset: Int) -> MACAddress {
        MACAddress(
            truncating: UInt64(bigEndianUInt16(at: offset)) << 32
                | UInt64(bigEndianUInt32(at: offset + 2)))
    }
}

extension MutableRawSpan {
    /// Writes a MAC address.
    @inlinable
    public mutating func store(_ address: MACAddress, at offset: Int) {
        store(bigEndian: UInt16(truncatingIfNeeded: address.rawValue >> 32), at: offset)
        store(bigEndian: UInt32(truncatingIfNeeded: address.rawValue), at: offset + 2)
    }
}
