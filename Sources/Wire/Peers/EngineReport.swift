// What an engine reports to its node's member. DESIGN part 5, rules 4, 5 and 10.

/// A report by one engine, of the buckets that it runs: those whose number leaves the engine's as
/// remainder when divided by the number of engines.
public enum EngineReport: Hashable, Sendable {
    /// The group is frozen below the ballot. An engine's standings may come in several reports; one
    /// without any is complete if the engine runs no bucket.
    case frozen(group: UInt64, ballot: Ballot, [BucketStanding])
    /// The own copy became full in this view.
    case filled(group: UInt64, ballot: Ballot, bucket: BucketIndex)
    /// That seat leads the bucket since a hand-over within this view.
    case led(group: UInt64, ballot: Ballot, bucket: BucketIndex, term: UInt32, seat: UInt8)
    /// The own copy is full no more: its tables could not take a committed record.
    case lost(group: UInt64, ballot: Ballot, bucket: BucketIndex)
    /// The engine has taken the view.
    case installed(group: UInt64, ballot: Ballot)

    /// Most standings of one report, so that it fits in a message.
    public static let mostStandings = 35

    public var type: EngineMessageType {
        switch self {
        case .frozen: .frozen
        case .filled: .filled
        case .led: .led
        case .lost: .lost
        case .installed: .installed
        }
    }

    /// Of the body.
    public var byteCount: Int {
        switch self {
        case .frozen(_, _, let standings):
            10 + Ballot.byteCount + standings.count * BucketStanding.byteCount
        case .filled, .lost: 10 + Ballot.byteCount
        case .led: 15 + Ballot.byteCount
        case .installed: 8 + Ballot.byteCount
        }
    }

    /// Reads the body at `offset`, which is there in whole. Nil if the type is an order's.
    public static func parse(
        _ type: EngineMessageType, _ bytes: RawSpan, at offset: Int, length: Int
    ) throws(PeerMessageError) -> EngineReport? {
        var reader = FieldReader(bytes, at: offset, length: length)
        switch type {
        case .frozen, .filled, .led, .lost, .installed: break
        default: return nil
        }
        let group = try reader.uint64()
        let ballot = try reader.ballot()
        switch type {
        case .frozen:
            var standings: [BucketStanding] = []
            for _ in 0..<(try reader.uint16()) {
                standings.append(try BucketStanding.parse(&reader))
            }
            return .frozen(group: group, ballot: ballot, standings)
        case .filled:
            return .filled(
                group: group, ballot: ballot, bucket: BucketIndex(rawValue: try reader.uint16()))
        case .lost:
            return .lost(
                group: group, ballot: ballot, bucket: BucketIndex(rawValue: try reader.uint16()))
        case .led:
            let bucket = BucketIndex(rawValue: try reader.uint16())
            let term = try reader.uint32()
            return .led(
                group: group, ballot: ballot, bucket: bucket, term: term,
                seat: try reader.uint8())
        default:
            return .installed(group: group, ballot: ballot)
        }
    }

    /// Writes the body, `byteCount` bytes at `offset`.
    public func write(to bytes: inout MutableRawSpan, at offset: Int) {
        var offset = offset
        switch self {
        case .frozen(let group, let ballot, let standings):
            bytes.put(group, &offset)
            bytes.put(ballot, &offset)
            bytes.put(UInt16(standings.count), &offset)
            for standing in standings { standing.write(to: &bytes, &offset) }
        case .filled(let group, let ballot, let bucket), .lost(let group, let ballot, let bucket):
            bytes.put(group, &offset)
            bytes.put(ballot, &offset)
            bytes.put(bucket.rawValue, &offset)
        case .led(let group, let ballot, let bucket, let term, let seat):
            bytes.put(group, &offset)
            bytes.put(ballot, &offset)
            bytes.put(bucket.rawValue, &offset)
            bytes.put(term, &offset)
            bytes.put(seat, &offset)
        case .installed(let group, let ballot):
            bytes.put(group, &offset)
            bytes.put(ballot, &offset)
        }
    }
}
