// A view as it goes from its proposer to the members: "install this", or "this is the view that I
// have", for a proposer that builds on it. With it goes what a later view change needs to know of the
// views before: whose copies count if nothing was decided in this one. DESIGN part 5, rules 5 and 9.
//
//    0  group              8
//    8  ballot            20
//   28  built on          20    ballot
//   48  configuration      4
//   52  bucket count       2
//   54  first bucket       2    of this part
//   56  part's buckets     2
//   58  members            1    then 40 each: node 8, incarnation 16, incarnation before 16
//       ballots            1    of origins; then 20 each
//       buckets                 5 each: leader 1, replicas 1, full 1, origin's replicas 1, full 1;
//                               with 1 more, the place of its ballot, if there are several
//       beginnings         1    of buckets; then 28 each: ballot 20, nanoseconds of rest yet 8
//       buckets                 1 each, the place of its beginning, if there are several

/// Whose copies of a bucket count if nothing was decided in a view: those of the view before it, or
/// further back while the bucket waits.
public struct BucketOrigin: Hashable, Sendable, BitwiseCopyable {
    /// The view as of which they count.
    public var ballot: Ballot
    public var replicas: SeatSet
    public var full: SeatSet

    public init(ballot: Ballot, replicas: SeatSet, full: SeatSet) {
        self.ballot = ballot
        self.replicas = replicas
        self.full = full
    }

    /// Nobody's.
    public static var none: BucketOrigin { BucketOrigin(ballot: .none, replicas: [], full: []) }
}

/// A view with what it was built on.
public struct FoundedView: Hashable, Sendable {
    public var view: View
    public var builtOn: Ballot
    /// By seat: the starts that earlier views named.
    public var namesBefore: [Incarnation]
    /// By bucket.
    public var origins: [BucketOrigin]
    /// By bucket: the view in which all its copies began with nothing. Whatever was decided of it in
    /// earlier ones is void.
    public var beginnings: [Ballot]

    public init(
        view: View, builtOn: Ballot, namesBefore: [Incarnation], origins: [BucketOrigin],
        beginnings: [Ballot]
    ) {
        self.view = view
        self.builtOn = builtOn
        self.namesBefore = namesBefore
        self.origins = origins
        self.beginnings = beginnings
    }

    /// Whether a bucket begins anew in this view, as all full copies of it were lost: what any member
    /// has of it from before is void. Its origin is the view itself.
    public func begins(_ bucket: Int) -> Bool { origins[bucket].ballot == view.ballot }

    /// All buckets that begin anew in this view.
    public var begun: BucketSet {
        var set = BucketSet(bucketCount: origins.count)
        for bucket in origins.indices where begins(bucket) { set.insert(bucket) }
        return set
    }
}

/// For how long the ports of buckets that began in one view are not given yet, since what was given out
/// before the loss of all copies is not known. DESIGN part 5, rule 16.
public struct PortRest: Hashable, Sendable, BitwiseCopyable {
    public var beginning: Ballot
    /// From now on.
    public var nanoseconds: UInt64

    public init(beginning: Ballot, nanoseconds: UInt64) {
        self.beginning = beginning
        self.nanoseconds = nanoseconds
    }
}

/// Some of a view's buckets; the head is that of the whole view.
public struct ViewPart: Hashable, Sendable {
    /// With only this part's buckets and origins.
    public var content: FoundedView
    public var firstBucket: Int
    public var bucketCount: Int
    /// To be installed; otherwise told only.
    public var isInstall: Bool
    /// Of this part's buckets, where they rest yet.
    public var rests: [PortRest]

    public init(
        content: FoundedView, firstBucket: Int, bucketCount: Int, isInstall: Bool,
        rests: [PortRest] = []
    ) {
        self.content = content
        self.rests = rests
        self.firstBucket = firstBucket
        self.bucketCount = bucketCount
        self.isInstall = isInstall
    }

    public var isLast: Bool { firstBucket + content.view.buckets.count == bucketCount }
}

extension ViewPart {
    /// Longest body of a part.
    public static let mostBytes = 1300

    /// The view in as many parts as it needs.
    public static func parts(
        of whole: FoundedView, isInstall: Bool, rests: [PortRest] = []
    ) -> [ViewPart] {
        let total = whole.view.buckets.count
        let all = ViewPart(
            content: whole, firstBucket: 0, bucketCount: total, isInstall: isInstall,
            rests: rests.filter { $0.nanoseconds > 0 && whole.beginnings.contains($0.beginning) })
        guard all.byteCount > mostBytes else { return [all] }
        var parts: [ViewPart] = []
        var first = 0
        repeat {
            var part = ViewPart(
                content: whole, firstBucket: first, bucketCount: total, isInstall: isInstall)
            part.content.view.buckets = []
            part.content.origins = []
            part.content.beginnings = []
            while first < total, part.byteCount + mostBytesOfBucket <= mostBytes {
                part.content.view.buckets.append(whole.view.buckets[first])
                part.content.origins.append(whole.origins[first])
                part.content.beginnings.append(whole.beginnings[first])
                first += 1
            }
            let beginnings = part.beginnings
            part.rests = rests.filter { $0.nanoseconds > 0 && beginnings.contains($0.beginning) }
            parts.append(part)
        } while first < total
        return parts
    }

    /// With ballots of its own.
    private static var mostBytesOfBucket: Int { 7 + Ballot.byteCount + 8 + Ballot.byteCount }

    private var ballots: [Ballot] {
        content.origins.reduce(into: []) { ballots, origin in
            if !ballots.contains(origin.ballot) { ballots.append(origin.ballot) }
        }
    }

    private var beginnings: [Ballot] {
        content.beginnings.reduce(into: []) { ballots, ballot in
            if !ballots.contains(ballot) { ballots.append(ballot) }
        }
    }

    var byteCount: Int {
        let (ballots, beginnings) = (ballots.count, beginnings.count)
        let bucketBytes = 5 + (ballots > 1 ? 1 : 0) + (beginnings > 1 ? 1 : 0)
        return 61 + content.view.members.count * 40 + ballots * Ballot.byteCount
            + content.view.buckets.count * bucketBytes + beginnings * (8 + Ballot.byteCount)
    }

    static func parse(
        _ reader: inout FieldReader, isInstall: Bool
    ) throws(PeerMessageError) -> ViewPart {
        let group = try reader.uint64()
        let ballot = try reader.ballot()
        let builtOn = try reader.ballot()
        let configuration = try reader.uint32()
        let total = Int(try reader.uint16())
        let first = Int(try reader.uint16())
        let count = Int(try reader.uint16())
        guard first + count <= total else { throw .badValue }
        let members = Int(try reader.uint8())
        guard members <= View.mostSeats else { throw .badValue }
        var content = FoundedView(
            view: View(
                group: group, ballot: ballot, configuration: configuration, members: [],
                incarnations: [], buckets: []),
            builtOn: builtOn, namesBefore: [], origins: [], beginnings: [])
        for _ in 0..<members {
            content.view.members.append(try reader.node())
            content.view.incarnations.append(try reader.incarnation())
            content.namesBefore.append(try reader.incarnation())
        }
        try content.readBuckets(&reader, count)
        let rests = try content.readBeginnings(&reader, count)
        guard content.view.isConsistent else { throw .badValue }
        return ViewPart(
            content: content, firstBucket: first, bucketCount: total, isInstall: isInstall,
            rests: rests)
    }

    func write(to bytes: inout MutableRawSpan, _ offset: inout Int) {
        let view = content.view
        bytes.put(view.group, &offset)
        bytes.put(view.ballot, &offset)
        bytes.put(content.builtOn, &offset)
        bytes.put(view.configuration, &offset)
        bytes.put(UInt16(bucketCount), &offset)
        bytes.put(UInt16(firstBucket), &offset)
        bytes.put(UInt16(view.buckets.count), &offset)
        bytes.put(UInt8(view.members.count), &offset)
        for seat in view.members.indices {
            bytes.put(view.members[seat].rawValue, &offset)
            bytes.put(view.incarnations[seat], &offset)
            bytes.put(content.namesBefore[seat], &offset)
        }
        let ballots = ballots
        bytes.put(UInt8(ballots.count), &offset)
        for ballot in ballots { bytes.put(ballot, &offset) }
        for (seats, origin) in zip(view.buckets, content.origins) {
            bytes.put(seats.leader, &offset)
            bytes.put(seats.replicas.rawValue, &offset)
            bytes.put(seats.full.rawValue, &offset)
            if ballots.count > 1 {
                bytes.put(UInt8(ballots.firstIndex(of: origin.ballot) ?? 0), &offset)
            }
            bytes.put(origin.replicas.rawValue, &offset)
            bytes.put(origin.full.rawValue, &offset)
        }
        let beginnings = beginnings
        bytes.put(UInt8(beginnings.count), &offset)
        for beginning in beginnings {
            bytes.put(beginning, &offset)
            bytes.put(rests.first { $0.beginning == beginning }?.nanoseconds ?? 0, &offset)
        }
        guard beginnings.count > 1 else { return }
        for beginning in content.beginnings {
            bytes.put(UInt8(beginnings.firstIndex(of: beginning) ?? 0), &offset)
        }
    }
}

extension FoundedView {
    fileprivate mutating func readBuckets(
        _ reader: inout FieldReader, _ count: Int
    ) throws(PeerMessageError) {
        var ballots: [Ballot] = []
        for _ in 0..<(try reader.uint8()) { ballots.append(try reader.ballot()) }
        for _ in 0..<count {
            view.buckets.append(
                BucketSeats(
                    leader: try reader.uint8(), replicas: try reader.seats(),
                    full: try reader.seats()))
            let place = ballots.count > 1 ? Int(try reader.uint8()) : 0
            guard place < ballots.count else { throw .badValue }
            origins.append(
                BucketOrigin(
                    ballot: ballots[place], replicas: try reader.seats(),
                    full: try reader.seats()))
        }
    }

    /// Those that rest yet.
    fileprivate mutating func readBeginnings(
        _ reader: inout FieldReader, _ count: Int
    ) throws(PeerMessageError) -> [PortRest] {
        var rests: [PortRest] = []
        for _ in 0..<(try reader.uint8()) {
            let beginning = try reader.ballot()
            rests.append(PortRest(beginning: beginning, nanoseconds: try reader.uint64()))
        }
        for _ in 0..<count {
            let place = rests.count > 1 ? Int(try reader.uint8()) : 0
            guard place < rests.count else { throw .badValue }
            beginnings.append(rests[place].beginning)
        }
        return rests.filter { $0.nanoseconds > 0 }
    }
}
