// The IPv4 header as a value (layout in IPv4View.swift).

/// What an IPv4 header says. Options are kept apart, as bytes in the packet.
public struct IPv4Header: Hashable, Sendable, BitwiseCopyable {
    public static let minimumByteCount = 20
    public static let maximumByteCount = 60

    /// 20 to 60, a multiple of 4.
    public var headerBytes: UInt8 = 20
    /// DSCP in the upper six bits, ECN in the lower two.
    public var trafficClass: UInt8 = 0
    public var totalBytes: UInt16
    public var identification: UInt16 = 0
    public var dontFragment = false
    public var moreFragments = false
    /// In bytes, a multiple of 8.
    public var fragmentOffset: UInt16 = 0
    public var timeToLive: UInt8 = 64
    public var ipProtocol: IPProtocol
    public var source: IPv4Address
    public var destination: IPv4Address

    /// A header of 20 bytes for an unfragmented packet.
    public init(
        ipProtocol: IPProtocol, source: IPv4Address, destination: IPv4Address, payloadBytes: Int
    ) {
        totalBytes = UInt16(20 + payloadBytes)
        self.ipProtocol = ipProtocol
        self.source = source
        self.destination = destination
    }

    /// Reads a checked view.
    public init(_ view: borrowing IPv4View) {
        headerBytes = UInt8(view.headerBytes)
        trafficClass = view.trafficClass
        totalBytes = UInt16(view.totalBytes)
        identification = view.identification
        dontFragment = view.dontFragment
        moreFragments = view.moreFragments
        fragmentOffset = UInt16(view.fragmentOffset)
        timeToLive = view.timeToLive
        ipProtocol = view.ipProtocol
        source = view.source
        destination = view.destination
    }

    /// Reads a header and checks it, its checksum too.
    public static func parse(_ bytes: RawSpan) throws(PacketError) -> IPv4Header {
        let view = try IPv4View(bytes)
        guard view.checksumIsValid else { throw .badIPChecksum }
        return IPv4Header(view)
    }

    /// Writes the header at offset 0, with its checksum, which covers the options: they must
    /// stand in `bytes` already. `bytes` has at least `headerBytes` bytes.
    public func write(to bytes: inout MutableRawSpan) {
        precondition(headerBytes & 3 == 0 && headerBytes >= 20 && headerBytes <= 60)
        precondition(fragmentOffset & 7 == 0)
        bytes.store(0x40 | headerBytes >> 2, at: 0)
        bytes.store(trafficClass, at: 1)
        bytes.store(bigEndian: totalBytes, at: 2)
        bytes.store(bigEndian: identification, at: 4)
        let flags: UInt16 = (dontFragment ? 0x4000 : 0) | (moreFragments ? 0x2000 : 0)
        bytes.store(bigEndian: flags | fragmentOffset >> 3, at: 6)
        bytes.store(timeToLive, at: 8)
        bytes.store(ipProtocol.rawValue, at: 9)
        bytes.store(bigEndian: 0 as UInt16, at: 10)
        bytes.store(source, at: 12)
        bytes.store(destination, at: 16)
        let sum = InternetChecksum.sum(bytes, from: 0, count: Int(headerBytes))
        bytes.store(bigEndian: InternetChecksum.fold(sum), at: 10)
    }
}

/// Whether the IPv4 header at the start of `bytes` is whole and its checksum right.
@inlinable
public func ipv4HeaderChecksumIsValid(_ bytes: RawSpan) -> Bool {
    guard let view = try? IPv4View(bytes) else { return false }
    return view.checksumIsValid
}
