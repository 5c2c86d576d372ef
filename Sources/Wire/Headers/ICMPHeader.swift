// The ICMP and ICMPv6 header (RFC 792, RFC 4443 §2.1), read in place and as a value.
//
//    0               1               2               3
//   +---------------+---------------+-------------------------------+
//   |     Type      |     Code      |           Checksum            |  0
//   +---------------+---------------+-------------------------------+
//   |  queries: identifier 2, sequence number 2; errors: by type    |  4
//   +---------------------------------------------------------------+
//   |   queries: data; errors: the packet that caused it, cut off   |  8

/// What a message's type makes of it.
public enum ICMPClass: UInt8, Sendable, BitwiseCopyable {
    /// Asks for an answer with the same identifier.
    case request
    /// The answer.
    case reply
    /// Carries the packet that caused it.
    case error
    case other
}

/// An ICMP or ICMPv6 message of at least 8 bytes: no accessor traps.
public struct ICMPView: ~Escapable {
    public let bytes: RawSpan

    @inlinable @inline(__always)
    @_lifetime(copy message)
    public init(_ message: RawSpan) throws(PacketError) {
        guard message.byteCount >= ICMPHeader.byteCount else { throw .badTransportHeader }
        bytes = message
    }

    @inlinable public var type: UInt8 { bytes.uint8(at: 0) }
    @inlinable public var code: UInt8 { bytes.uint8(at: 1) }
    @inlinable public var checksum: UInt16 { bytes.bigEndianUInt16(at: 2) }
    /// Bytes 4-7, whose meaning depends on the type.
    @inlinable public var rest: UInt32 { bytes.bigEndianUInt32(at: 4) }
    @inlinable public var identifier: Port { Port(bytes.bigEndianUInt16(at: 4)) }
    @inlinable public var sequenceNumber: UInt16 { bytes.bigEndianUInt16(at: 6) }
}

/// What an ICMP or ICMPv6 header says.
public struct ICMPHeader: Hashable, Sendable, BitwiseCopyable {
    public static let byteCount = 8

    public var type: UInt8
    public var code: UInt8 = 0
    public var checksum: UInt16 = 0
    /// Bytes 4-7: identifier and sequence number, or the MTU, or a pointer, by type.
    public var rest: UInt32 = 0

    public init(type: UInt8, code: UInt8 = 0, rest: UInt32 = 0) {
        self.type = type
        self.code = code
        self.rest = rest
    }

    /// A query or its answer.
    public init(type: UInt8, identifier: Port, sequenceNumber: UInt16) {
        self.type = type
        rest = UInt32(identifier.rawValue) << 16 | UInt32(sequenceNumber)
    }

    public init(_ view: borrowing ICMPView) {
        type = view.type
        code = view.code
        checksum = view.checksum
        rest = view.rest
    }

    public var identifier: Port { Port(UInt16(rest >> 16)) }
    public var sequenceNumber: UInt16 { UInt16(rest & 0xFFFF) }

    /// Reads the header at the start of a message.
    public static func parse(_ message: RawSpan) throws(PacketError) -> ICMPHeader {
        ICMPHeader(try ICMPView(message))
    }

    /// Writes the header at offset 0, the checksum as it stands in the value;
    /// `TransportChecksum.fill` computes it. `bytes` has at least 8.
    public func write(to bytes: inout MutableRawSpan) {
        bytes.store(type, at: 0)
        bytes.store(code, at: 1)
        bytes.store(bigEndian: checksum, at: 2)
        bytes.store(bigEndian: rest, at: 4)
    }
}

/// ICMP's type numbers (RFC 792, RFC 6918).
public enum ICMPType {
    public static let echoReply: UInt8 = 0
    public static let destinationUnreachable: UInt8 = 3
    public static let echoRequest: UInt8 = 8
    public static let timeExceeded: UInt8 = 11
    public static let parameterProblem: UInt8 = 12
    public static let timestampRequest: UInt8 = 13
    public static let timestampReply: UInt8 = 14

    /// Redirect and the deprecated source quench are `other`: neither crosses a translator.
    @inlinable
    public static func classify(_ type: UInt8) -> ICMPClass {
        switch type {
        case echoRequest, timestampRequest: .request
        case echoReply, timestampReply: .reply
        // RFC 5508 §7 REQ-10, RFC 4787 §9 REQ-12 (b), RFC 5382 §7.3 REQ-9.
        case destinationUnreachable, timeExceeded, parameterProblem: .error
        // RFC 5508 §8 REQ-11.
        default: .other
        }
    }
}

/// ICMPv6's type numbers (RFC 4443).
public enum ICMPv6Type {
    public static let destinationUnreachable: UInt8 = 1
    public static let packetTooBig: UInt8 = 2
    public static let timeExceeded: UInt8 = 3
    public static let parameterProblem: UInt8 = 4
    public static let echoRequest: UInt8 = 128
    public static let echoReply: UInt8 = 129

    @inlinable
    public static func classify(_ type: UInt8) -> ICMPClass {
        switch type {
        case echoRequest: .request
        case echoReply: .reply
        case destinationUnreachable, packetTooBig, timeExceeded, parameterProblem: .error
        default: .other
        }
    }
}
