// The IPv6 header as a value (layout in IPv6View.swift).

/// What an IPv6 header says, without extension headers.
public struct IPv6Header: Hashable, Sendable, BitwiseCopyable {
    public static let byteCount = 40

    /// DSCP in the upper six bits, ECN in the lower two.
    public var trafficClass: UInt8 = 0
    /// 20 bits.
    public var flowLabel: UInt32 = 0
    /// Extension headers count.
    public var payloadBytes: UInt16
    public var nextHeader: IPProtocol
    public var hopLimit: UInt8 = 64
    public var source: IPv6Address
    public var destination: IPv6Address

    public init(
        nextHeader: IPProtocol, source: IPv6Address, destination: IPv6Address, payloadBytes: Int
    ) {
        self.payloadBytes = UInt16(payloadBytes)
        self.nextHeader = nextHeader
        self.source = source
        self.destination = destination
    }

    /// Reads a checked view.
    public init(_ view: borrowing IPv6View) {
        trafficClass = view.trafficClass
        flowLabel = view.flowLabel
        payloadBytes = UInt16(view.payloadBytes)
        nextHeader = view.nextHeader
        hopLimit = view.hopLimit
        source = view.source
        destination = view.destination
    }

    /// Reads a header and checks its length.
    public static func parse(_ bytes: RawSpan) throws(PacketError) -> IPv6Header {
        IPv6Header(try IPv6View(bytes))
    }

    /// Writes the header at offset 0; `bytes` has at least 40.
    public func write(to bytes: inout MutableRawSpan) {
        precondition(flowLabel < 1 << 20)
        bytes.store(bigEndian: 6 << 28 | UInt32(trafficClass) << 20 | flowLabel, at: 0)
        bytes.store(bigEndian: payloadBytes, at: 4)
        bytes.store(nextHeader.rawValue, at: 6)
        bytes.store(hopLimit, at: 7)
        bytes.store(source, at: 8)
        bytes.store(destination, at: 24)
    }
}
