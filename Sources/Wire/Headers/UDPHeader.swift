// The UDP header (RFC 768), read in place and as a value.
//
//    0               1               2               3
//   +-------------------------------+-------------------------------+
//   |          Source port          |       Destination port        |  0
//   +-------------------------------+-------------------------------+
//   |            Length             |           Checksum            |  4
//   +-------------------------------+-------------------------------+

/// A UDP datagram whose length was checked: no accessor traps.
public struct UDPView: ~Escapable {
    public let bytes: RawSpan

    /// Checks the length field: at least 8, and inside `payload`, which ends where the IP payload
    /// ends.
    @inlinable @inline(__always)
    @_lifetime(copy payload)
    public init(_ payload: RawSpan) throws(PacketError) {
        guard payload.byteCount >= UDPHeader.byteCount else { throw .badTransportHeader }
        let length = Int(payload.bigEndianUInt16(at: 4))
        guard length >= UDPHeader.byteCount, length <= payload.byteCount else {
            throw .udpLengthMismatch
        }
        bytes = payload
    }

    @inlinable public var sourcePort: Port { Port(bytes.bigEndianUInt16(at: 0)) }
    @inlinable public var destinationPort: Port { Port(bytes.bigEndianUInt16(at: 2)) }
    /// Header and data.
    @inlinable public var length: Int { Int(bytes.bigEndianUInt16(at: 4)) }
    @inlinable public var checksum: UInt16 { bytes.bigEndianUInt16(at: 6) }
}

/// What a UDP header says.
public struct UDPHeader: Hashable, Sendable, BitwiseCopyable {
    public static let byteCount = 8

    public var sourcePort: Port
    public var destinationPort: Port
    /// Header and data.
    public var length: UInt16
    /// 0: the sender made none.
    public var checksum: UInt16 = 0

    public init(sourcePort: Port, destinationPort: Port, payloadBytes: Int) {
        self.sourcePort = sourcePort
        self.destinationPort = destinationPort
        length = UInt16(UDPHeader.byteCount + payloadBytes)
    }

    /// Reads a checked view.
    public init(_ view: borrowing UDPView) {
        sourcePort = view.sourcePort
        destinationPort = view.destinationPort
        length = UInt16(view.length)
        checksum = view.checksum
    }

    /// Reads the header at the start of an IP payload.
    public static func parse(_ payload: RawSpan) throws(PacketError) -> UDPHeader {
        UDPHeader(try UDPView(payload))
    }

    /// Writes the header at offset 0, the checksum as it stands in the value;
    /// `TransportChecksum.fill` computes it. `bytes` has at least 8.
    public func write(to bytes: inout MutableRawSpan) {
        bytes.store(bigEndian: sourcePort.rawValue, at: 0)
        bytes.store(bigEndian: destinationPort.rawValue, at: 2)
        bytes.store(bigEndian: length, at: 4)
        bytes.store(bigEndian: checksum, at: 6)
    }
}
