// The small numbers that packets, records and configuration name things by. Each is its own type,
// so that a port is never passed for a bucket.

/// A TCP or UDP port, or the identifier of an ICMP query, which plays a port's part.
public struct Port: RawRepresentable, Hashable, Comparable, Sendable, BitwiseCopyable {
    public var rawValue: UInt16
    @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }
    @inlinable public init(_ value: UInt16) { rawValue = value }
    @inlinable public static func < (left: Self, right: Self) -> Bool {
        left.rawValue < right.rawValue
    }

    /// UDP destination port of Geneve.
    // RFC 8926 §3.3 (destination port).
    public static let geneve = Port(6081)
    /// UDP destination port of VXLAN (RFC 7348 §5).
    public static let vxlan = Port(4789)
}

/// An IP protocol number (IANA protocol numbers).
public struct IPProtocol: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt8
    @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

    @inlinable public static var icmp: Self { Self(rawValue: 1) }
    @inlinable public static var tcp: Self { Self(rawValue: 6) }
    @inlinable public static var udp: Self { Self(rawValue: 17) }
    @inlinable public static var icmpv6: Self { Self(rawValue: 58) }
}

/// The 24-bit identifier of a virtual network in the encapsulation (RFC 8926 §3.4).
public struct VNI: Hashable, Comparable, Sendable, BitwiseCopyable {
    public let rawValue: UInt32

    /// Nil above 2^24 - 1.
    @inlinable
    public init?(rawValue: UInt32) {
        guard rawValue < 1 << 24 else { return nil }
        self.rawValue = rawValue
    }

    @inlinable
    public init(truncating value: UInt32) { rawValue = value & 0xFF_FFFF }

    /// The plain IP networks behind the edges. No VPC has this number.
    @inlinable public static var outside: VNI { VNI(truncating: 0) }
    @inlinable public static func < (left: Self, right: Self) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// An elastic network interface, by the 64 random bits of its identifier. Zero names none.
public struct ENI: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt64
    @inlinable public init(rawValue: UInt64) { self.rawValue = rawValue }
    @inlinable public static var none: ENI { ENI(rawValue: 0) }
}

/// A node's identity, drawn at its first start and kept on its disk. Zero names none.
public struct NodeID: RawRepresentable, Hashable, Comparable, Sendable, BitwiseCopyable {
    public var rawValue: UInt64
    @inlinable public init(rawValue: UInt64) { self.rawValue = rawValue }
    @inlinable public static func < (left: Self, right: Self) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// A NAT gateway, load balancer or endpoint, by the 64 bits of its identifier. Zero names none.
public struct ResourceID: RawRepresentable, Hashable, Comparable, Sendable, BitwiseCopyable {
    public var rawValue: UInt64
    @inlinable public init(rawValue: UInt64) { self.rawValue = rawValue }
    @inlinable public static var none: ResourceID { ResourceID(rawValue: 0) }
    @inlinable public static func < (left: Self, right: Self) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// One of the B parts of a resource's flow space, 0 to B - 1.
public struct BucketIndex: RawRepresentable, Hashable, Comparable, Sendable, BitwiseCopyable {
    public var rawValue: UInt16
    @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }
    @inlinable public init(_ value: Int) { rawValue = UInt16(value) }
    @inlinable public static func < (left: Self, right: Self) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// A direction of a flow: outbound from the tenant's instance or the client outwards to the
/// destination or target, inbound the way back.
public enum FlowDirection: UInt8, Sendable, BitwiseCopyable, CaseIterable {
    case outbound = 0
    case inbound = 1

    @inlinable
    public var reversed: FlowDirection { self == .outbound ? .inbound : .outbound }
}

/// A moment on a monotonic clock that counts suspended time too: nanoseconds since an unnamed
/// start. Layers 0 to 3 are told the time; they never read it.
public struct Tick: RawRepresentable, Hashable, Comparable, Sendable, BitwiseCopyable {
    public var rawValue: UInt64
    @inlinable public init(rawValue: UInt64) { self.rawValue = rawValue }
    @inlinable public static func seconds(_ value: UInt64) -> Tick {
        Tick(rawValue: value * 1_000_000_000)
    }
    @inlinable public static func milliseconds(_ value: UInt64) -> Tick {
        Tick(rawValue: value * 1_000_000)
    }
    @inlinable public static func < (left: Self, right: Self) -> Bool {
        left.rawValue < right.rawValue
    }
    @inlinable public static func + (left: Self, nanoseconds: UInt64) -> Tick {
        Tick(rawValue: left.rawValue &+ nanoseconds)
    }
    /// Nanoseconds from `right` to `left`, zero if `right` is later.
    @inlinable public static func - (left: Self, right: Self) -> UInt64 {
        left.rawValue > right.rawValue ? left.rawValue &- right.rawValue : 0
    }
}
