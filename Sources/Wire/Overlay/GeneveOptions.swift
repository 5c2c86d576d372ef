// Geneve options (RFC 8926 §3.5): a walk over any, and the header of one.
//
//    0               1               2               3
//   +-------------------------------+-+-------------+-----+---------+
//   |         Option class          |C|    Type     |Rsvd | Length  |  0
//   +-------------------------------+-+-------------+-----+---------+
//   |                  Data, 4 * Length bytes                       |  4

/// One option: class, type with the critical bit, and where its data lies.
public struct GeneveOption: Hashable, Sendable, BitwiseCopyable {
    public static let headerBytes = 4

    public var optionClass: UInt16
    /// The high bit says that the option is critical.
    public var type: UInt8
    /// From the first byte of the options.
    public var dataStart: Int
    /// 0 to 124, a multiple of 4.
    public var dataBytes: Int

    public init(optionClass: UInt16, type: UInt8, dataStart: Int, dataBytes: Int) {
        self.optionClass = optionClass
        self.type = type
        self.dataStart = dataStart
        self.dataBytes = dataBytes
    }

    public var isCritical: Bool { type & 0x80 != 0 }

    /// Writes the option's header just before its data.
    public func writeHeader(to options: inout MutableRawSpan) {
        precondition(dataBytes >= 0 && dataBytes <= 124 && dataBytes & 3 == 0)
        let start = dataStart - GeneveOption.headerBytes
        options.store(bigEndian: optionClass, at: start)
        options.store(type, at: start + 2)
        options.store(UInt8(dataBytes >> 2), at: start + 3)
    }
}

/// Walks the options of one header, from the first to the last.
public struct GeneveOptionWalk: ~Escapable {
    let options: RawSpan
    var offset = 0

    /// `options` are exactly the bytes that the base header states.
    @_lifetime(copy options)
    public init(_ options: RawSpan) { self.options = options }

    /// The next option, nil at the end.
    // RFC 8926 §3.5 (lengths): options whose lengths don't add up to the header's are dropped.
    @_lifetime(self: copy self)
    public mutating func next() throws(OverlayError) -> GeneveOption? {
        guard offset < options.byteCount else { return nil }
        let dataStart = offset + GeneveOption.headerBytes
        guard dataStart <= options.byteCount else { throw .optionLengthMismatch }
        let dataBytes = Int(options.uint8(at: offset + 3) & 0x1F) * 4
        guard dataStart + dataBytes <= options.byteCount else { throw .optionLengthMismatch }
        let option = GeneveOption(
            optionClass: options.bigEndianUInt16(at: offset), type: options.uint8(at: offset + 2),
            dataStart: dataStart, dataBytes: dataBytes)
        offset = dataStart + dataBytes
        return option
    }
}
