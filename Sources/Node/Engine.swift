// The engine: the part of a node that runs on one core and shares nothing with the others. It is
// sans-I/O: packets come in as a batch, leave as a batch, and the time is an argument.
//
// A turn is: receive, classify, look up, decide, seal, release. What a turn decides is sealed into
// one batch of entries, and no packet of a flow leaves before its entry is committed.

public import Configuration
public import Consensus
import Steering
public import Tables
public import Translation
public import Wire

/// One engine of a node.
///
/// - Getters: `counters`, `translator.counters`, `frames`, `flowCount`.
/// - Inputs: `handle(_:at:)` (one batch of received packets), `tick(_:)` (expiry).
/// - Commands: `apply(_:)` (a new configuration, between turns).
/// - Outputs: `outgoing` and `handOvers`, to be sent and emptied by the caller after each input, in
///   order; the frames of sent packets go back to `frames`.
///
/// Memory is reserved at `init`; inputs allocate nothing.
public struct Engine: ~Copyable {
    public let settings: EngineSettings
    public var frames: FramePool
    public internal(set) var counters = EngineCounters()
    public var translator: Translator
    public var flowsV4: FlowTable<IPv4FlowLayout>
    public var flowsV6: FlowTable<IPv6FlowLayout>
    public internal(set) var events: FlowEventRing
    public internal(set) var refusals = RefusalBook(capacity: 256)

    /// Packets to send, in this order.
    public var outgoing: [Packet] = []
    /// Packets of buckets that other engines of this node own.
    public var handOvers: [HandOver] = []

    /// This node's index in the snapshot; nil while the snapshot doesn't name it.
    var ownIndex: Int?
    var works: [Work] = []
    var held: [HeldPacket] = []
    /// What is said only when a follower has confirmed it.
    var denials: [Denial] = []
    /// By copy.
    var confirmations: [Confirmation] = []
    var confirmationRound: UInt64 = 0
    /// Records whose end the last piece of a sweep proposed, by family.
    var endingsV4: [EndProposal] = []
    var endingsV6: [EndProposal] = []
    /// Where an entry is written before it is copied to where it goes.
    var entryBytes = [UInt8](repeating: 0, count: 256)
    var transfers: [Transfer] = []
    var gathered: [FlowHandle] = []
    var isTransferBroken = false
    var touches: [TouchNotice] = []
    /// Which buckets this engine keeps copies of changed.
    var holdingsAreStale = false
    /// Packets that wait for a leader, and those that wait until this engine may decide.
    var waitingRoom: [WaitingPacket] = []
    var undecided: [UndecidedPacket] = []
    /// Batches that had come when what waits was last looked at again.
    var retriedBatches: UInt64 = 0
    /// Buckets whose records are being discarded, what came for them meanwhile, and how many steps this
    /// turn has left for that.
    var discards: [CopyIndex] = []
    var deferred: [ReplicaEvent] = []
    var discardSteps = 0
    /// Of the packet that is looked at again: since when it waits.
    var waitsSince: Tick?
    /// By group slot.
    var leaseEnds: [CachedLease] = []
    var leaseTurn: UInt64 = 0
    var turnBegan = Tick(rawValue: 0)
    /// The first lease that ends of those that this turn's packets leave by.
    var leasedUntil = Tick(rawValue: .max)
    /// Buckets that this engine leads and whose ports rest, in which reign and until when.
    var resting: [RestingBucket] = []
    /// What of that the translator was told, and when the first rest of those ends.
    var announcer: ViewAnnouncer<IdentityAnnouncementSealer>
    var lastSweep = Tick(rawValue: 0)
    var subscribersSeenAt = Tick(rawValue: 0)
    /// Senders of stale packets that this turn may still be told of.
    var staleLeft = 0
    var answerLimiter: AnswerLimiter
    var collector: FragmentCollector
    var fragmentPark: Parking<ParkedFragment>
    /// Channels to the peers, and the loans that go over them.
    public internal(set) var exchange: PeerExchange
    var loanSeekers: LoanSeekers
    /// The groups have changed, or were never told to the exchange.
    var groupsAreStale = true
    var closing: ClosingPass
    /// When it was last looked for what isn't committed and lives by an older configuration.
    var lastTailScan = Tick(rawValue: 0)
    /// Whether there was any.
    var hasUncommittedOutlivers = false

    public init(_ settings: EngineSettings, snapshot: Snapshot, seed: UInt64) {
        self.settings = settings
        frames = FramePool(count: settings.frameCount, frameBytes: settings.frameBytes)
        translator = Translator(
            snapshot: snapshot,
            capacity: TranslatorCapacity(
                flows: settings.capacityFlows, resources: settings.resourceCapacity,
                portsPerSet: snapshot.cluster.portsPerBucket),
            seed: Self.mixed(seed, 0))
        let chains = max(1, settings.groupCapacity) * snapshot.cluster.bucketCount
        flowsV4 = FlowTable(
            capacityFlows: settings.capacityFlows, chains: chains, seed: Self.mixed(seed, 1))
        flowsV6 = FlowTable(
            capacityFlows: max(1024, settings.capacityFlows / 16), chains: chains,
            seed: Self.mixed(seed, 2))
        events = FlowEventRing(capacity: settings.eventCapacity)
        answerLimiter = AnswerLimiter(capacity: settings.resourceCapacity)
        // An eighth of the frames may wait for first fragments.
        let parked = max(8, settings.frameCount / 8)
        collector = FragmentCollector(
            capacity: FragmentCapacity(parked: parked, tenants: settings.resourceCapacity),
            bucketCount: snapshot.cluster.bucketCount, seed: Self.mixed(seed, 3))
        let loanSettings = settings.loans(bucketCount: snapshot.cluster.bucketCount)
        exchange = PeerExchange(
            own: settings.identity, settings: loanSettings,
            replica: settings.replica(bucketCount: snapshot.cluster.bucketCount),
            membership: settings.isViewFixed ? nil : settings.membership(snapshot.cluster),
            recorded: settings.recorded, seed: Self.mixed(seed, 4),
            makeSealer: settings.makeSealer)
        announcer = ViewAnnouncer(
            cluster: snapshot.cluster.id,
            settings: settings.announcer, sealer: IdentityAnnouncementSealer())
        if let keys = snapshot.cluster.keys { exchange.adopt(keys) }
        // One more for the packet in hand, in both.
        loanSeekers = LoanSeekers(
            capacity: loanSettings.waiterCapacity + 1, seed: Self.mixed(seed, 5))
        fragmentPark = Parking(capacity: parked + 1)
        closing = ClosingPass(version: snapshot.version)
        translator.routerAddress = settings.router
        ownIndex = snapshot.nodes.firstIndex { $0.id == settings.node }
        works.reserveCapacity(settings.batch)
        held.reserveCapacity(settings.batch)
        endingsV4.reserveCapacity(settings.frameCount)
        endingsV6.reserveCapacity(settings.frameCount)
        outgoing.reserveCapacity(settings.frameCount)
        exchange.replica.setGroups(translator.resources.groupIDs)
        if settings.isViewFixed {
            joinGroups(Tick(rawValue: 0))
            // Times are told with the first turn.
            groupsAreStale = true
        }
    }

    /// A seed for one part of the engine. The tables' hashes multiply by theirs, so it must not be
    /// small, even where a test's or a simulation's is.
    private static func mixed(_ seed: UInt64, _ part: UInt64) -> UInt64 {
        SipHash13(key0: seed, key1: part).finish()
    }

    public var flowCount: Int { flowsV4.count + flowsV6.count }
    /// The memory that records will take, to be backed with pages before the engine serves, so
    /// that no packet waits for the kernel to clear a page. The engine must outlive it.
    public var memoryRegions: [MemoryRegion] {
        flowsV4.memoryRegions + flowsV6.memoryRegions + translator.memoryRegions
    }

    /// Denials of this engine's own making that wait to be confirmed, each in a frame.
    public var unconfirmedCount: Int {
        denials.count { if case .packet = $0.content { true } else { false } }
    }

    /// Packets that wait for commitment, where those that were cut into fragments count once, and
    /// fragments that wait for their datagram's first.
    public var parkedCount: Int {
        held.count { !$0.isExtra } + fragmentPark.count + loanSeekers.count + waitingRoom.count
            + undecided.count
    }

    /// Takes a new configuration into force.
    public mutating func apply(_ table: consuming ResourceTable) {
        ownIndex = table.snapshot.nodes.firstIndex { $0.id == settings.node }
        closing.begin(
            table.snapshot.version, slotsV4: flowsV4.capacityFlows,
            slotsV6: flowsV6.capacityFlows)
        translator.apply(table)
        exchange.replica.setGroups(translator.resources.groupIDs)
        groupsAreStale = true
    }

    /// How many buckets of each group this engine keeps copies of.
    func heldBuckets() -> [Int] {
        (0..<translator.resources.groupCount).map { exchange.replica.heldBuckets(group: $0) }
    }

    /// The newest configuration that is in force for every flow: nothing lives any more that it,
    /// or an older one, has ended.
    public var closedVersion: UInt64 { closing.closedVersion }

    /// Tells the engine that one of its `handOvers` did not get through: it counts as dropped.
    public mutating func countLostHandOver() { counters.countLostHandOver() }

    /// What must hold between turns.
    public func checkInvariants() {
        exchange.checkInvariants()
        flowsV4.checkInvariants()
        flowsV6.checkInvariants()
        precondition(works.isEmpty, "a turn ended with packets in hand")
        precondition(held.count <= settings.parkingCapacity)
        precondition(
            counters.packetsIn == counters.packetsOut + counters.packetsDropped
                + UInt64(parkedCount), "in = out + parked + dropped")
        // Those that wait for commitment are counted as departed.
        for slot in translator.resources.resources.indices {
            guard let counts = translator.counters.counts(slot) else { break }
            precondition(
                counts.packetsIn == counts.packetsOutbound + counts.packetsInbound
                    + counts.packetsDropped + UInt64(loanSeekers.count(of: slot))
                    + UInt64(undecided.count { $0.work.arrival.resource == slot }),
                "in = out + parked + dropped, of each resource")
        }
    }
}

/// A packet that another engine of this node must process.
public struct HandOver: Sendable, BitwiseCopyable {
    public var engine: Int
    public var packet: Packet
}

/// A packet in hand between two steps of a turn.
struct Work {
    var packet: Packet
    var innerOffset: Int
    var arrival: Arrival
    var hash: UInt64
}

/// A packet whose flow's decision is not yet committed.
struct HeldPacket {
    var packet: Packet
    /// The bucket, this engine's reign over it, and the entry that it waits for.
    var copy: CopyIndex
    var reign: UInt32
    var sequence: UInt64
    /// A fragment beyond the first of a packet that came in whole: counted nowhere.
    var isExtra: Bool
}

/// A bucket that gives no port yet.
struct RestingBucket {
    var copy: CopyIndex
    var reign: UInt32
    var until: Tick
}
