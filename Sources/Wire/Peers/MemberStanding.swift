// Where a member of a group stands: told to all other members at every change and when a stream
// begins. It says that a view is installed, that a ballot is promised (so that grants don't count for
// older views), that a peer's start is noted, and which copies are full. DESIGN part 5, rules 3, 5, 12.
//
//    0  group            8
//    8  generation       4    on disk
//   12  configuration    4    on disk; 0: nothing is on disk
//   16  installed       20    ballot, zero if the member is empty
//   36  promised        20    ballot
//   56  noted           16    the receiver's incarnation, as the sender knows it
//   72  marks            1    wants an answer, active, unnamed, has given up: from the lowest bit
//   73  full                  see BucketSet: copies that are full in the installed view
//       led                   buckets that the sender leads in it

/// A member's state, as the other members need it.
public struct GroupStanding: Hashable, Sendable {
    public var group: UInt64
    /// On disk.
    public var generation: UInt32
    /// On disk. 0 if nothing is.
    public var configuration: UInt32
    /// The newest view installed; `none` for an empty member.
    public var installed: Ballot
    /// The highest ballot promised, or about to be.
    public var promised: Ballot
    /// The start of the receiver that the sender has noted.
    public var noted: Incarnation
    /// The sender asks for the receiver's standing, and for its view if that is newer.
    public var wantsAnswer: Bool
    /// The installed view is active, as the sender counts.
    public var isActive: Bool
    /// The sender's snapshot names the group no more.
    public var isUnnamed = false
    /// The sender, empty now, has given up in this start what a view of the generation names it for.
    public var hasGivenUp = false
    public var full: BucketSet
    public var led: BucketSet

    public init(
        group: UInt64, generation: UInt32, configuration: UInt32, installed: Ballot,
        promised: Ballot, noted: Incarnation, wantsAnswer: Bool, isActive: Bool, full: BucketSet,
        led: BucketSet
    ) {
        self.group = group
        self.generation = generation
        self.configuration = configuration
        self.installed = installed
        self.promised = promised
        self.noted = noted
        self.wantsAnswer = wantsAnswer
        self.isActive = isActive
        self.full = full
        self.led = led
    }

    public var isEmpty: Bool { installed == .none }

    var byteCount: Int { 73 + full.byteCount + led.byteCount }

    static func parse(_ reader: inout FieldReader) throws(PeerMessageError) -> GroupStanding {
        let group = try reader.uint64()
        let generation = try reader.uint32()
        let configuration = try reader.uint32()
        let installed = try reader.ballot()
        let promised = try reader.ballot()
        let noted = try reader.incarnation()
        let marks = try reader.uint8()
        let full = try reader.buckets()
        var standing = GroupStanding(
            group: group, generation: generation, configuration: configuration,
            installed: installed, promised: promised, noted: noted, wantsAnswer: marks & 1 != 0,
            isActive: marks & 2 != 0,
            full: full, led: try reader.buckets())
        standing.isUnnamed = marks & 4 != 0
        standing.hasGivenUp = marks & 8 != 0
        return standing
    }

    func write(to bytes: inout MutableRawSpan, _ offset: inout Int) {
        bytes.put(group, &offset)
        bytes.put(generation, &offset)
        bytes.put(configuration, &offset)
        bytes.put(installed, &offset)
        bytes.put(promised, &offset)
        bytes.put(noted, &offset)
        var marks: UInt8 = wantsAnswer ? 1 : 0
        if isActive { marks |= 2 }
        if isUnnamed { marks |= 4 }
        if hasGivenUp { marks |= 8 }
        bytes.put(marks, &offset)
        bytes.put(full, &offset)
        bytes.put(led, &offset)
    }
}
