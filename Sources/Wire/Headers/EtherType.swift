// The protocol types of Ethernet frames and of Geneve payloads (IANA, IEEE 802 Numbers).

/// A 16-bit protocol type.
public struct EtherType: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt16
    @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }

    @inlinable public static var ipv4: Self { Self(rawValue: 0x0800) }
    @inlinable public static var arp: Self { Self(rawValue: 0x0806) }
    @inlinable public static var ipv6: Self { Self(rawValue: 0x86DD) }
    /// An IEEE 802.1Q tag follows.
    @inlinable public static var vlan: Self { Self(rawValue: 0x8100) }
    /// Geneve: the payload is an Ethernet frame.
    @inlinable public static var transparentEthernetBridging: Self { Self(rawValue: 0x6558) }
}
