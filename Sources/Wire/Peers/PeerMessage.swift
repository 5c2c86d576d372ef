// One message of a batch's stream, and how messages stand in it: one after the other, to the end of
// the contents.
//
//    0  type             1    see PeerMessageType; 0x80 set: may be skipped by whoever doesn't know it
//    1  reserved, zero   1
//    2  body length      2    longer in later versions, which a reader skips
//    4  body
//
// A message of an unknown type without 0x80 refuses its whole batch: what comes after it in the
// stream may build on it. So a newer release sends such types only to peers whose version has them.

/// What a message is.
public enum PeerMessageType: UInt8, Sendable, BitwiseCopyable, CaseIterable {
    case loanRequest = 1
    case loanGrant = 2
    case loanNone = 3
    case loanClosed = 4
    /// Entries of buckets that the sender leads: an `EntriesContext`, then each after its head.
    case entries = 40
    /// A `MarksContext`, then a `BucketMark` for each bucket.
    case acknowledged = 41
    case committed = 42

    /// Set in types that a receiver may skip.
    public static let optionalBit: UInt8 = 0x80
}

/// Why a batch's contents were refused: all of them, and nothing of them was taken.
public enum PeerMessageError: UInt8, Error, CaseIterable, Sendable, BitwiseCopyable {
    /// A message, or its head, reaches beyond the contents.
    case truncated
    /// A type that this release doesn't know and must not skip.
    case unknownType
    /// A body shorter than its type's.
    case badLength
    /// A field has a value that no sender writes.
    case badValue
}

/// A message, whichever it is.
public enum PeerMessage: Hashable, Sendable, BitwiseCopyable {
    case loanRequest(LoanRequest)
    case loanGrant(LoanGrant)
    case loanNone(LoanNone)
    case loanClosed(LoanClosed)

    /// Of type and length.
    public static let headBytes = 4
    /// Longest message that this release writes, head counted.
    public static let maximumBytes = headBytes + LoanGrant.byteCount

    public var type: PeerMessageType {
        switch self {
        case .loanRequest: .loanRequest
        case .loanGrant: .loanGrant
        case .loanNone: .loanNone
        case .loanClosed: .loanClosed
        }
    }

    /// On the wire, head counted.
    public var byteCount: Int {
        switch self {
        case .loanRequest: Self.headBytes + LoanRequest.byteCount
        case .loanGrant: Self.headBytes + LoanGrant.byteCount
        case .loanNone: Self.headBytes + LoanNone.byteCount
        case .loanClosed: Self.headBytes + LoanClosed.byteCount
        }
    }

    /// The message of this head, which must be of the loans' family.
    public static func parse(
        _ bytes: RawSpan, _ head: PeerMessageHead
    ) throws(PeerMessageError) -> PeerMessage {
        let body = head.body.lowerBound
        let length = head.body.count
        switch PeerMessageType(rawValue: head.type) {
        case .loanRequest:
            return .loanRequest(try LoanRequest.parse(bytes, at: body, length: length))
        case .loanGrant:
            return .loanGrant(try LoanGrant.parse(bytes, at: body, length: length))
        case .loanNone:
            return .loanNone(try LoanNone.parse(bytes, at: body, length: length))
        case .loanClosed:
            return .loanClosed(try LoanClosed.parse(bytes, at: body, length: length))
        case .entries, .acknowledged, .committed, nil: throw .unknownType
        }
    }

    /// The message at `offset`, and where the next one stands; nil for one that is no loan's.
    public static func parse(
        _ bytes: RawSpan, at offset: Int
    ) throws(PeerMessageError) -> (message: PeerMessage?, next: Int) {
        let head = try PeerMessageHead.parse(bytes, at: offset)
        guard head.family == .loans else {
            try head.check(bytes)
            return (nil, head.body.upperBound)
        }
        return (try parse(bytes, head), head.body.upperBound)
    }

    /// Checks that messages fill `bytes` from `offset` to the end, each of them whole.
    public static func check(_ bytes: RawSpan, from offset: Int) throws(PeerMessageError) {
        var offset = offset
        while offset < bytes.byteCount {
            let head = try PeerMessageHead.parse(bytes, at: offset)
            try head.check(bytes)
            offset = head.body.upperBound
        }
    }

    /// Writes `byteCount` bytes at `offset`.
    public func write(to bytes: inout MutableRawSpan, at offset: Int) {
        bytes.store(type.rawValue, at: offset)
        bytes.store(0 as UInt8, at: offset + 1)
        bytes.store(bigEndian: UInt16(byteCount - Self.headBytes), at: offset + 2)
        let body = offset + Self.headBytes
        switch self {
        case .loanRequest(let message): message.write(to: &bytes, at: body)
        case .loanGrant(let message): message.write(to: &bytes, at: body)
        case .loanNone(let message): message.write(to: &bytes, at: body)
        case .loanClosed(let message): message.write(to: &bytes, at: body)
        }
    }
}
