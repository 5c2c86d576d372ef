// The record of a flow whose addresses are all IPv4, laid out for the cache: one line for what
// each packet touches.

import Tables
public import Wire

/// 16 bytes: addresses | scope 23, direction 1, protocol 8, ports 32.
public struct IPv4FlowKey: FlowKey {
    public var addresses: UInt64
    public var rest: UInt64

    @inlinable
    public init(addresses: UInt64, rest: UInt64) {
        self.addresses = addresses
        self.rest = rest
    }

    @inlinable
    public init(_ tuple: FlowTuple, scope: FlowScope, direction: FlowDirection) {
        addresses = tuple.addressesV4
        rest =
            UInt64(scope.rawValue) << 41 | UInt64(direction.rawValue) << 40
            | UInt64(tuple.ipProtocol.rawValue) << 32 | UInt64(tuple.sourcePort.rawValue) << 16
            | UInt64(tuple.destinationPort.rawValue)
    }
}

extension FlowTuple {
    /// Source and destination in 64 bits; both must be IPv4.
    @inlinable
    var addressesV4: UInt64 {
        guard case .v4(let source) = source, case .v4(let destination) = destination else {
            preconditionFailure("an IPv4 record of IPv6 addresses")
        }
        return UInt64(source.rawValue) << 32 | UInt64(destination.rawValue)
    }

    @inlinable
    init(addressesV4: UInt64, ipProtocol: UInt8, ports: UInt32) {
        self.init(
            ipProtocol: IPProtocol(rawValue: ipProtocol),
            source: .v4(IPv4Address(rawValue: UInt32(truncatingIfNeeded: addressesV4 >> 32))),
            sourcePort: Port(UInt16(truncatingIfNeeded: ports >> 16)),
            destination: .v4(IPv4Address(rawValue: UInt32(truncatingIfNeeded: addressesV4))),
            destinationPort: Port(UInt16(truncatingIfNeeded: ports)))
    }

    /// Source port in the high half.
    @inlinable
    var ports: UInt32 { UInt32(sourcePort.rawValue) << 16 | UInt32(destinationPort.rawValue) }
}

/// 64 bytes, one cache line.
public struct IPv4FlowRecord: FlowRecord {
    @usableFromInline var key: IPv4FlowKey
    @usableFromInline var translatedAddresses: UInt64
    @usableFromInline var translatedPorts: UInt32
    public var clientAttachment: AttachmentIndex
    public var targetAttachment: AttachmentIndex
    public var lastSeenCentiseconds: UInt32
    @usableFromInline var outboundPackets: UInt32
    @usableFromInline var inboundPackets: UInt32
    @usableFromInline var outboundBytesLow: UInt32
    @usableFromInline var inboundBytesLow: UInt32
    @usableFromInline var outboundBytesHigh: UInt16
    @usableFromInline var inboundBytesHigh: UInt16
    public var bucket: BucketIndex
    public var state: FlowState
    public var replication: ReplicationMarks

    @inlinable
    public init(
        scope: FlowScope, outbound: FlowTuple, translated: FlowTuple, bucket: BucketIndex,
        state: FlowState
    ) {
        key = IPv4FlowKey(outbound, scope: scope, direction: .outbound)
        translatedAddresses = translated.addressesV4
        translatedPorts = translated.ports
        clientAttachment = .none
        targetAttachment = .none
        lastSeenCentiseconds = 0
        outboundPackets = 0
        inboundPackets = 0
        outboundBytesLow = 0
        inboundBytesLow = 0
        outboundBytesHigh = 0
        inboundBytesHigh = 0
        self.bucket = bucket
        self.state = state
        replication = ReplicationMarks()
    }

    @inlinable public var scope: FlowScope {
        FlowScope(rawValue: UInt32(truncatingIfNeeded: key.rest >> 41))
    }

    @inlinable var ipProtocol: UInt8 { UInt8(truncatingIfNeeded: key.rest >> 32) }

    @inlinable public var outbound: FlowTuple {
        FlowTuple(
            addressesV4: key.addresses, ipProtocol: ipProtocol,
            ports: UInt32(truncatingIfNeeded: key.rest))
    }

    @inlinable public var translated: FlowTuple {
        FlowTuple(
            addressesV4: translatedAddresses, ipProtocol: ipProtocol, ports: translatedPorts)
    }

    @inlinable
    public mutating func count(_ direction: FlowDirection, bytes: Int) -> Bool {
        let added = UInt64(truncatingIfNeeded: bytes)
        if direction == .outbound {
            let total = self.bytes(.outbound) &+ added
            outboundBytesLow = UInt32(truncatingIfNeeded: total)
            outboundBytesHigh = UInt16(truncatingIfNeeded: total >> 32)
            outboundPackets &+= 1
            return outboundPackets == 0
        }
        let total = self.bytes(.inbound) &+ added
        inboundBytesLow = UInt32(truncatingIfNeeded: total)
        inboundBytesHigh = UInt16(truncatingIfNeeded: total >> 32)
        inboundPackets &+= 1
        return inboundPackets == 0
    }

    public mutating func setCounts(_ direction: FlowDirection, packets: UInt32, bytes: UInt64) {
        let low = UInt32(truncatingIfNeeded: bytes)
        let high = UInt16(truncatingIfNeeded: bytes >> 32)
        if direction == .outbound {
            (outboundPackets, outboundBytesLow, outboundBytesHigh) = (packets, low, high)
        } else {
            (inboundPackets, inboundBytesLow, inboundBytesHigh) = (packets, low, high)
        }
    }

    @inlinable
    public func packets(_ direction: FlowDirection) -> UInt32 {
        direction == .outbound ? outboundPackets : inboundPackets
    }

    @inlinable
    public func bytes(_ direction: FlowDirection) -> UInt64 {
        direction == .outbound
            ? UInt64(outboundBytesHigh) << 32 | UInt64(outboundBytesLow)
            : UInt64(inboundBytesHigh) << 32 | UInt64(inboundBytesLow)
    }
}

/// The IPv4 flow table's shape.
public enum IPv4FlowLayout: TranslationLayout {
    public typealias Key = IPv4FlowKey
    public typealias Hot = IPv4FlowRecord
    public typealias Cold = FlowDetails

    @inlinable @inline(__always)
    public static func key(of hot: IPv4FlowRecord, direction: FlowDirection) -> IPv4FlowKey {
        // Chosen by mask: no predictor guesses the direction of a packet.
        let mask = 0 &- UInt64(direction.rawValue)
        let addresses = hot.translatedAddresses
        let ports = hot.translatedPorts
        let swapped = addresses &<< 32 | addresses &>> 32
        let rest =
            hot.key.rest & ~0xFFFF_FFFF | 1 &<< 40 | UInt64(ports &<< 16 | ports &>> 16)
        return IPv4FlowKey(
            addresses: hot.key.addresses ^ (hot.key.addresses ^ swapped) & mask,
            rest: hot.key.rest ^ (hot.key.rest ^ rest) & mask)
    }

    @inlinable @inline(__always)
    public static func hash(_ key: IPv4FlowKey, seed: UInt64) -> UInt64 {
        // Folded multiplication, keyed: two multiplications for sixteen bytes.
        let first = (key.addresses ^ seed).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        let second = (first.high ^ first.low ^ key.rest)
            .multipliedFullWidth(by: seed | 1)
        return second.high ^ second.low
    }
}
