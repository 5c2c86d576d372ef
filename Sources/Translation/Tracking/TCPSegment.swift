// A TCP segment as the tracker sees it: numbers, flags and length, nothing of its bytes.

public import Wire

/// One segment. Made from a summary of kind `tcp`, or of a first fragment of TCP.
public struct TCPSegment: Hashable, Sendable, BitwiseCopyable {
    public var flags: TCPFlags
    public var numbers: TCPNumbers
    /// Bytes of data.
    public var payloadBytes: UInt32
    /// The rest of it comes in later fragments, so that its end isn't known.
    public var isPartial: Bool

    @inlinable
    public init(
        flags: TCPFlags, numbers: TCPNumbers, payloadBytes: UInt32 = 0, isPartial: Bool = false
    ) {
        self.flags = flags
        self.numbers = numbers
        self.payloadBytes = payloadBytes
        self.isPartial = isPartial
    }

    @inlinable
    public init(_ summary: PacketSummary) {
        flags = summary.tcpFlags
        numbers = summary.tcp
        payloadBytes = UInt32(truncatingIfNeeded: summary.payloadBytes)
        isPartial = summary.kind == .fragment
    }

    @inlinable var sequence: UInt32 { numbers.sequence }
    @inlinable var acknowledgment: UInt32 { numbers.acknowledgment }

    /// The segment's length in sequence space: SYN and FIN count as one each.
    @inlinable
    var length: UInt32 {
        payloadBytes &+ UInt32(flags.rawValue & 1) &+ UInt32(flags.rawValue &>> 1 & 1)
    }

    /// The number that follows the segment.
    @inlinable var end: UInt32 { numbers.sequence &+ length }
}

/// The numbers of an RST, for the engine to put in a segment.
public struct TCPReset: Hashable, Sendable, BitwiseCopyable {
    public var sequence: UInt32
    /// Nil: the RST has no ACK.
    public var acknowledgment: UInt32?

    @inlinable
    public init(sequence: UInt32, acknowledgment: UInt32?) {
        self.sequence = sequence
        self.acknowledgment = acknowledgment
    }

    /// The answer to a segment that belongs to no connection; nil for an RST, which has none.
    // RFC 9293 §3.10.7.1.
    public init?(answering segment: TCPSegment) {
        if segment.flags.contains(.rst) { return nil }
        if segment.flags.contains(.ack) {
            self.init(sequence: segment.acknowledgment, acknowledgment: nil)
        } else {
            self.init(sequence: 0, acknowledgment: segment.end)
        }
    }

    @inlinable public var flags: TCPFlags { acknowledgment == nil ? .rst : [.rst, .ack] }
}

extension UInt32 {
    /// How far this number lies after another on the circle of sequence numbers, negative if
    /// before (RFC 9293 §3.4).
    @inlinable @inline(__always)
    func past(_ other: UInt32) -> Int { Int(Int32(bitPattern: self &- other)) }

    /// The later of the two.
    @inlinable @inline(__always)
    func latest(_ other: UInt32) -> UInt32 { past(other) >= 0 ? self : other }
}
