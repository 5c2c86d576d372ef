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
//       buckets                 6 each: leader 1, replicas 1, full 1, origin's ballot's place 1,
//                               replicas 1, full 1
//       rest               8    nanoseconds for which ports rest yet; 0 if it isn't there
//       resting                 see BucketSet: of these buckets; of all if it isn't there

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

    public init(
        view: View, builtOn: Ballot, namesBefore: [Incarnation], origins: [BucketOrigin]
    ) {
        self.view = view
        self.builtOn = builtOn
        self.namesBefore = namesBefore
        self.origins = origins
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

/// Ports that are not given for a while, since what was given out before a loss of all copies is not
/// known. DESIGN part 5, rule 16.
public struct PortRest: Hashable, Sendable {
    /// From now on.
    public var nanoseconds: UInt64
    public var buckets: BucketSet

    public init(nanoseconds: UInt64, buckets: BucketSet) {
        self.nanoseconds = nanoseconds
        self.buckets = buckets
    }

    public static var none: PortRest {
        PortRest(nanoseconds: 0, buckets: BucketSet(bucketCount: 0))
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
    public var rest: PortRest

    public init(
        content: FoundedView, firstBucket: Int, bucketCount: Int, isInstall: Bool,
        rest: PortRest = .none
    ) {
        self.content = content
        self.rest = rest
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
        of whole: FoundedView, isInstall: Bool, rest: PortRest = .none
    ) -> [ViewPart] {
        let total = whole.view.buckets.count
        var parts: [ViewPart] = []
        var first = 0
        repeat {
            var part = ViewPart(
                content: whole, firstBucket: first, bucketCount: total, isInstall: isInstall,
                rest: rest)
            part.content.view.buckets = []
            part.content.origins = []
            while first < total, part.byteCount + Ballot.byteCount + 6 <= mostBytes {
                part.content.view.buckets.append(whole.view.buckets[first])
                part.content.origins.append(whole.origins[first])
                first += 1
            }
            parts.append(part)
        } while first < total
        return parts
    }

    private var ballots: [Ballot] {
        content.origins.reduce(into: []) { ballots, origin in
            if !ballots.contains(origin.ballot) { ballots.append(origin.ballot) }
        }
    }

    var byteCount: Int {
        68 + content.view.members.count * 40 + ballots.count * Ballot.byteCount
            + content.view.buckets.count * 6 + rest.buckets.byteCount
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
            builtOn: builtOn, namesBefore: [], origins: [])
        for _ in 0..<members {
            content.view.members.append(try reader.node())
            content.view.incarnations.append(try reader.incarnation())
            content.namesBefore.append(try reader.incarnation())
        }
        try content.readBuckets(&reader, count)
        guard content.view.isConsistent else { throw .badValue }
        return ViewPart(
            content: content, firstBucket: first, bucketCount: total, isInstall: isInstall,
            rest: try PortRest.parse(&reader, bucketCount: total))
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
            bytes.put(UInt8(ballots.firstIndex(of: origin.ballot) ?? 0), &offset)
            bytes.put(origin.replicas.rawValue, &offset)
            bytes.put(origin.full.rawValue, &offset)
        }
        bytes.put(rest.nanoseconds, &offset)
        bytes.put(rest.buckets, &offset)
    }
}

extension PortRest {
    /// Earlier releases say nothing of it, or no buckets.
    fileprivate static func parse(
        _ reader: inout FieldReader, bucketCount: Int
    ) throws(PeerMessageError) -> PortRest {
        var rest = PortRest(nanoseconds: 0, buckets: BucketSet(bucketCount: bucketCount))
        guard reader.end > reader.offset else { return rest }
        rest.nanoseconds = try reader.uint64()
        if reader.end > reader.offset {
            rest.buckets = try reader.buckets()
        } else {
            rest.buckets = .all(bucketCount)
        }
        return rest
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
            let place = Int(try reader.uint8())
            guard place < ballots.count else { throw .badValue }
            origins.append(
                BucketOrigin(
                    ballot: ballots[place], replicas: try reader.seats(),
                    full: try reader.seats()))
        }
    }
}
