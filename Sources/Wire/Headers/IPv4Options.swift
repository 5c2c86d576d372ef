// IPv4 options (RFC 791 §3.1): a walk over them. They pass through translation untouched, but for
// those by which a sender chooses the route.
//
//   0 end of list | 1 no operation | else: type 1 | length 1 (of all three) | data

/// One option: its type byte, and where its data lies within the options.
public struct IPv4Option: Hashable, Sendable, BitwiseCopyable {
    public static let endOfList: UInt8 = 0
    public static let noOperation: UInt8 = 1
    public static let looseSourceRoute: UInt8 = 131
    public static let strictSourceRoute: UInt8 = 137
    public static let routerAlert: UInt8 = 148

    public var type: UInt8
    public var dataStart: Int
    public var dataBytes: Int
}

/// Walks the options of one header. Ends at the end-of-list option or the last byte.
public struct IPv4OptionWalk: ~Escapable {
    let options: RawSpan
    var offset = 0

    @_lifetime(copy options)
    public init(_ options: RawSpan) { self.options = options }

    /// The next option but padding; nil at the end; `badOptions` if a length is impossible.
    @_lifetime(self: copy self)
    public mutating func next() throws(PacketError) -> IPv4Option? {
        while offset < options.byteCount {
            let type = options.uint8(at: offset)
            if type == IPv4Option.endOfList { break }
            if type == IPv4Option.noOperation {
                offset += 1
                continue
            }
            guard offset + 2 <= options.byteCount else { throw .badOptions }
            let length = Int(options.uint8(at: offset + 1))
            guard length >= 2, offset + length <= options.byteCount else { throw .badOptions }
            let option = IPv4Option(type: type, dataStart: offset + 2, dataBytes: length - 2)
            offset += length
            return option
        }
        offset = options.byteCount
        return nil
    }

    /// Checks all options of a header: lengths, and that none chooses the route.
    // RFC 7126 §4.3, §4.4: packets with LSRR or SSRR are dropped.
    public static func check(_ options: RawSpan) throws(PacketError) {
        var walk = IPv4OptionWalk(options)
        while let option = try walk.next() {
            if option.type == IPv4Option.looseSourceRoute
                || option.type == IPv4Option.strictSourceRoute
            {
                throw .sourceRoute
            }
        }
    }
}
