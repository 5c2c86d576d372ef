// What the data plane needs to know of an inner packet, from one pass over its headers. It never
// reads beyond the packet's own length, and doesn't look at transport checksums.

/// What a packet is, as far as classification goes.
public enum PacketKind: UInt8, Sendable, BitwiseCopyable, CaseIterable {
    case tcp
    case udp
    /// A request or reply of ICMP or ICMPv6 that carries an identifier.
    case icmpQuery
    /// Carries the packet that caused it: see `EmbeddedPacket`.
    case icmpError
    /// Any fragment of any protocol, the first too.
    case fragment
    /// Every other protocol, and the other ICMP messages.
    case other
}

/// A checked IPv4 or IPv6 packet. Offsets count from the packet's first byte and lie inside it.
public struct PacketSummary: Hashable, Sendable, BitwiseCopyable {
    /// Ports are those of TCP and UDP. ICMP request: the identifier stands as the source port;
    /// reply: as the destination port. All else, and later fragments: 0, until it is known which
    /// flow they belong to.
    public var tuple: FlowTuple
    public internal(set) var kind: PacketKind = .other
    public internal(set) var tcpFlags: TCPFlags = []
    /// TCP: what the segment says of windows; zeros otherwise.
    public internal(set) var tcp = TCPNumbers()
    public internal(set) var icmpType: UInt8 = 0
    public internal(set) var icmpCode: UInt8 = 0
    /// TTL or hop limit.
    public internal(set) var timeToLive: UInt8
    /// DSCP in the upper six bits, ECN in the lower two.
    public internal(set) var trafficClass: UInt8
    /// IPv4 only.
    public internal(set) var dontFragment = false
    public internal(set) var moreFragments = false
    /// IPv4: always; IPv6: of a fragment header, else 0.
    public internal(set) var identification: UInt32 = 0
    @usableFromInline var fragmentOffset16: UInt16 = 0
    @usableFromInline var total: UInt32
    @usableFromInline var transport: UInt32
    @usableFromInline var payload: UInt32
    @usableFromInline var payloadCount: UInt32

    /// Bytes of the IP packet; what follows it is padding.
    @inlinable public var totalBytes: Int { Int(total) }
    /// Where the transport header begins, or a later fragment's data.
    @inlinable public var transportOffset: Int { Int(transport) }
    /// Bytes from there to the end of the IP packet.
    @inlinable public var transportBytes: Int { Int(total) - Int(transport) }
    /// Where the transport's data begins.
    @inlinable public var payloadOffset: Int { Int(payload) }
    /// Bytes of it. UDP: by UDP's own length, which may be shorter than the packet.
    @inlinable public var payloadBytes: Int { Int(payloadCount) }
    /// Of the fragment's data in the datagram's payload, in bytes.
    @inlinable public var fragmentOffset: Int { Int(fragmentOffset16) }

    @inlinable public var isIPv4: Bool { tuple.source.isIPv4 }
    /// The first of several fragments; its transport header was read. False for a whole packet.
    @inlinable public var isFirstFragment: Bool { kind == .fragment && fragmentOffset16 == 0 }

    init(
        source: IPAddress, destination: IPAddress, ipProtocol: IPProtocol, timeToLive: UInt8,
        trafficClass: UInt8, totalBytes: Int, transportOffset: Int
    ) {
        tuple = FlowTuple(
            ipProtocol: ipProtocol, source: source, sourcePort: Port(0),
            destination: destination, destinationPort: Port(0))
        self.timeToLive = timeToLive
        self.trafficClass = trafficClass
        total = UInt32(totalBytes)
        transport = UInt32(transportOffset)
        payload = UInt32(transportOffset)
        payloadCount = UInt32(totalBytes - transportOffset)
    }
}
