// Why an encapsulated datagram was refused: one name per defect, each with its own counter.

/// A defect of the encapsulation. The receiver drops the datagram and counts it under this name.
public enum OverlayError: UInt8, Error, CaseIterable, Sendable, BitwiseCopyable {
    /// Fewer bytes than the base header and the option length it states.
    case tooShort
    /// A version that isn't 0 (RFC 8926 §3.4).
    case badVersion
    /// The O bit: a control packet, whose payload is not to be forwarded.
    case controlPacket
    /// The options' lengths don't add up to the header's option length (RFC 8926 §3.5).
    case optionLengthMismatch
    /// A critical option that this reader doesn't know.
    case unknownCriticalOption
    /// A critical option in a header whose C bit is clear.
    case criticalBitMissing
    /// A known option with a length that isn't its own.
    case badOptionLength
    /// A known option that stands twice.
    case duplicateOption
    /// The first option isn't `steering`.
    case steeringMissing
    /// The steering marks have bits that this version doesn't know.
    case unknownMarks
    /// The protocol type is neither IPv4 nor IPv6.
    case badProtocolType
    /// The inner packet's version nibble contradicts the protocol type.
    case innerVersionMismatch
    /// What a collector says of a fragment, without who sent that.
    case originMissing
    /// VXLAN without the I bit (RFC 7348 §5).
    case vniMissing
}
