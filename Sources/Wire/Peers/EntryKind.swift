// The kinds of entries that go from leaders to followers: changes of a bucket, which `FlowEntry` reads,
// and steps of a transfer or hand-over, which have no body.

/// What an entry is: the first byte of its head.
public struct EntryKind: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public let rawValue: UInt8

    /// Nil for a kind that this release doesn't know.
    public init?(rawValue: UInt8) {
        guard FlowEntryKind(rawValue: rawValue) != nil || Self.steps.contains(rawValue) else {
            return nil
        }
        self.rawValue = rawValue
    }

    public init(_ kind: FlowEntryKind) { rawValue = kind.rawValue }
    private init(step: UInt8) { rawValue = step }

    private static let steps: ClosedRange<UInt8> = 0xE0...0xE3

    public static var empty: EntryKind { EntryKind(.empty) }
    public static var record: EntryKind { EntryKind(.record) }
    /// State transfer begins: what is here goes.
    public static var transferBegin: EntryKind { EntryKind(step: 0xE0) }
    /// It is over: who has all entries up to its sequence has all records.
    public static var transferEnd: EntryKind { EntryKind(step: 0xE1) }
    /// The receiver leads from here on, in the term of the message; flags: the seats that are full.
    public static var handOver: EntryKind { EntryKind(step: 0xE2) }

    /// The sender's reign begins: its first entry has this sequence, all before it are committed. With
    /// a flag the body is the place's upper half, where it isn't 0: from here on the lower says enough.
    public static var reignBegin: EntryKind { EntryKind(step: 0xE3) }

    /// Whether it is what a transfer consists of: many of them, one like the other.
    public var isBulk: Bool {
        switch FlowEntryKind(rawValue: rawValue) {
        case .record, .recordOnLoan, .lent: true
        default: false
        }
    }

    /// Whether it has a place in the bucket's sequence.
    public var isInSequence: Bool {
        switch FlowEntryKind(rawValue: rawValue) {
        case .record, .recordOnLoan, .touch, .lent, nil: false
        case .empty, .create, .createOnLoan, .end, .sticky, .loan, .giveBack: true
        }
    }

    /// How long the body is; nil if there is no entry with these flags.
    public func bodyBytes(flags: UInt8) -> Int? {
        guard FlowEntryKind(rawValue: rawValue) != nil else {
            return self == .reignBegin && flags & 1 != 0 ? 4 : 0
        }
        return try? FlowEntry.byteCount(kind: rawValue, flags: flags)
    }
}
