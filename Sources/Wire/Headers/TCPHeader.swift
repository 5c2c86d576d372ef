// The TCP header (RFC 9293 §3.1), read in place and as a value.
//
//    0               1               2               3
//   +-------------------------------+-------------------------------+
//   |          Source port          |       Destination port        |  0
//   +-------------------------------+-------------------------------+
//   |                        Sequence number                        |  4
//   +---------------------------------------------------------------+
//   |                     Acknowledgment number                     |  8
//   +-------+-------+---------------+-------------------------------+
//   |Offset |  Rsvd |     Flags     |            Window             | 12
//   +-------+-------+---------------+-------------------------------+
//   |           Checksum            |        Urgent pointer         | 16
//   +-------------------------------+-------------------------------+
//   |                 Options, to 4 * Offset bytes                  | 20

/// The eight control bits of a TCP segment, as they stand in byte 13.
public struct TCPFlags: OptionSet, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt8
    @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

    @inlinable public static var fin: Self { Self(rawValue: 0x01) }
    @inlinable public static var syn: Self { Self(rawValue: 0x02) }
    @inlinable public static var rst: Self { Self(rawValue: 0x04) }
    @inlinable public static var psh: Self { Self(rawValue: 0x08) }
    @inlinable public static var ack: Self { Self(rawValue: 0x10) }
    @inlinable public static var urg: Self { Self(rawValue: 0x20) }
    @inlinable public static var ece: Self { Self(rawValue: 0x40) }
    @inlinable public static var cwr: Self { Self(rawValue: 0x80) }
}

/// A TCP segment whose header lies inside the bytes: no accessor traps.
public struct TCPView: ~Escapable {
    /// The whole segment, header first, nothing behind it.
    public let bytes: RawSpan

    /// Checks the data offset against the segment. `segment` ends where the IP payload ends.
    @inlinable @inline(__always)
    @_lifetime(copy segment)
    public init(_ segment: RawSpan) throws(PacketError) {
        guard segment.byteCount >= TCPHeader.minimumByteCount else { throw .badTransportHeader }
        let headerBytes = Int(segment.uint8(at: 12) >> 4) * 4
        guard headerBytes >= TCPHeader.minimumByteCount, headerBytes <= segment.byteCount else {
            throw .badTransportHeader
        }
        bytes = segment
    }

    @inlinable public var sourcePort: Port { Port(bytes.bigEndianUInt16(at: 0)) }
    @inlinable public var destinationPort: Port { Port(bytes.bigEndianUInt16(at: 2)) }
    @inlinable public var sequenceNumber: UInt32 { bytes.bigEndianUInt32(at: 4) }
    @inlinable public var acknowledgmentNumber: UInt32 { bytes.bigEndianUInt32(at: 8) }
    @inlinable public var headerBytes: Int { Int(bytes.uint8(at: 12) >> 4) * 4 }
    @inlinable public var reservedBits: UInt8 { bytes.uint8(at: 12) & 0xF }
    @inlinable public var flags: TCPFlags { TCPFlags(rawValue: bytes.uint8(at: 13)) }
    @inlinable public var window: UInt16 { bytes.bigEndianUInt16(at: 14) }
    @inlinable public var checksum: UInt16 { bytes.bigEndianUInt16(at: 16) }
    @inlinable public var urgentPointer: UInt16 { bytes.bigEndianUInt16(at: 18) }

    /// The options' bytes, padding included.
    @inlinable
    public var options: RawSpan {
        @_lifetime(copy self) get {
            bytes.extracting(TCPHeader.minimumByteCount..<headerBytes)
        }
    }
}

/// What a TCP header says. Options are kept apart, as bytes in the packet.
public struct TCPHeader: Hashable, Sendable, BitwiseCopyable {
    public static let minimumByteCount = 20
    public static let maximumByteCount = 60

    public var sourcePort: Port
    public var destinationPort: Port
    public var sequenceNumber: UInt32 = 0
    public var acknowledgmentNumber: UInt32 = 0
    /// 20 to 60, a multiple of 4.
    public var headerBytes: UInt8 = 20
    /// Four bits, kept as they came: the lowest is AE (RFC 9768).
    public var reservedBits: UInt8 = 0
    public var flags: TCPFlags
    public var window: UInt16 = 65535
    public var checksum: UInt16 = 0
    public var urgentPointer: UInt16 = 0

    public init(sourcePort: Port, destinationPort: Port, flags: TCPFlags) {
        self.sourcePort = sourcePort
        self.destinationPort = destinationPort
        self.flags = flags
    }

    /// Reads a checked view.
    public init(_ view: borrowing TCPView) {
        sourcePort = view.sourcePort
        destinationPort = view.destinationPort
        sequenceNumber = view.sequenceNumber
        acknowledgmentNumber = view.acknowledgmentNumber
        headerBytes = UInt8(view.headerBytes)
        reservedBits = view.reservedBits
        flags = view.flags
        window = view.window
        checksum = view.checksum
        urgentPointer = view.urgentPointer
    }

    /// Reads the header at the start of a segment.
    public static func parse(_ segment: RawSpan) throws(PacketError) -> TCPHeader {
        TCPHeader(try TCPView(segment))
    }

    /// Writes the header at offset 0, the checksum as it stands in the value;
    /// `TransportChecksum.fill` computes it. `bytes` has at least `headerBytes` bytes.
    public func write(to bytes: inout MutableRawSpan) {
        precondition(headerBytes & 3 == 0 && headerBytes >= 20 && headerBytes <= 60)
        bytes.store(bigEndian: sourcePort.rawValue, at: 0)
        bytes.store(bigEndian: destinationPort.rawValue, at: 2)
        bytes.store(bigEndian: sequenceNumber, at: 4)
        bytes.store(bigEndian: acknowledgmentNumber, at: 8)
        bytes.store(headerBytes << 2 | reservedBits & 0xF, at: 12)
        bytes.store(flags.rawValue, at: 13)
        bytes.store(bigEndian: window, at: 14)
        bytes.store(bigEndian: checksum, at: 16)
        bytes.store(bigEndian: urgentPointer, at: 18)
    }
}
