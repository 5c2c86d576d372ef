// The IPv4 header (RFC 791 §3.1), read in place.
//
//    0               1               2               3
//   +-------+-------+---------------+-------------------------------+
//   |Version|  IHL  |  DSCP   | ECN |         Total length          |  0
//   +-------+-------+---------------+-----+-------------------------+
//   |        Identification         |R D M|     Fragment offset     |  4
//   +---------------+---------------+-----+-------------------------+
//   | Time to live  |   Protocol    |        Header checksum        |  8
//   +---------------+---------------+-------------------------------+
//   |                        Source address                         | 12
//   +---------------------------------------------------------------+
//   |                      Destination address                      | 16
//   +---------------------------------------------------------------+
//   |                    Options, to 4 * IHL bytes                  | 20

/// An IPv4 packet whose lengths were checked: no accessor traps, header and payload lie inside.
public struct IPv4View: ~Escapable {
    /// From the header's first byte; may go on beyond the packet (padding).
    public let bytes: RawSpan

    /// Checks version, header length and total length. Doesn't look at the header checksum.
    @inlinable @inline(__always)
    @_lifetime(copy bytes)
    public init(_ bytes: RawSpan) throws(PacketError) {
        guard bytes.byteCount >= IPv4Header.minimumByteCount else { throw .tooShort }
        let first = bytes.uint8(at: 0)
        guard first >> 4 == 4 else { throw .badVersion }
        let headerBytes = Int(first & 0xF) * 4
        guard headerBytes >= IPv4Header.minimumByteCount else { throw .badHeaderLength }
        let totalBytes = Int(bytes.bigEndianUInt16(at: 2))
        guard totalBytes >= headerBytes, totalBytes <= bytes.byteCount else {
            throw .badTotalLength
        }
        self.bytes = bytes
    }

    @inlinable public var headerBytes: Int { Int(bytes.uint8(at: 0) & 0xF) * 4 }
    /// DSCP in the upper six bits, ECN in the lower two.
    @inlinable public var trafficClass: UInt8 { bytes.uint8(at: 1) }
    @inlinable public var totalBytes: Int { Int(bytes.bigEndianUInt16(at: 2)) }
    @inlinable public var identification: UInt16 { bytes.bigEndianUInt16(at: 4) }
    @inlinable var fragmentWord: UInt16 { bytes.bigEndianUInt16(at: 6) }
    @inlinable public var dontFragment: Bool { fragmentWord & 0x4000 != 0 }
    @inlinable public var moreFragments: Bool { fragmentWord & 0x2000 != 0 }
    /// In bytes, a multiple of 8.
    @inlinable public var fragmentOffset: Int { Int(fragmentWord & 0x1FFF) * 8 }
    @inlinable public var isFragment: Bool { fragmentWord & 0x3FFF != 0 }
    @inlinable public var timeToLive: UInt8 { bytes.uint8(at: 8) }
    @inlinable public var ipProtocol: IPProtocol { IPProtocol(rawValue: bytes.uint8(at: 9)) }
    @inlinable public var checksum: UInt16 { bytes.bigEndianUInt16(at: 10) }
    @inlinable public var source: IPv4Address { bytes.ipv4Address(at: 12) }
    @inlinable public var destination: IPv4Address { bytes.ipv4Address(at: 16) }
    @inlinable public var payloadBytes: Int { totalBytes - headerBytes }

    /// Whether the header's checksum is right.
    @inlinable
    public var checksumIsValid: Bool {
        // RFC 791 §3.1: the sum over a header with a right checksum is all ones.
        var sum = InternetChecksum.words(bytes.bigEndianUInt64(at: 0))
        sum &+= InternetChecksum.words(bytes.bigEndianUInt64(at: 8))
        var offset = 16
        let end = headerBytes
        while offset < end {
            let word = bytes.bigEndianUInt32(at: offset)
            sum &+= (word >> 16) &+ (word & 0xFFFF)
            offset &+= 4
        }
        return InternetChecksum.folded(sum) == 0xFFFF
    }

    /// The options' bytes, padding included.
    @inlinable
    public var options: RawSpan {
        @_lifetime(copy self) get {
            bytes.extracting(IPv4Header.minimumByteCount..<headerBytes)
        }
    }

    /// What the packet carries, without padding behind it.
    @inlinable
    public var payload: RawSpan {
        @_lifetime(copy self) get { bytes.extracting(headerBytes..<totalBytes) }
    }
}
