// What nodes tell each other every few milliseconds, whatever groups they have in common: that they
// live, that what they granted stands, and whom they reach. DESIGN part 5, rules 6, 12 and 14.
//
//   heartbeat  0  sent at          8    nanoseconds, by the sender's clock
//              8  marks            1
//   grant      0  sent at          8    of the heartbeat that it answers
//              8  marks            1
//   reach      0  node             8
//              8  is reachable     1

/// "I am here." The receiver answers with a grant.
public struct Heartbeat: Hashable, Sendable, BitwiseCopyable {
    static let byteCount = 9

    public var sentAt: Tick
    public var marks: HeartbeatMarks

    public init(sentAt: Tick, marks: HeartbeatMarks) {
        self.sentAt = sentAt
        self.marks = marks
    }
}

/// What a node says of itself with every heartbeat.
public struct HeartbeatMarks: OptionSet, Hashable, Sendable, BitwiseCopyable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// It is being drained: it wants to lead nothing.
    public static let draining = HeartbeatMarks(rawValue: 1)
    /// It hears no router or no edge any more.
    public static let cutOff = HeartbeatMarks(rawValue: 2)
    /// It is about to stop: to be done without as if it had.
    public static let leaving = HeartbeatMarks(rawValue: 4)
}

/// The answer to a heartbeat. The holder counts from the sending of the heartbeat.
public struct LeaseGrant: Hashable, Sendable, BitwiseCopyable {
    static let byteCount = 9

    public var sentAt: Tick
    /// False: an echo only. A message was lost, and what the sender promised may not be known yet.
    public var isGranted: Bool

    public init(sentAt: Tick, isGranted: Bool) {
        self.sentAt = sentAt
        self.isGranted = isGranted
    }
}

/// Whether the sender and a third node hear each other. Told at every change, and all of it when a
/// stream begins; unreachable before.
public struct ReachNotice: Hashable, Sendable, BitwiseCopyable {
    static let byteCount = 9

    public var node: NodeID
    public var isReachable: Bool

    public init(node: NodeID, isReachable: Bool) {
        self.node = node
        self.isReachable = isReachable
    }
}

extension Heartbeat {
    static func parse(_ reader: inout FieldReader) throws(PeerMessageError) -> Heartbeat {
        let sentAt = Tick(rawValue: try reader.uint64())
        return Heartbeat(sentAt: sentAt, marks: HeartbeatMarks(rawValue: try reader.uint8()))
    }

    func write(to bytes: inout MutableRawSpan, _ offset: inout Int) {
        bytes.put(sentAt.rawValue, &offset)
        bytes.put(marks.rawValue, &offset)
    }
}

extension LeaseGrant {
    static func parse(_ reader: inout FieldReader) throws(PeerMessageError) -> LeaseGrant {
        let sentAt = Tick(rawValue: try reader.uint64())
        return LeaseGrant(sentAt: sentAt, isGranted: try reader.uint8() & 1 != 0)
    }

    func write(to bytes: inout MutableRawSpan, _ offset: inout Int) {
        bytes.put(sentAt.rawValue, &offset)
        bytes.put(isGranted ? 1 : 0 as UInt8, &offset)
    }
}

extension ReachNotice {
    static func parse(_ reader: inout FieldReader) throws(PeerMessageError) -> ReachNotice {
        let node = try reader.node()
        guard node.rawValue > 0 else { throw .badValue }
        return ReachNotice(node: node, isReachable: try reader.uint8() & 1 != 0)
    }

    func write(to bytes: inout MutableRawSpan, _ offset: inout Int) {
        bytes.put(node.rawValue, &offset)
        bytes.put(isReachable ? 1 : 0 as UInt8, &offset)
    }
}
