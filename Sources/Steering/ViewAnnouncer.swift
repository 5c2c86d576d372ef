// A node's side of steering: it tells the routers and edges that asked who leads which bucket of its
// groups, as soon as that changes, and again to one that sends by an older view (DESIGN part 5,
// rule 21). It never waits for an answer: whoever missed something says so in its next subscription.

public import Wire

/// Limits and times of an announcer.
public struct AnnouncerSettings: Hashable, Sendable {
    /// Routers and edges that are heard.
    public var subscriberCapacity = 512
    /// Groups of the node; the memory is 4 bytes for each subscriber and group.
    public var groupCapacity = 1024
    /// Announcements that wait for single subscribers.
    public var answerCapacity = 1024
    /// A subscriber that was silent for so long, three of its messages, hears nothing more.
    public var expiryNanoseconds: UInt64 = 3_500_000_000
    /// One announcement of a group to a stale subscriber within this time; a router has it in less.
    public var repeatNanoseconds: UInt64 = 5_000_000

    public init() {}
}

/// What an announcer did, and what it refused. All of them only grow.
public struct AnnouncerCounters: Hashable, Sendable, BitwiseCopyable {
    public var subscriptions: UInt64 = 0
    public var announcements: UInt64 = 0
    /// Malformed, forged, or of another cluster.
    public var refused: UInt64 = 0
    /// From subscribers beyond `subscriberCapacity`.
    public var subscribersBeyondCapacity: UInt64 = 0
    /// Groups beyond `groupCapacity`, of which nobody is told.
    public var groupsBeyondCapacity: UInt64 = 0
    /// Answers beyond `answerCapacity`; the next subscription makes them good.
    public var answersBeyondCapacity: UInt64 = 0
    /// Packets of machines that send by an older view, as the engine says.
    public var stale: UInt64 = 0

    public init() {}
}

/// The subscribers of a node, and what they are yet to be told.
///
/// - Commands: `update(_:)` as a view becomes active or a bucket is handed over, `remove(group:)`,
///   `stale(sender:group:at:)`.
/// - Inputs: `handle(_:from:at:)`, `tick(_:)`.
/// - Output: `poll(into:)` until it is nil, after each turn in which something came in.
///
/// Who may subscribe is the caller's to know: it hands in only what comes from an outer address that
/// the snapshot names as host's, edge's or node's. `update` allocates; nothing else does.
public struct ViewAnnouncer<Sealer: AnnouncementSealer>: Sendable {
    public let cluster: UInt64
    public let settings: AnnouncerSettings
    public internal(set) var counters = AnnouncerCounters()
    /// May be exchanged as keys are: what is announced is sealed anew with each `update`.
    public var sealer: Sealer

    struct Subscriber: Sendable, BitwiseCopyable {
        var address: IPAddress
        var lastHeard: Tick
    }

    struct GroupState: Sendable {
        var known: KnownView
        /// Sealed; what is sent.
        var datagram: [UInt8]
        /// The subscriber that is told next of a change, while it is one of `changed`.
        var cursor = 0
        var isChanged = true
    }

    /// Of one subscriber in one group, each in units of its own; zero: never.
    struct Interest: Sendable, BitwiseCopyable {
        var heard: UInt16 = 0
        var told: UInt16 = 0
    }

    struct Answer: Sendable, BitwiseCopyable {
        var subscriber: Int
        var group: Int
    }

    /// Only grows, to `subscriberCapacity`; one that fell silent leaves its place to another.
    var subscribers: [Subscriber] = []
    var groups: [GroupState?] = []
    /// Ids with their places in `groups`, by id.
    var order: [(id: UInt64, place: Int)] = []
    var interests: [Interest]
    var answers: [Answer] = []
    var nextAnswer = 0
    /// Groups with subscribers that are yet to be told.
    var changed: [Int] = []
    var sweep = 0

    public init(
        cluster: UInt64, settings: AnnouncerSettings = AnnouncerSettings(), sealer: Sealer
    ) {
        self.cluster = cluster
        self.settings = settings
        self.sealer = sealer
        interests = Array(
            repeating: Interest(), count: settings.subscriberCapacity * settings.groupCapacity)
        subscribers.reserveCapacity(settings.subscriberCapacity)
        groups.reserveCapacity(settings.groupCapacity)
        order.reserveCapacity(settings.groupCapacity)
        answers.reserveCapacity(settings.answerCapacity)
        changed.reserveCapacity(settings.groupCapacity)
    }
}
