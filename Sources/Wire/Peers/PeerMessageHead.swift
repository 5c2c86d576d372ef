// The head that all messages between engines have in common, and whose they are.

/// Which part of an engine a message is for.
public enum PeerMessageFamily: Sendable {
    case loans
    case replicas
    /// From one node's member to another's.
    case members
    /// Between the engines of one node.
    case engines
}

/// Type and place of a message in a batch's contents.
public struct PeerMessageHead: Hashable, Sendable {
    public var type: UInt8
    public var body: Range<Int>

    /// Whose it is; nil for a type that may be skipped.
    public var family: PeerMessageFamily? {
        switch type {
        case 1...15: .loans
        case 16...39, MemberMessageType.leads.rawValue: .members
        case 40...47: .replicas
        case 48...63: .engines
        default: nil
        }
    }

    /// Reads the head at `offset` of contents that end with `bytes`.
    public static func parse(
        _ bytes: RawSpan, at offset: Int
    ) throws(PeerMessageError) -> PeerMessageHead {
        guard bytes.byteCount - offset >= PeerMessage.headBytes else { throw .truncated }
        let body = offset + PeerMessage.headBytes
        let length = Int(bytes.bigEndianUInt16(at: offset + 2))
        guard bytes.byteCount - body >= length else { throw .truncated }
        return PeerMessageHead(type: bytes.uint8(at: offset), body: body..<body + length)
    }

    /// Writes the head of a message with a body of `bodyBytes` at `offset`.
    public static func write(
        type: UInt8, bodyBytes: Int, to bytes: inout MutableRawSpan, at offset: Int
    ) {
        bytes.store(type, at: offset)
        bytes.store(0 as UInt8, at: offset + 1)
        bytes.store(bigEndian: UInt16(bodyBytes), at: offset + 2)
    }

    /// Checks the body: whoever takes the message then meets no error.
    func check(_ bytes: RawSpan) throws(PeerMessageError) {
        switch family {
        case .loans: _ = try PeerMessage.parse(bytes, self)
        case .members: _ = try MemberMessage.parse(bytes, self)
        case .engines: try checkEngines(bytes)
        case .replicas: try checkReplicas(bytes)
        case nil:
            guard type & PeerMessageType.optionalBit != 0 else { throw .unknownType }
        }
    }

    private func checkEngines(_ bytes: RawSpan) throws(PeerMessageError) {
        guard try EngineOrder.parse(bytes, self) == nil else { return }
        guard try EngineReport.parse(bytes, self) != nil else { throw .unknownType }
    }

    private func checkReplicas(_ bytes: RawSpan) throws(PeerMessageError) {
        switch PeerMessageType(rawValue: type) {
        case .entries:
            guard body.count >= EntriesContext.byteCount else { throw .badLength }
            _ = try EntriesContext.parse(bytes, at: body.lowerBound)
            let items = bytes.extracting(0..<body.upperBound)
            var offset = body.lowerBound + EntriesContext.byteCount
            while offset < body.upperBound {
                offset = try EntryHead.parse(items, at: offset).body.upperBound
            }
        case .acknowledged, .committed:
            guard body.count >= MarksContext.byteCount,
                (body.count - MarksContext.byteCount) % BucketMark.byteCount == 0
            else { throw .badLength }
            _ = try MarksContext.parse(bytes, at: body.lowerBound)
        default: throw .unknownType
        }
    }
}

extension MemberMessage {
    /// The message of this head, which must be of the members' family.
    public static func parse(
        _ bytes: RawSpan, _ head: PeerMessageHead
    ) throws(PeerMessageError) -> MemberMessage {
        guard let type = MemberMessageType(rawValue: head.type) else { throw .unknownType }
        return try parse(type, bytes, at: head.body.lowerBound, length: head.body.count)
    }
}

extension EngineOrder {
    /// The order of this head; nil if it is a report's.
    public static func parse(
        _ bytes: RawSpan, _ head: PeerMessageHead
    ) throws(PeerMessageError) -> EngineOrder? {
        guard let type = EngineMessageType(rawValue: head.type) else { throw .unknownType }
        return try parse(type, bytes, at: head.body.lowerBound, length: head.body.count)
    }
}

extension EngineReport {
    /// The report of this head; nil if it is an order's.
    public static func parse(
        _ bytes: RawSpan, _ head: PeerMessageHead
    ) throws(PeerMessageError) -> EngineReport? {
        guard let type = EngineMessageType(rawValue: head.type) else { throw .unknownType }
        return try parse(type, bytes, at: head.body.lowerBound, length: head.body.count)
    }
}
