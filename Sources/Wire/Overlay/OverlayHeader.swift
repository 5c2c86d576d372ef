// The encapsulation between hosts, edges and nodes: a Geneve base header and three options, always
// all of them and always in this order when written. The bucket lies at a fixed offset, so that a
// filter on the socket can give each datagram to its bucket's engine.
//
//    0  Geneve base: options 36 bytes, C set, IPv4 or IPv6, VNI      8   RFC 8926 §3.4
//    8  class 0xFF48 | type 0x81 | length 1     steering, critical   4
//   12  bucket 2 | marks 1 | reserved 1                              4
//   16  class 0xFF48 | type 0x02 | length 2     sourceENI            4
//   20  ENI                                                          8
//   28  class 0xFF48 | type 0x83 | length 3     resource, critical   4
//   32  resource 8 | listener 2 | reserved 2                        12
//   44  inner IP packet
//
// A packet that one node passes on to another says after these who sent it first:
//
//   44  class 0xFF48 | type 0x84 | length 4     origin, critical     4
//   48  outer source address, IPv4 as IPv4-mapped                   16
//   64  inner IP packet
//
// and of a fragment that its collector passes on, what only the datagram's first one says:
//
//   64  class 0xFF48 | type 0x85 | length 2     fragment, critical   4
//   68  source port 2 | destination port 2 | identification 2 |
//       0x8000 if that replaces the sender's 2                       8
//   76  inner IP packet

/// What the encapsulation says of the packet inside it.
public struct OverlayHeader: Hashable, Sendable, BitwiseCopyable {
    public static let byteCount = 44
    /// With `origin`.
    public static let passedOnByteCount = 64
    /// With `origin` and `fragment`.
    public static let collectedByteCount = 76
    /// Of the bucket in the UDP payload: the same in every datagram.
    public static let bucketOffset = 12
    /// The class of all our options.
    // RFC 8926 §7: one of the experimental range.
    public static let optionClass: UInt16 = 0xFF48

    /// The VPC's to and from hosts, `VNI.outside` to and from edges.
    public var vni: VNI
    /// The protocol type: IPv4 or IPv6.
    public var innerIsIPv4: Bool
    public var bucket: BucketIndex
    public var marks: OverlayMarks
    /// Of the instance that sent the inner packet, or that it is for.
    public var eni: ENI
    public var resource: ResourceID
    /// Which listener of a load balancer; 0 for other resources.
    public var listener: UInt16
    /// Between nodes: the outer address of the machine that sent the packet to the first of them.
    public var origin: IPAddress?
    /// From a collector: what its datagram's first fragment said.
    public var fragment: OverlayFragment?

    @inlinable
    public init(
        vni: VNI, innerIsIPv4: Bool, bucket: BucketIndex, marks: OverlayMarks = [],
        eni: ENI = .none, resource: ResourceID = .none, listener: UInt16 = 0
    ) {
        self.vni = vni
        self.innerIsIPv4 = innerIsIPv4
        self.bucket = bucket
        self.marks = marks
        self.eni = eni
        self.resource = resource
        self.listener = listener
        origin = nil
        fragment = nil
    }

    /// Bytes that `writePassedOn` writes.
    @inlinable
    public var passedOnBytes: Int {
        fragment == nil ? Self.passedOnByteCount : Self.collectedByteCount
    }

    /// Writes the header without `origin` at offset 0; `bytes` has at least 44.
    @inlinable
    public func write(to bytes: inout MutableRawSpan) {
        let protocolType = innerIsIPv4 ? EtherType.ipv4.rawValue : EtherType.ipv6.rawValue
        bytes.store(bigEndian: 0x0940_0000 | UInt32(protocolType), at: 0)
        bytes.store(bigEndian: vni.rawValue << 8, at: 4)
        bytes.store(bigEndian: OverlayOption.steering.headerWord, at: 8)
        bytes.store(
            bigEndian: UInt32(bucket.rawValue) << 16 | UInt32(marks.rawValue) << 8, at: 12)
        bytes.store(bigEndian: OverlayOption.sourceENI.headerWord, at: 16)
        bytes.store(bigEndian: eni.rawValue, at: 20)
        bytes.store(bigEndian: OverlayOption.resource.headerWord, at: 28)
        bytes.store(bigEndian: resource.rawValue, at: 32)
        bytes.store(bigEndian: UInt32(listener) << 16, at: 40)
    }

    /// Writes the header and `origin`, which must be there, and `fragment`, if it is; `bytes` has at
    /// least `passedOnBytes`.
    public func writePassedOn(to bytes: inout MutableRawSpan) {
        guard let origin else { preconditionFailure("a packet is passed on with its origin") }
        write(to: &bytes)
        // Option length in words.
        bytes.store(UInt8((passedOnBytes - 8) / 4), at: 0)
        bytes.store(bigEndian: OverlayOption.origin.headerWord, at: 44)
        bytes.store(bigEndian: origin.mapped.high, at: 48)
        bytes.store(bigEndian: origin.mapped.low, at: 56)
        guard let fragment else { return }
        bytes.store(bigEndian: OverlayOption.fragment.headerWord, at: 64)
        bytes.store(bigEndian: fragment.sourcePort.rawValue, at: 68)
        bytes.store(bigEndian: fragment.destinationPort.rawValue, at: 70)
        bytes.store(bigEndian: fragment.newIdentification ?? 0, at: 72)
        bytes.store(bigEndian: fragment.newIdentification == nil ? 0 : 0x8000 as UInt16, at: 74)
    }
}

/// What all fragments of a datagram share, once its collector has seen the first.
public struct OverlayFragment: Hashable, Sendable, BitwiseCopyable {
    /// As in `PacketSummary.tuple`.
    public var sourcePort: Port
    public var destinationPort: Port
    /// In place of the sender's identification; nil if that stays.
    public var newIdentification: UInt16?

    @inlinable
    public init(sourcePort: Port, destinationPort: Port, newIdentification: UInt16? = nil) {
        self.sourcePort = sourcePort
        self.destinationPort = destinationPort
        self.newIdentification = newIdentification
    }
}

/// The marks of the steering option.
public struct OverlayMarks: OptionSet, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt8
    @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// On its way back: replies of routers, targets and edges.
    @inlinable public static var inbound: Self { Self(rawValue: 0x01) }
    /// The target's router has another owner for this tuple.
    @inlinable public static var returnTaken: Self { Self(rawValue: 0x08) }
    /// All bits that have a meaning.
    @inlinable static var known: Self { Self(rawValue: 0x0F) }

    /// Which leg of its way among nodes the packet is on.
    @inlinable public var leg: OverlayLeg {
        get { OverlayLeg(rawValue: rawValue >> 1 & 3) ?? .none }
        set { rawValue = rawValue & ~0x06 | newValue.rawValue << 1 }
    }

    /// Marks with this leg and nothing else.
    @inlinable public static func leg(_ leg: OverlayLeg) -> Self {
        Self(rawValue: leg.rawValue << 1)
    }
}

/// The legs of a packet's way among nodes, in the order in which it may take them.
public enum OverlayLeg: UInt8, Sendable, BitwiseCopyable, CaseIterable {
    case none = 0
    case toCollector = 1
    case toLeader = 2
    case overLoan = 3
}

/// Our options, by their type byte.
@usableFromInline
enum OverlayOption: UInt8 {
    case steering = 0x81
    case sourceENI = 0x02
    case resource = 0x83
    case origin = 0x84
    case fragment = 0x85

    @inlinable var dataBytes: Int {
        switch self {
        case .steering: 4
        case .sourceENI: 8
        case .resource: 12
        case .origin: 16
        case .fragment: 8
        }
    }

    /// The option's first four bytes.
    @inlinable var headerWord: UInt32 {
        UInt32(OverlayHeader.optionClass) << 16 | UInt32(rawValue) << 8 | UInt32(dataBytes >> 2)
    }
}
