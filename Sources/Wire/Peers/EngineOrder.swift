// What a node's member orders its engines to do, in the same order to each: by a call on the first
// engine, over the channel within the node to the others. DESIGN part 5, rules 4, 5, 10, 12.

/// Types of orders and reports on the channel within a node.
public enum EngineMessageType: UInt8, Sendable, BitwiseCopyable, CaseIterable {
    case freeze = 48
    case install = 49
    case activate = 50
    case grant = 51
    case withdraw = 52
    case handOver = 53
    case drop = 54
    case vouch = 55
    case frozen = 56
    case filled = 57
    case led = 58
    case installed = 59
    case lost = 60
    case begin = 61
    case lead = 62
}

/// An order to every engine of the node.
public enum EngineOrder: Hashable, Sendable {
    /// Accept, acknowledge, decide and end nothing in views below this ballot; then report `frozen`.
    case freeze(group: UInt64, ballot: Ballot)
    /// Take this view; then report `installed`. Whoever led in the view that it was built on may be the
    /// only one that led since.
    case install(View, builtOn: Ballot)
    /// The view is active.
    case activate(group: UInt64, ballot: Ballot)
    /// That start of the node grants until then.
    case grant(node: NodeID, incarnation: Incarnation, until: Tick)
    /// The node promised or installed a ballot above the view: its grants don't count for the group.
    case withdraw(group: UInt64, node: NodeID, ballot: Ballot)
    /// The node has installed this view and promised nothing above it: its grants count.
    case vouch(group: UInt64, node: NodeID, ballot: Ballot)
    /// Hand the bucket over to that seat, within the view.
    case handOver(group: UInt64, ballot: Ballot, bucket: BucketIndex, seat: UInt8)
    /// That seat leads the bucket since a hand-over within the view.
    case lead(group: UInt64, ballot: Ballot, bucket: BucketIndex, term: UInt32, seat: UInt8)
    /// As of the view that comes next: these buckets began with nothing in the view of that ballot, all
    /// that is older is void, and no port of theirs is given before then.
    case begin(group: UInt64, ballot: Ballot, restUntil: Tick, buckets: BucketSet)
    /// The node serves the group no longer.
    case drop(group: UInt64)

    public var type: EngineMessageType {
        switch self {
        case .freeze: .freeze
        case .install: .install
        case .activate: .activate
        case .grant: .grant
        case .withdraw: .withdraw
        case .vouch: .vouch
        case .handOver: .handOver
        case .lead: .lead
        case .begin: .begin
        case .drop: .drop
        }
    }

    /// Of the body.
    public var byteCount: Int {
        switch self {
        case .freeze, .activate: 8 + Ballot.byteCount
        case .install(let view, _):
            35 + Ballot.byteCount + 24 * view.members.count + 3 * view.buckets.count
        case .grant: 16 + Incarnation.byteCount
        case .withdraw, .vouch: 16 + Ballot.byteCount
        case .handOver: 11 + Ballot.byteCount
        case .lead: 15 + Ballot.byteCount
        case .begin(_, _, _, let buckets): 16 + Ballot.byteCount + buckets.byteCount
        case .drop: 8
        }
    }

    /// Reads the body at `offset`, which is there in whole. Nil if the type is a report's.
    public static func parse(
        _ type: EngineMessageType, _ bytes: RawSpan, at offset: Int, length: Int
    ) throws(PeerMessageError) -> EngineOrder? {
        var reader = FieldReader(bytes, at: offset, length: length)
        switch type {
        case .freeze:
            return .freeze(group: try reader.uint64(), ballot: try reader.ballot())
        case .install:
            let builtOn = try reader.ballot()
            return .install(try View.parse(&reader), builtOn: builtOn)
        case .activate:
            return .activate(group: try reader.uint64(), ballot: try reader.ballot())
        case .grant:
            let node = try reader.node()
            let incarnation = try reader.incarnation()
            return .grant(
                node: node, incarnation: incarnation, until: Tick(rawValue: try reader.uint64()))
        case .withdraw, .vouch:
            let group = try reader.uint64()
            let node = try reader.node()
            let ballot = try reader.ballot()
            return type == .vouch
                ? .vouch(group: group, node: node, ballot: ballot)
                : .withdraw(group: group, node: node, ballot: ballot)
        case .handOver:
            let group = try reader.uint64()
            let ballot = try reader.ballot()
            let bucket = BucketIndex(rawValue: try reader.uint16())
            return .handOver(
                group: group, ballot: ballot, bucket: bucket, seat: try reader.uint8())
        case .lead:
            let group = try reader.uint64()
            let ballot = try reader.ballot()
            let bucket = BucketIndex(rawValue: try reader.uint16())
            let term = try reader.uint32()
            return .lead(
                group: group, ballot: ballot, bucket: bucket, term: term,
                seat: try reader.uint8())
        case .begin:
            return .begin(
                group: try reader.uint64(), ballot: try reader.ballot(),
                restUntil: Tick(rawValue: try reader.uint64()), buckets: try reader.buckets())
        case .drop:
            return .drop(group: try reader.uint64())
        case .frozen, .filled, .led, .lost, .installed:
            return nil
        }
    }

    /// Writes the body, `byteCount` bytes at `offset`.
    public func write(to bytes: inout MutableRawSpan, at offset: Int) {
        var offset = offset
        switch self {
        case .freeze(let group, let ballot), .activate(let group, let ballot):
            bytes.put(group, &offset)
            bytes.put(ballot, &offset)
        case .install(let view, let builtOn):
            bytes.put(builtOn, &offset)
            view.write(to: &bytes, &offset)
        case .grant(let node, let incarnation, let until):
            bytes.put(node.rawValue, &offset)
            bytes.put(incarnation, &offset)
            bytes.put(until.rawValue, &offset)
        case .withdraw(let group, let node, let ballot), .vouch(let group, let node, let ballot):
            bytes.put(group, &offset)
            bytes.put(node.rawValue, &offset)
            bytes.put(ballot, &offset)
        case .handOver(let group, let ballot, let bucket, let seat):
            bytes.put(group, &offset)
            bytes.put(ballot, &offset)
            bytes.put(bucket.rawValue, &offset)
            bytes.put(seat, &offset)
        case .lead(let group, let ballot, let bucket, let term, let seat):
            bytes.put(group, &offset)
            bytes.put(ballot, &offset)
            bytes.put(bucket.rawValue, &offset)
            bytes.put(term, &offset)
            bytes.put(seat, &offset)
        case .begin(let group, let ballot, let until, let buckets):
            bytes.put(group, &offset)
            bytes.put(ballot, &offset)
            bytes.put(until.rawValue, &offset)
            bytes.put(buckets, &offset)
        case .drop(let group):
            bytes.put(group, &offset)
        }
    }
}

extension View {
    /// Group 8, ballot 20, configuration 4, members 1, each 24; buckets 2, each 3.
    static func parse(_ reader: inout FieldReader) throws(PeerMessageError) -> View {
        var view = View(
            group: try reader.uint64(), ballot: try reader.ballot(),
            configuration: try reader.uint32(), members: [], incarnations: [], buckets: [])
        let members = Int(try reader.uint8())
        guard members <= View.mostSeats else { throw .badValue }
        for _ in 0..<members {
            view.members.append(try reader.node())
            view.incarnations.append(try reader.incarnation())
        }
        for _ in 0..<(try reader.uint16()) {
            view.buckets.append(
                BucketSeats(
                    leader: try reader.uint8(), replicas: try reader.seats(),
                    full: try reader.seats()))
        }
        guard view.isConsistent else { throw .badValue }
        return view
    }

    func write(to bytes: inout MutableRawSpan, _ offset: inout Int) {
        bytes.put(group, &offset)
        bytes.put(ballot, &offset)
        bytes.put(configuration, &offset)
        bytes.put(UInt8(members.count), &offset)
        for (member, incarnation) in zip(members, incarnations) {
            bytes.put(member.rawValue, &offset)
            bytes.put(incarnation, &offset)
        }
        bytes.put(UInt16(buckets.count), &offset)
        for seats in buckets {
            bytes.put(seats.leader, &offset)
            bytes.put(seats.replicas.rawValue, &offset)
            bytes.put(seats.full.rawValue, &offset)
        }
    }
}
