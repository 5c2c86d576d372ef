// IPv6 extension headers (RFC 8200 §4): the walk from the fixed header to the transport header.
//
//   hop-by-hop 0, routing 43, destination options 60, mobility 135, HIP 139, shim6 140:
//     next header 1 | length 1 (8-byte units after the first 8) | data (routing: type, segments)
//   fragment 44:
//     next header 1 | reserved 1 | offset 13 bits, 2 reserved, M 1 | identification 4
//   authentication 51 (RFC 4302):
//     next header 1 | length 1 (4-byte units less 2) | data

/// A fragment header, 8 bytes.
public struct IPv6FragmentHeader: Hashable, Sendable, BitwiseCopyable {
    public static let byteCount = 8

    public var nextHeader: IPProtocol
    /// In bytes, a multiple of 8.
    public var fragmentOffset: UInt16
    public var moreFragments: Bool
    public var identification: UInt32

    public init(
        nextHeader: IPProtocol, fragmentOffset: UInt16, moreFragments: Bool, identification: UInt32
    ) {
        self.nextHeader = nextHeader
        self.fragmentOffset = fragmentOffset
        self.moreFragments = moreFragments
        self.identification = identification
    }

    /// Reads the 8 bytes at the start of `bytes`.
    public static func parse(_ bytes: RawSpan) throws(PacketError) -> IPv6FragmentHeader {
        guard bytes.byteCount >= byteCount else { throw .badExtensionHeader }
        let word = bytes.bigEndianUInt16(at: 2)
        return IPv6FragmentHeader(
            nextHeader: IPProtocol(rawValue: bytes.uint8(at: 0)), fragmentOffset: word & 0xFFF8,
            moreFragments: word & 1 != 0, identification: bytes.bigEndianUInt32(at: 4))
    }

    /// Writes the header at offset 0; `bytes` has at least 8.
    public func write(to bytes: inout MutableRawSpan) {
        precondition(fragmentOffset & 7 == 0)
        bytes.store(nextHeader.rawValue, at: 0)
        bytes.store(0 as UInt8, at: 1)
        bytes.store(bigEndian: fragmentOffset | (moreFragments ? 1 : 0), at: 2)
        bytes.store(bigEndian: identification, at: 4)
    }

    /// False for an atomic fragment (RFC 6946), which is a whole packet.
    public var isFragment: Bool { fragmentOffset != 0 || moreFragments }
}

/// Where the walk over a packet's extension headers ended.
public struct IPv6ExtensionHeaders: Sendable, BitwiseCopyable {
    /// More headers than this are refused: the walk's cost is bounded.
    public static let limit = 8

    /// The first header that is none of the extension headers; of a later fragment, what its
    /// fragment header names.
    public private(set) var transport: IPProtocol
    /// From the first byte of the packet.
    public private(set) var transportOffset: Int
    /// The fragment header, if there is one.
    public private(set) var fragment: IPv6FragmentHeader?

    /// Walks the extension headers of `packet`.
    public static func parse(_ packet: borrowing IPv6View) throws(PacketError)
        -> IPv6ExtensionHeaders
    {
        try parse(packet.bytes.extracting(0..<packet.totalBytes), first: packet.nextHeader)
    }

    /// Walks the extension headers of a packet whose bytes end where `bytes` ends.
    static func parse(_ bytes: RawSpan, first: IPProtocol) throws(PacketError)
        -> IPv6ExtensionHeaders
    {
        var walk = IPv6ExtensionHeaders(transport: first, transportOffset: IPv6Header.byteCount)
        // Most packets have none.
        if first == .tcp || first == .udp || first == .icmpv6 { return walk }
        var count = 0
        while try walk.step(bytes) {
            count += 1
            guard count <= limit else { throw .tooManyExtensionHeaders }
        }
        return walk
    }

    private init(transport: IPProtocol, transportOffset: Int) {
        self.transport = transport
        self.transportOffset = transportOffset
    }

    /// Goes over one header; false if a transport header, or a later fragment's data, is here.
    private mutating func step(_ bytes: RawSpan) throws(PacketError) -> Bool {
        guard let kind = IPv6ExtensionKind(rawValue: transport.rawValue) else { return false }
        if let fragment, fragment.fragmentOffset != 0 { return false }
        guard transportOffset + 8 <= bytes.byteCount else { throw .badExtensionHeader }
        let units = Int(bytes.uint8(at: transportOffset + 1))
        var length = (units + 1) * 8
        switch kind {
        case .hopByHop:
            // RFC 8200 §4.1: hop-by-hop options stand directly after the fixed header.
            guard transportOffset == IPv6Header.byteCount else { throw .badExtensionHeader }
        case .routing:
            // RFC 8200 §4.4: with segments left, the destination is not the last one.
            guard bytes.uint8(at: transportOffset + 3) == 0 else { throw .sourceRoute }
        case .fragment:
            guard fragment == nil else { throw .badExtensionHeader }
            let header = bytes.extracting(transportOffset..<transportOffset + 8)
            fragment = try IPv6FragmentHeader.parse(header)
            length = IPv6FragmentHeader.byteCount
        case .authentication:
            length = (units + 2) * 4
        case .destinationOptions, .mobility, .hostIdentity, .shim6:
            break
        }
        guard transportOffset + length <= bytes.byteCount else { throw .badExtensionHeader }
        transport = IPProtocol(rawValue: bytes.uint8(at: transportOffset))
        transportOffset += length
        return true
    }
}

/// The extension headers that have a next header (IANA, IPv6 Extension Header Types). The walk
/// stops before all others: ESP (50) hides what follows, 59 says that nothing does.
enum IPv6ExtensionKind: UInt8 {
    case hopByHop = 0
    case routing = 43
    case fragment = 44
    case authentication = 51
    case destinationOptions = 60
    case mobility = 135
    case hostIdentity = 139
    case shim6 = 140
}
