// The record of a flow with an IPv6 address on either side; IPv4 addresses in it are mapped.

import Tables
public import Wire

/// 40 bytes: source, destination, and the last word as in `IPv4FlowKey`.
public struct IPv6FlowKey: FlowKey {
    public var source: IPv6Address
    public var destination: IPv6Address
    public var rest: UInt64

    @inlinable
    public init(source: IPv6Address, destination: IPv6Address, rest: UInt64) {
        self.source = source
        self.destination = destination
        self.rest = rest
    }

    @inlinable
    public init(_ tuple: FlowTuple, scope: FlowScope, direction: FlowDirection) {
        source = tuple.source.mapped
        destination = tuple.destination.mapped
        rest =
            UInt64(scope.rawValue) << 41 | UInt64(direction.rawValue) << 40
            | UInt64(tuple.ipProtocol.rawValue) << 32 | UInt64(tuple.ports)
    }
}

/// 120 bytes: two lines.
public struct IPv6FlowRecord: FlowRecord {
    @usableFromInline var key: IPv6FlowKey
    @usableFromInline var translatedSource: IPv6Address
    @usableFromInline var translatedDestination: IPv6Address
    @usableFromInline var translatedPorts: UInt32
    public var clientAttachment: AttachmentIndex
    public var targetAttachment: AttachmentIndex
    public var lastSeenCentiseconds: UInt32
    @usableFromInline var outboundPackets: UInt32
    @usableFromInline var inboundPackets: UInt32
    @usableFromInline var outboundBytes: UInt64
    @usableFromInline var inboundBytes: UInt64
    public var bucket: BucketIndex
    public var state: FlowState
    public var replication: ReplicationMarks

    @inlinable
    public init(
        scope: FlowScope, outbound: FlowTuple, translated: FlowTuple, bucket: BucketIndex,
        state: FlowState
    ) {
        key = IPv6FlowKey(outbound, scope: scope, direction: .outbound)
        translatedSource = translated.source.mapped
        translatedDestination = translated.destination.mapped
        translatedPorts = translated.ports
        clientAttachment = .none
        targetAttachment = .none
        lastSeenCentiseconds = 0
        outboundPackets = 0
        inboundPackets = 0
        outboundBytes = 0
        inboundBytes = 0
        self.bucket = bucket
        self.state = state
        replication = ReplicationMarks()
    }

    @inlinable public var scope: FlowScope {
        FlowScope(rawValue: UInt32(truncatingIfNeeded: key.rest >> 41))
    }

    @inlinable public var outbound: FlowTuple {
        tuple(key.source, key.destination, ports: UInt32(truncatingIfNeeded: key.rest))
    }

    @inlinable public var translated: FlowTuple {
        tuple(translatedSource, translatedDestination, ports: translatedPorts)
    }

    @inlinable
    func tuple(
        _ source: IPv6Address, _ destination: IPv6Address, ports: UInt32
    ) -> FlowTuple {
        FlowTuple(
            ipProtocol: IPProtocol(rawValue: UInt8(truncatingIfNeeded: key.rest >> 32)),
            source: IPAddress(unmapping: source),
            sourcePort: Port(UInt16(truncatingIfNeeded: ports >> 16)),
            destination: IPAddress(unmapping: destination),
            destinationPort: Port(UInt16(truncatingIfNeeded: ports)))
    }

    @inlinable
    public mutating func count(_ direction: FlowDirection, bytes: Int) -> Bool {
        if direction == .outbound {
            outboundBytes &+= UInt64(truncatingIfNeeded: bytes)
            outboundPackets &+= 1
            return outboundPackets == 0
        }
        inboundBytes &+= UInt64(truncatingIfNeeded: bytes)
        inboundPackets &+= 1
        return inboundPackets == 0
    }

    public mutating func setCounts(_ direction: FlowDirection, packets: UInt32, bytes: UInt64) {
        if direction == .outbound {
            (outboundPackets, outboundBytes) = (packets, bytes)
        } else {
            (inboundPackets, inboundBytes) = (packets, bytes)
        }
    }

    @inlinable
    public func packets(_ direction: FlowDirection) -> UInt32 {
        direction == .outbound ? outboundPackets : inboundPackets
    }

    @inlinable
    public func bytes(_ direction: FlowDirection) -> UInt64 {
        direction == .outbound ? outboundBytes : inboundBytes
    }
}

/// The IPv6 flow table's shape.
public enum IPv6FlowLayout: TranslationLayout {
    public typealias Key = IPv6FlowKey
    public typealias Hot = IPv6FlowRecord
    public typealias Cold = FlowDetails

    @inlinable @inline(__always)
    public static func key(of hot: IPv6FlowRecord, direction: FlowDirection) -> IPv6FlowKey {
        if direction == .outbound { return hot.key }
        let ports = hot.translatedPorts
        return IPv6FlowKey(
            source: hot.translatedDestination, destination: hot.translatedSource,
            rest: hot.key.rest & ~0xFFFF_FFFF | 1 << 40 | UInt64(ports << 16 | ports >> 16))
    }

    @inlinable @inline(__always)
    public static func hash(_ key: IPv6FlowKey, seed: UInt64) -> UInt64 {
        func fold(_ value: UInt64, _ factor: UInt64) -> UInt64 {
            let product = value.multipliedFullWidth(by: factor)
            return product.high ^ product.low
        }
        var hash = fold(key.source.high ^ seed, 0x9E37_79B9_7F4A_7C15)
        hash = fold(hash ^ key.source.low, 0xBF58_476D_1CE4_E5B9)
        hash = fold(hash ^ key.destination.high, 0x94D0_49BB_1331_11EB)
        hash = fold(hash ^ key.destination.low, 0x9E37_79B9_7F4A_7C15)
        return fold(hash ^ key.rest, seed | 1)
    }
}
