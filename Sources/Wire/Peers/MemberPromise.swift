// "Will you promise this ballot?", and the promise. A promise tells all that the proposer builds the
// view from; what doesn't fit in one message goes in parts. Buckets of which the member holds nothing
// are left out. DESIGN part 5, rule 4.
//
//   prepare  0  group          8
//            8  ballot        20
//           28  configuration  4    that the proposer aims at
//           32  known         20    ballot of the newest view that the proposer holds
//   promise  0  group          8
//            8  ballot        20
//           28  installed     20    zero: the member is empty
//           48  generation     4    on disk
//           52  configuration  4    on disk
//           56  part, parts    1 1
//           58  noted count    1    then 24 each: node, incarnation
//               ballot count   1    then 20 each: those of the stamps below
//               bucket count   2    then 16 each: bucket 2, marks 1, ballot's place 1, term 4,
//                                   sequence 8

/// A proposer asks.
public struct Prepare: Hashable, Sendable, BitwiseCopyable {
    static let byteCount = 52

    public var group: UInt64
    public var ballot: Ballot
    public var configuration: UInt32
    /// A promiser that has installed a newer one than this sends it along.
    public var known: Ballot

    public init(group: UInt64, ballot: Ballot, configuration: UInt32, known: Ballot) {
        self.group = group
        self.ballot = ballot
        self.configuration = configuration
        self.known = known
    }

    static func parse(_ reader: inout FieldReader) throws(PeerMessageError) -> Prepare {
        let group = try reader.uint64()
        let ballot = try reader.ballot()
        guard ballot.number > 0 else { throw .badValue }
        let configuration = try reader.uint32()
        return Prepare(
            group: group, ballot: ballot, configuration: configuration,
            known: try reader.ballot())
    }

    func write(to bytes: inout MutableRawSpan, _ offset: inout Int) {
        bytes.put(group, &offset)
        bytes.put(ballot, &offset)
        bytes.put(configuration, &offset)
        bytes.put(known, &offset)
    }
}

/// A member's start, as another knows it.
public struct NotedStart: Hashable, Sendable, BitwiseCopyable {
    static let byteCount = 8 + Incarnation.byteCount

    public var node: NodeID
    public var incarnation: Incarnation

    public init(node: NodeID, incarnation: Incarnation) {
        self.node = node
        self.incarnation = incarnation
    }
}

/// One part of a promise.
public struct PromisePart: Hashable, Sendable {
    public var group: UInt64
    public var ballot: Ballot
    /// The newest view that the member has installed; `none`: it is empty.
    public var installed: Ballot
    /// On disk.
    public var generation: UInt32
    public var configuration: UInt32
    public var part: UInt8
    public var parts: UInt8
    /// All members' starts that the sender knows, its own among them.
    public var noted: [NotedStart]
    /// Buckets of which it holds something.
    public var standings: [BucketStanding]

    public init(
        group: UInt64, ballot: Ballot, installed: Ballot, generation: UInt32,
        configuration: UInt32, part: UInt8, parts: UInt8, noted: [NotedStart],
        standings: [BucketStanding]
    ) {
        self.group = group
        self.ballot = ballot
        self.installed = installed
        self.generation = generation
        self.configuration = configuration
        self.part = part
        self.parts = parts
        self.noted = noted
        self.standings = standings
    }

    public var isEmpty: Bool { installed == .none }
}

extension PromisePart {
    /// Longest body of a part.
    public static let mostBytes = 1300

    /// The promise in as many parts as it needs, at least one. `whole` is a part with all buckets.
    public static func parts(of whole: PromisePart) -> [PromisePart] {
        var parts: [PromisePart] = []
        var rest = whole.standings[...]
        repeat {
            var part = whole
            part.standings = []
            while let next = rest.first, part.byteCount + Ballot.byteCount + 16 <= mostBytes {
                part.standings.append(next)
                rest.removeFirst()
            }
            part.part = UInt8(parts.count)
            parts.append(part)
        } while !rest.isEmpty
        for index in parts.indices { parts[index].parts = UInt8(parts.count) }
        return parts
    }

    /// The different ballots of the stamps, in the order in which they first come.
    private var ballots: [Ballot] {
        standings.reduce(into: []) { ballots, standing in
            if !ballots.contains(standing.stamp.ballot) { ballots.append(standing.stamp.ballot) }
        }
    }

    var byteCount: Int {
        62 + noted.count * NotedStart.byteCount + ballots.count * Ballot.byteCount
            + standings.count * 16
    }

    static func parse(_ reader: inout FieldReader) throws(PeerMessageError) -> PromisePart {
        var promise = PromisePart(
            group: try reader.uint64(), ballot: try reader.ballot(),
            installed: try reader.ballot(), generation: try reader.uint32(),
            configuration: try reader.uint32(), part: try reader.uint8(),
            parts: try reader.uint8(), noted: [], standings: [])
        guard promise.ballot.number > 0, promise.part < promise.parts else { throw .badValue }
        for _ in 0..<(try reader.uint8()) {
            let node = try reader.node()
            promise.noted.append(NotedStart(node: node, incarnation: try reader.incarnation()))
        }
        var ballots: [Ballot] = []
        for _ in 0..<(try reader.uint8()) { ballots.append(try reader.ballot()) }
        for _ in 0..<(try reader.uint16()) {
            promise.standings.append(try standing(&reader, ballots))
        }
        return promise
    }

    private static func standing(
        _ reader: inout FieldReader, _ ballots: [Ballot]
    ) throws(PeerMessageError) -> BucketStanding {
        let bucket = BucketIndex(rawValue: try reader.uint16())
        let marks = try reader.uint8()
        let place = Int(try reader.uint8())
        guard place < ballots.count else { throw .badValue }
        let term = try reader.uint32()
        return BucketStanding(
            bucket: bucket,
            stamp: Stamp(ballot: ballots[place], term: term, sequence: try reader.uint64()),
            isFull: marks & 1 != 0, hasAcknowledged: marks & 2 != 0)
    }

    func write(to bytes: inout MutableRawSpan, _ offset: inout Int) {
        bytes.put(group, &offset)
        bytes.put(ballot, &offset)
        bytes.put(installed, &offset)
        bytes.put(generation, &offset)
        bytes.put(configuration, &offset)
        bytes.put(part, &offset)
        bytes.put(parts, &offset)
        bytes.put(UInt8(noted.count), &offset)
        for start in noted {
            bytes.put(start.node.rawValue, &offset)
            bytes.put(start.incarnation, &offset)
        }
        let ballots = ballots
        bytes.put(UInt8(ballots.count), &offset)
        for ballot in ballots { bytes.put(ballot, &offset) }
        bytes.put(UInt16(standings.count), &offset)
        for standing in standings {
            bytes.put(standing.bucket.rawValue, &offset)
            bytes.put(standing.marks, &offset)
            bytes.put(UInt8(ballots.firstIndex(of: standing.stamp.ballot) ?? 0), &offset)
            bytes.put(standing.stamp.term, &offset)
            bytes.put(standing.stamp.sequence, &offset)
        }
    }
}
