// How a flow's name, and what its translation makes of it, stand in an entry.
//
//    resource                    8
//    protocol                    1    only if the flags name none
//    source, destination         4 each, IPv6 16
//    source port, destination    2 each
//
//    what changes, source first, then destination: address 4 (16), port 2

/// What names a flow on every node: its resource, and the tuple of its outbound packets as they come.
public struct FlowName: Hashable, Sendable, BitwiseCopyable {
    public var resource: ResourceID
    public var outbound: FlowTuple

    public init(resource: ResourceID, outbound: FlowTuple) {
        self.resource = resource
        self.outbound = outbound
    }

    var flags: FlowEntryFlags { FlowEntryFlags(outbound) }

    init(
        _ flags: FlowEntryFlags, _ bytes: RawSpan, _ offset: inout Int
    ) throws(FlowEntryError) {
        resource = ResourceID(rawValue: bytes.nextUInt64(&offset))
        guard resource != .none else { throw .badValue }
        let ipProtocol = flags.ipProtocol ?? IPProtocol(rawValue: bytes.nextUInt8(&offset))
        let source = bytes.nextAddress(&offset, isLong: flags.contains(.isIPv6))
        let destination = bytes.nextAddress(&offset, isLong: flags.contains(.isIPv6))
        outbound = FlowTuple(
            ipProtocol: ipProtocol, source: source, sourcePort: Port(bytes.nextUInt16(&offset)),
            destination: destination, destinationPort: Port(bytes.nextUInt16(&offset)))
    }

    func write(to bytes: inout MutableRawSpan, _ offset: inout Int) {
        let flags = flags
        bytes.put(resource.rawValue, &offset)
        if flags.ipProtocol == nil { bytes.put(outbound.ipProtocol.rawValue, &offset) }
        bytes.put(outbound.source, &offset, isLong: flags.contains(.isIPv6))
        bytes.put(outbound.destination, &offset, isLong: flags.contains(.isIPv6))
        bytes.put(outbound.sourcePort.rawValue, &offset)
        bytes.put(outbound.destinationPort.rawValue, &offset)
    }
}

extension FlowTuple {
    /// What a translation makes of `outbound`: the sides that the flags name are read.
    init(
        translating outbound: FlowTuple, _ flags: FlowEntryFlags, _ bytes: RawSpan,
        _ offset: inout Int
    ) {
        self = outbound
        let isLong = flags.contains(.isIPv6)
        if flags.contains(.changesSource) {
            source = bytes.nextAddress(&offset, isLong: isLong)
            sourcePort = Port(bytes.nextUInt16(&offset))
        }
        if flags.contains(.changesDestination) {
            destination = bytes.nextAddress(&offset, isLong: isLong)
            destinationPort = Port(bytes.nextUInt16(&offset))
        }
    }

    /// Writes the sides that the flags name.
    func writeChange(
        _ flags: FlowEntryFlags, to bytes: inout MutableRawSpan, _ offset: inout Int
    ) {
        let isLong = flags.contains(.isIPv6)
        if flags.contains(.changesSource) {
            bytes.put(source, &offset, isLong: isLong)
            bytes.put(sourcePort.rawValue, &offset)
        }
        if flags.contains(.changesDestination) {
            bytes.put(destination, &offset, isLong: isLong)
            bytes.put(destinationPort.rawValue, &offset)
        }
    }
}

// MARK: One field after the other

extension RawSpan {
    func nextUInt8(_ offset: inout Int) -> UInt8 {
        defer { offset += 1 }
        return uint8(at: offset)
    }

    func nextUInt16(_ offset: inout Int) -> UInt16 {
        defer { offset += 2 }
        return bigEndianUInt16(at: offset)
    }

    func nextUInt32(_ offset: inout Int) -> UInt32 {
        defer { offset += 4 }
        return bigEndianUInt32(at: offset)
    }

    func nextUInt64(_ offset: inout Int) -> UInt64 {
        defer { offset += 8 }
        return bigEndianUInt64(at: offset)
    }

    /// Three bytes.
    func nextVNI(_ offset: inout Int) -> VNI {
        let high = UInt32(nextUInt8(&offset))
        return VNI(truncating: high << 16 | UInt32(nextUInt16(&offset)))
    }

    /// Four bytes, or sixteen of which IPv4-mapped ones are an IPv4 address.
    func nextAddress(_ offset: inout Int, isLong: Bool) -> IPAddress {
        defer { offset += isLong ? 16 : 4 }
        return isLong
            ? IPAddress(unmapping: ipv6Address(at: offset)) : .v4(ipv4Address(at: offset))
    }
}

extension MutableRawSpan {
    mutating func put(_ value: VNI, _ offset: inout Int) {
        put(UInt8(truncatingIfNeeded: value.rawValue >> 16), &offset)
        put(UInt16(truncatingIfNeeded: value.rawValue), &offset)
    }

    mutating func put(_ address: IPAddress, _ offset: inout Int, isLong: Bool) {
        switch address {
        case .v4(let short) where !isLong:
            store(short, at: offset)
            offset += 4
        default:
            precondition(isLong, "an IPv6 address in an IPv4 entry")
            store(address.mapped, at: offset)
            offset += 16
        }
    }
}
