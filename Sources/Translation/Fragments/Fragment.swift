// A fragment as the collector sees it, and what becomes of it.

public import Wire

/// What makes fragments one datagram (RFC 791 §3.2, RFC 8200 §4.5), within the network that they
/// came from.
public struct FragmentKey: Hashable, Sendable, BitwiseCopyable {
    /// The VPC, or the outside as one resource sees it. Fragments of two scopes never meet.
    public var scope: UInt64
    public var source: IPAddress
    public var destination: IPAddress
    public var ipProtocol: IPProtocol
    public var identification: UInt32

    public init(
        scope: UInt64, source: IPAddress, destination: IPAddress, ipProtocol: IPProtocol,
        identification: UInt32
    ) {
        self.scope = scope
        self.source = source
        self.destination = destination
        self.ipProtocol = ipProtocol
        self.identification = identification
    }

    /// `summary` is of kind `fragment`.
    public init(scope: UInt64, _ summary: PacketSummary) {
        self.init(
            scope: scope, source: summary.tuple.source, destination: summary.tuple.destination,
            ipProtocol: summary.tuple.ipProtocol, identification: summary.identification)
    }
}

/// What only the first fragment of a datagram says: its ports, as in `PacketSummary.tuple`.
public struct DatagramPorts: Hashable, Sendable, BitwiseCopyable {
    public var source: Port
    public var destination: Port

    public init(source: Port, destination: Port) {
        self.source = source
        self.destination = destination
    }
}

/// One fragment.
public struct Fragment: Hashable, Sendable, BitwiseCopyable {
    public var key: FragmentKey
    /// Whose share of the collector it uses: a slot below the capacity's `tenants`.
    public var tenant: Int
    /// Of its data in the datagram's, in bytes; and how many.
    public var offset: Int
    public var byteCount: Int
    public var moreFragments: Bool
    /// Of the first fragment; nil of all others.
    public var ports: DatagramPorts?
    /// What the caller knows the packet by, while it waits.
    public var token: UInt32
    /// It leaves by an address that others share, so the datagram gets a new identification, of
    /// this bucket's. Nil: the sender's stays.
    public var lane: BucketIndex?

    public init(
        key: FragmentKey, tenant: Int, offset: Int, byteCount: Int, moreFragments: Bool,
        ports: DatagramPorts?, token: UInt32, lane: BucketIndex? = nil
    ) {
        self.key = key
        self.tenant = tenant
        self.offset = offset
        self.byteCount = byteCount
        self.moreFragments = moreFragments
        self.ports = ports
        self.token = token
        self.lane = lane
    }

    /// `summary` is of kind `fragment`.
    public init(
        _ summary: PacketSummary, scope: UInt64, tenant: Int, token: UInt32,
        lane: BucketIndex? = nil
    ) {
        let tuple = summary.tuple
        self.init(
            key: FragmentKey(scope: scope, summary), tenant: tenant,
            offset: summary.fragmentOffset, byteCount: summary.transportBytes,
            moreFragments: summary.moreFragments,
            ports: summary.isFirstFragment
                ? DatagramPorts(source: tuple.sourcePort, destination: tuple.destinationPort)
                : nil,
            token: token, lane: lane)
    }

    var end: Int { offset + byteCount }

    /// Whether it can be a part of any datagram at all.
    // RFC 791 §3.2, RFC 8200 §4.5: parts begin, and all but the last end, at multiples of 8; the
    // whole fits in 65,535 bytes, of IPv4 with a header of at least 20.
    var isPossible: Bool {
        let longest = key.source.isIPv4 ? 65_535 - IPv4Header.minimumByteCount : 65_535
        return byteCount > 0 && offset >= 0 && offset & 7 == 0 && end <= longest
            && (!moreFragments || byteCount & 7 == 0) && (offset == 0) == (ports != nil)
    }
}

/// What all fragments of a datagram leave with.
public struct DatagramPass: Hashable, Sendable, BitwiseCopyable {
    public var ports: DatagramPorts
    /// In place of the sender's, the same for all fragments. Nil: the sender's stays.
    public var newIdentification: UInt16?

    public init(ports: DatagramPorts, newIdentification: UInt16?) {
        self.ports = ports
        self.newIdentification = newIdentification
    }
}

/// What becomes of a fragment.
public enum FragmentVerdict: Hashable, Sendable, BitwiseCopyable {
    /// The collector keeps its token until the first fragment comes: see `FragmentCollector.poll`.
    case wait
    case pass(DatagramPass)
    case drop(DropCause)
}

/// A fragment that waited, and what becomes of it: never `wait`.
public struct FragmentRelease: Hashable, Sendable, BitwiseCopyable {
    public var token: UInt32
    public var tenant: Int
    public var verdict: FragmentVerdict

    public init(token: UInt32, tenant: Int, verdict: FragmentVerdict) {
        self.token = token
        self.tenant = tenant
        self.verdict = verdict
    }
}
