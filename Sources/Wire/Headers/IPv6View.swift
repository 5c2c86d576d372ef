// The IPv6 header (RFC 8200 §3), read in place.
//
//    0               1               2               3
//   +-------+---------------+-------+-------------------------------+
//   |Version| Traffic class |             Flow label                |  0
//   +-------+---------------+-------+---------------+---------------+
//   |        Payload length         |  Next header  |   Hop limit   |  4
//   +-------------------------------+---------------+---------------+
//   |                   Source address, 16 bytes                    |  8
//   +---------------------------------------------------------------+
//   |                 Destination address, 16 bytes                 | 24
//   +---------------------------------------------------------------+
//   |           Extension headers, then the transport header        | 40

/// An IPv6 packet whose length was checked: no accessor traps.
public struct IPv6View: ~Escapable {
    /// From the header's first byte; may go on beyond the packet (padding).
    public let bytes: RawSpan

    /// Checks version and length. Jumbograms (RFC 2675) are not supported: a payload length of 0
    /// is an empty payload.
    @inlinable @inline(__always)
    @_lifetime(copy bytes)
    public init(_ bytes: RawSpan) throws(PacketError) {
        guard bytes.byteCount >= IPv6Header.byteCount else { throw .tooShort }
        guard bytes.uint8(at: 0) >> 4 == 6 else { throw .badVersion }
        let totalBytes = IPv6Header.byteCount + Int(bytes.bigEndianUInt16(at: 4))
        guard totalBytes <= bytes.byteCount else { throw .badTotalLength }
        self.bytes = bytes
    }

    @inlinable public var trafficClass: UInt8 {
        UInt8(truncatingIfNeeded: bytes.bigEndianUInt16(at: 0) >> 4)
    }
    @inlinable public var flowLabel: UInt32 { bytes.bigEndianUInt32(at: 0) & 0xF_FFFF }
    @inlinable public var payloadBytes: Int { Int(bytes.bigEndianUInt16(at: 4)) }
    @inlinable public var totalBytes: Int { IPv6Header.byteCount + payloadBytes }
    @inlinable public var nextHeader: IPProtocol { IPProtocol(rawValue: bytes.uint8(at: 6)) }
    @inlinable public var hopLimit: UInt8 { bytes.uint8(at: 7) }
    @inlinable public var source: IPv6Address { bytes.ipv6Address(at: 8) }
    @inlinable public var destination: IPv6Address { bytes.ipv6Address(at: 24) }

    /// What follows the header, extension headers too, without padding behind it.
    @inlinable
    public var payload: RawSpan {
        @_lifetime(copy self) get { bytes.extracting(IPv6Header.byteCount..<totalBytes) }
    }
}
