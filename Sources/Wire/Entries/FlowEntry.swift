// One change of a bucket, as it is sent to the bucket's followers. DESIGN part 5, rule 7: a bucket's
// changes are one sequence, which everyone that keeps a copy takes in order. Names stand in full:
// slots and indices differ from node to node.
//
// An entry stands in its stream as
//    0  kind       1    see FlowEntryKind
//    1  flags      1    see FlowEntryFlags
//    2  bucket     2
//    4  sequence   4    the low bits
//    8  body            as long as kind and flags say
// Whoever frames entries writes the first eight bytes; this file has the rest.

/// What an entry is.
public enum FlowEntryKind: UInt8, Sendable, BitwiseCopyable, CaseIterable {
    case empty = 1
    case create = 2
    case end = 3
    case sticky = 4
    case record = 5
    case touch = 6
    case loan = 7
    case giveBack = 8
    /// Creation and record of an IPv4 flow on a port of another bucket.
    case createOnLoan = 10
    case recordOnLoan = 11
    /// A port of this bucket that is lent, in a transfer.
    case lent = 12

    fileprivate var isOnLoan: Bool { self == .createOnLoan || self == .recordOnLoan }
}

/// Why bytes are no entry.
public enum FlowEntryError: UInt8, Error, CaseIterable, Sendable, BitwiseCopyable {
    /// The body reaches beyond the bytes.
    case truncated
    /// A kind that this release doesn't know.
    case unknownKind
    /// A field has a value that no sender writes.
    case badValue
}

/// A change of a bucket, whichever it is.
public enum FlowEntry: Hashable, Sendable, BitwiseCopyable {
    /// Nothing: what a new leader sends when it has no tail to send again.
    case empty
    /// A flow begins, or goes on after its end with the translation that it had.
    case create(FlowCreation)
    /// A flow, or a sticky record, ends.
    case end(FlowEnd)
    /// A client has a target.
    case sticky(StickyRecord)
    /// State transfer: a flow, quiet ones too, as it stands at the leader.
    case record(FlowTransfer)
    /// Outside the sequence: how a flow has gone on. It may be lost.
    case touch(FlowTouch)
    /// A port of this bucket is lent.
    case loan(LoanGrant)
    /// The borrower has closed the loan.
    case giveBack(LoanGrant)
    /// State transfer: a port of this bucket that is lent, or rests after a loan.
    case lent(LoanTransfer)

    /// Longest body.
    public static let mostBodyBytes = max(
        FlowTransfer.stateBytes + FlowEntryFlags.longest.creationBytes,
        FlowTransfer.stateBytes + FlowEntryFlags.longestIPv4.creationBytes + LoanID.byteCount)

    public var kind: FlowEntryKind {
        switch self {
        case .empty: .empty
        case .create(let creation): creation.loan == nil ? .create : .createOnLoan
        case .end: .end
        case .sticky: .sticky
        case .record(let transfer): transfer.creation.loan == nil ? .record : .recordOnLoan
        case .touch: .touch
        case .loan: .loan
        case .giveBack: .giveBack
        case .lent: .lent
        }
    }

    /// The second byte of the entry's head.
    public var flags: UInt8 {
        switch self {
        case .empty, .loan, .giveBack: 0
        case .create(let creation): creation.flags.rawValue
        case .end(let end): end.flags.rawValue
        case .sticky(let record): record.flags.rawValue
        case .record(let transfer): transfer.creation.flags.rawValue
        case .touch(let touch): touch.flags.rawValue
        case .lent(let transfer): transfer.flags
        }
    }

    /// Of the body.
    public var byteCount: Int {
        Self.byteCount(kind, FlowEntryFlags(rawValue: flags))
    }

    private static func byteCount(_ kind: FlowEntryKind, _ flags: FlowEntryFlags) -> Int {
        switch kind {
        case .empty: 0
        case .create: flags.creationBytes
        case .end: flags.keyBytes
        case .sticky: flags.keyBytes + flags.changeBytes
        case .record: flags.creationBytes + FlowTransfer.stateBytes
        case .touch: flags.keyBytes + FlowTouch.stateBytes
        case .createOnLoan: flags.creationBytes + LoanID.byteCount
        case .recordOnLoan:
            flags.creationBytes + FlowTransfer.stateBytes + LoanID.byteCount
        case .loan, .giveBack, .lent: LoanGrant.byteCount
        }
    }

    /// How long the body of an entry with this head is.
    public static func byteCount(kind: UInt8, flags: UInt8) throws(FlowEntryError) -> Int {
        guard let kind = FlowEntryKind(rawValue: kind) else { throw .unknownKind }
        let flags = FlowEntryFlags(rawValue: flags)
        // Loans are of IPv4 ports.
        guard !kind.isOnLoan || !flags.contains(.isIPv6) else { throw .badValue }
        return byteCount(kind, flags)
    }

    /// The entry whose body stands at `offset`, and where the body ends. Whoever gets an error drops
    /// the whole batch: it came from no sender of this release.
    public static func parse(
        kind: UInt8, flags: UInt8, _ bytes: RawSpan, at offset: Int
    ) throws(FlowEntryError) -> (entry: FlowEntry, next: Int) {
        let count = try byteCount(kind: kind, flags: flags)
        guard bytes.byteCount - offset >= count else { throw .truncated }
        guard let known = FlowEntryKind(rawValue: kind) else { throw .unknownKind }
        let entry = try body(known, FlowEntryFlags(rawValue: flags), bytes, at: offset)
        // There is one way to write each entry.
        guard entry.flags == flags else { throw .badValue }
        return (entry, offset + count)
    }

    private static func body(
        _ kind: FlowEntryKind, _ flags: FlowEntryFlags, _ bytes: RawSpan, at offset: Int
    ) throws(FlowEntryError) -> FlowEntry {
        var offset = offset
        return switch kind {
        case .empty: .empty
        case .create, .createOnLoan: .create(try creation(kind, flags, bytes, &offset))
        case .end: .end(try FlowEnd(flags, bytes, &offset))
        case .sticky: .sticky(try StickyRecord(flags, bytes, &offset))
        case .record, .recordOnLoan: .record(try transfer(kind, flags, bytes, &offset))
        case .touch: .touch(try FlowTouch(flags, bytes, &offset))
        case .loan: .loan(try grant(bytes, at: offset))
        case .giveBack: .giveBack(try grant(bytes, at: offset))
        case .lent: .lent(LoanTransfer(try grant(bytes, at: offset), flags: flags.rawValue))
        }
    }

    private static func creation(
        _ kind: FlowEntryKind, _ flags: FlowEntryFlags, _ bytes: RawSpan, _ offset: inout Int
    ) throws(FlowEntryError) -> FlowCreation {
        var creation = try FlowCreation(flags, bytes, &offset)
        if kind.isOnLoan { try creation.readLoan(bytes, &offset) }
        return creation
    }

    private static func transfer(
        _ kind: FlowEntryKind, _ flags: FlowEntryFlags, _ bytes: RawSpan, _ offset: inout Int
    ) throws(FlowEntryError) -> FlowTransfer {
        var transfer = try FlowTransfer(flags, bytes, &offset)
        if kind.isOnLoan { try transfer.creation.readLoan(bytes, &offset) }
        return transfer
    }

    private static func grant(_ bytes: RawSpan, at offset: Int) throws(FlowEntryError) -> LoanGrant
    {
        do {
            return try LoanGrant.parse(bytes, at: offset, length: LoanGrant.byteCount)
        } catch {
            throw .badValue
        }
    }

    /// Writes the body's `byteCount` bytes at `offset`.
    public func write(to bytes: inout MutableRawSpan, at offset: Int) {
        var offset = offset
        switch self {
        case .empty: break
        case .create(let creation):
            creation.write(to: &bytes, &offset)
            creation.writeLoan(to: &bytes, &offset)
        case .end(let end): end.write(to: &bytes, &offset)
        case .sticky(let record): record.write(to: &bytes, &offset)
        case .record(let transfer):
            transfer.write(to: &bytes, &offset)
            transfer.creation.writeLoan(to: &bytes, &offset)
        case .touch(let touch): touch.write(to: &bytes, &offset)
        case .loan(let grant), .giveBack(let grant): grant.write(to: &bytes, at: offset)
        case .lent(let transfer): transfer.grant.write(to: &bytes, at: offset)
        }
    }
}
