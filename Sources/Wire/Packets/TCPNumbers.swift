// The numbers of a TCP header that a middle box tracks windows by, and the two options that bear
// on them: window scale (RFC 7323 §2.2) and selective acknowledgments (RFC 2018 §3).

/// What one segment says of sequence space. 16 bytes, all zero for what isn't TCP.
public struct TCPNumbers: Hashable, Sendable, BitwiseCopyable {
    public var sequence: UInt32 = 0
    public var acknowledgment: UInt32 = 0
    /// The highest edge of all that the segment acknowledges: of its SACK blocks, or the
    /// acknowledgment.
    public var acknowledgedEdge: UInt32 = 0
    /// As it stands in the header, not scaled.
    public var window: UInt16 = 0
    @usableFromInline var scaleByte: UInt8 = 0

    /// The shift that a SYN offers, 0 to 14. Nil if it offers none, and for all other segments.
    @inlinable
    public var windowScale: UInt8? { scaleByte == 0 ? nil : scaleByte &- 1 }

    @inlinable
    public init(
        sequence: UInt32 = 0, acknowledgment: UInt32 = 0, acknowledgedEdge: UInt32? = nil,
        window: UInt16 = 0, windowScale: UInt8? = nil
    ) {
        self.sequence = sequence
        self.acknowledgment = acknowledgment
        self.acknowledgedEdge = acknowledgedEdge ?? acknowledgment
        self.window = window
        // RFC 7323 §2.3: a shift above 14 is taken as 14.
        scaleByte = windowScale.map { min($0, 14) + 1 } ?? 0
    }

    @inline(__always)
    init(_ segment: borrowing TCPView) {
        self.init(
            sequence: segment.sequenceNumber, acknowledgment: segment.acknowledgmentNumber,
            window: segment.window)
        if segment.headerBytes > TCPHeader.minimumByteCount { readOptions(segment) }
    }

    /// Most segments carry timestamps and nothing else, in the layout of RFC 7323, appendix A.
    private static let onlyTimestamps: UInt32 = 0x0101_080A

    private mutating func readOptions(_ segment: borrowing TCPView) {
        let options = segment.options
        if options.byteCount == 12, options.bigEndianUInt32(at: 0) == Self.onlyTimestamps {
            return
        }
        var walk = TCPOptionWalk(options)
        // Behind an impossible length nothing is an option. The receiver may think otherwise, so
        // the segment is not refused for it.
        while let option = try? walk.next() {
            switch option.kind {
            case TCPOption.windowScale where segment.flags.contains(.syn):
                guard option.dataBytes == 1 else { break }
                scaleByte = min(options.uint8(at: option.dataStart), 14) + 1
            case TCPOption.selectiveAcknowledgment:
                readBlocks(options, option)
            default: break
            }
        }
    }

    // RFC 2883 §4: a first block may lie below the acknowledgment; it raises nothing.
    private mutating func readBlocks(_ options: RawSpan, _ option: TCPOption) {
        var end = 8
        while end <= option.dataBytes {
            let edge = options.bigEndianUInt32(at: option.dataStart + end - 4)
            if Int32(bitPattern: edge &- acknowledgedEdge) > 0 { acknowledgedEdge = edge }
            end += 8
        }
    }
}
