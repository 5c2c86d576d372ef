// TCP options (RFC 9293 §3.2): a walk over them, and the few that a middle box reads or writes.
//
//   0 end of list | 1 no operation | else: kind 1 | length 1 (of all three) | data
//   2 maximum segment size 2 | 3 window scale 1 (RFC 7323) | 4 SACK permitted (RFC 2018)
//   5 SACK blocks 8 each | 8 timestamps: value 4, echo 4 (RFC 7323)

/// One option: its kind, and where its data lies within the options.
public struct TCPOption: Hashable, Sendable, BitwiseCopyable {
    public static let endOfList: UInt8 = 0
    public static let noOperation: UInt8 = 1
    public static let maximumSegmentSize: UInt8 = 2
    public static let windowScale: UInt8 = 3
    public static let selectiveAcknowledgmentPermitted: UInt8 = 4
    public static let selectiveAcknowledgment: UInt8 = 5
    public static let timestamps: UInt8 = 8

    public var kind: UInt8
    public var dataStart: Int
    public var dataBytes: Int
}

/// Walks the options of one header. Ends at the end-of-list option or the last byte.
public struct TCPOptionWalk: ~Escapable {
    let options: RawSpan
    var offset = 0

    @_lifetime(copy options)
    public init(_ options: RawSpan) { self.options = options }

    /// The next option but padding; nil at the end; `badOptions` if a length is impossible.
    @_lifetime(self: copy self)
    public mutating func next() throws(PacketError) -> TCPOption? {
        while offset < options.byteCount {
            let kind = options.uint8(at: offset)
            if kind == TCPOption.endOfList { break }
            if kind == TCPOption.noOperation {
                offset += 1
                continue
            }
            guard offset + 2 <= options.byteCount else { throw .badOptions }
            let length = Int(options.uint8(at: offset + 1))
            guard length >= 2, offset + length <= options.byteCount else { throw .badOptions }
            let option = TCPOption(kind: kind, dataStart: offset + 2, dataBytes: length - 2)
            offset += length
            return option
        }
        offset = options.byteCount
        return nil
    }
}

/// What a segment's options say, as far as connections are tracked by them.
public struct TCPOptions: Hashable, Sendable, BitwiseCopyable {
    public var maximumSegmentSize: UInt16?
    /// 0 to 14.
    public var windowScale: UInt8?
    public var selectiveAcknowledgmentPermitted = false
    public var timestampValue: UInt32?
    public var timestampEcho: UInt32?

    public init() {}

    /// Reads the options' bytes. Unknown kinds are skipped; a known kind with a wrong length is
    /// `badOptions`; of two of a kind the last counts.
    public static func parse(_ options: RawSpan) throws(PacketError) -> TCPOptions {
        var result = TCPOptions()
        var walk = TCPOptionWalk(options)
        while let option = try walk.next() {
            try result.read(option, options)
        }
        return result
    }

    private mutating func read(_ option: TCPOption, _ options: RawSpan) throws(PacketError) {
        let start = option.dataStart
        switch (option.kind, option.dataBytes) {
        case (TCPOption.maximumSegmentSize, 2):
            maximumSegmentSize = options.bigEndianUInt16(at: start)
        case (TCPOption.windowScale, 1):
            // RFC 7323 §2.3: a shift above 14 is taken as 14.
            windowScale = min(options.uint8(at: start), 14)
        case (TCPOption.selectiveAcknowledgmentPermitted, 0):
            selectiveAcknowledgmentPermitted = true
        case (TCPOption.timestamps, 8):
            timestampValue = options.bigEndianUInt32(at: start)
            timestampEcho = options.bigEndianUInt32(at: start + 4)
        case (TCPOption.maximumSegmentSize...TCPOption.selectiveAcknowledgmentPermitted, _),
            (TCPOption.timestamps, _):
            throw .badOptions
        default:
            break
        }
    }

    /// Bytes that `write` fills: a multiple of 4, at most 20.
    public var byteCount: Int {
        (maximumSegmentSize == nil ? 0 : 4) + (windowScale == nil ? 0 : 4)
            + (selectiveAcknowledgmentPermitted ? 4 : 0) + (timestampValue == nil ? 0 : 12)
    }

    /// Writes the options from `start` on, each padded in front with no-operations to 4 bytes.
    public func write(to bytes: inout MutableRawSpan, at start: Int) {
        var offset = start
        if let maximumSegmentSize {
            bytes.store(bigEndian: 0x0204_0000 | UInt32(maximumSegmentSize), at: offset)
            offset += 4
        }
        if selectiveAcknowledgmentPermitted {
            bytes.store(bigEndian: 0x0101_0402 as UInt32, at: offset)
            offset += 4
        }
        if let timestampValue {
            bytes.store(bigEndian: 0x0101_080A as UInt32, at: offset)
            bytes.store(bigEndian: timestampValue, at: offset + 4)
            bytes.store(bigEndian: timestampEcho ?? 0, at: offset + 8)
            offset += 12
        }
        if let windowScale {
            bytes.store(bigEndian: 0x0103_0300 | UInt32(windowScale), at: offset)
        }
    }
}
