// What an engine is told once, when it starts: its place in the node, and its capacities, of which the
// loans' are derived.

import Configuration
public import Consensus
import Steering
public import Wire

/// What is fixed when an engine starts.
public struct EngineSettings: Sendable {
    public var node: NodeID
    /// This engine's number, and how many the node has: bucket mod count = number is its own.
    public var index: Int
    public var engineCount: Int
    public var capacityFlows: Int
    /// Groups that this node may serve at once.
    public var groupCapacity: Int
    /// Resources with counters of their own; those beyond share the last one's.
    public var resourceCapacity: Int
    public var frameCount: Int
    public var frameBytes: Int
    /// Most packets in one turn.
    public var batch: Int
    /// Most packets that wait for commitment.
    public var parkingCapacity: Int
    public var eventCapacity: Int
    /// Outer source ports that packets are spread over; a power of two.
    public var sourcePorts: Int
    /// The virtual router of this machine, for targets never heard from.
    public var router: IPAddress?
    /// Which start of the node this is, and a number drawn for it.
    public var incarnation = Incarnation(counter: 1, random: 1)
    public var nonce: UInt64 = 1
    /// What the node's disk says of its groups.
    public var recorded: [GroupRecord] = []
    /// Entries that may wait for their commitment, or for news of it.
    public var tailCapacity = 32768
    /// Packets that wait for a leader, and for how long.
    public var waitingCapacity: Int
    public var waitingNanoseconds: UInt64 = 1_000_000_000
    /// An engine that made no turn for so long takes no packet that came meanwhile: `handleLate`.
    public static let longestWaitNanoseconds: UInt64 = 500_000_000
    /// Each bucket is led, alone, by the node that the snapshot prefers: an engine by itself, in tests
    /// and benchmarks.
    public var isViewFixed = false
    /// Engines of other nodes that this one may speak with.
    public var peerCapacity = 1024
    /// What it does wrong, in a simulation that must see it.
    package var plantedBug: PlantedBug?
    /// Makes the sealer of a channel between this engine and another.
    public var makeSealer: @Sendable (_ own: ChannelIdentity, _ peer: ChannelIdentity) -> SealerBox

    public init(
        node: NodeID, index: Int = 0, engineCount: Int = 1, capacityFlows: Int = 1 << 20,
        groupCapacity: Int = 1024, resourceCapacity: Int = 4096, frameCount: Int = 4096,
        frameBytes: Int = 10240, batch: Int = 256, parkingCapacity: Int = 1024,
        eventCapacity: Int = 65536,
        sourcePorts: Int = 4, router: IPAddress? = nil,
        makeSealer: @escaping @Sendable (ChannelIdentity, ChannelIdentity) -> SealerBox = {
            _, _ in SealerBox(IdentitySealer())
        }
    ) {
        precondition(index >= 0 && index < engineCount)
        precondition(sourcePorts > 0 && sourcePorts & (sourcePorts - 1) == 0)
        self.node = node
        self.index = index
        self.engineCount = engineCount
        self.capacityFlows = capacityFlows
        self.groupCapacity = groupCapacity
        self.resourceCapacity = resourceCapacity
        self.frameCount = frameCount
        self.frameBytes = frameBytes
        self.batch = batch
        self.parkingCapacity = parkingCapacity
        self.eventCapacity = eventCapacity
        self.sourcePorts = sourcePorts
        self.router = router
        self.makeSealer = makeSealer
        waitingCapacity = max(4, frameCount / 8)
    }
}

extension EngineSettings {
    /// This engine, as its peers know it.
    var identity: ChannelIdentity {
        ChannelIdentity(
            address: EngineAddress(node: node, engine: UInt16(index)), incarnation: incarnation,
            greeting: Greeting(nonce: nonce, engineCount: UInt16(engineCount)))
    }

    func replica(bucketCount: Int) -> ReplicaSettings {
        var replica = ReplicaSettings(
            own: identity.address, engineCount: engineCount, bucketCount: bucketCount,
            tailCapacity: tailCapacity)
        replica.plantedBug = plantedBug
        return replica
    }

    func membership(_ cluster: ClusterSettings) -> MemberSettings {
        let milliseconds: UInt64 = 1_000_000
        let suspect = UInt64(cluster.suspectMilliseconds) * milliseconds
        var membership = MemberSettings(
            copies: cluster.copies == 0 ? nil : cluster.copies, bucketCount: cluster.bucketCount,
            heartbeatNanoseconds: UInt64(cluster.heartbeatMilliseconds) * milliseconds,
            suspectNanoseconds: suspect,
            leaseNanoseconds: UInt64(cluster.leaseMilliseconds) * milliseconds,
            driftPartsPerMillion: UInt64(cluster.driftPartsPerMillion),
            balanceNanoseconds: MemberSettings.balance(suspect: suspect),
            gatherNanoseconds: MemberSettings.gather(suspect: suspect))
        membership.lossQuietNanoseconds = UInt64(cluster.lossQuietSeconds) * 1000 * milliseconds
        membership.plantedBug = plantedBug
        return membership
    }

    var announcer: AnnouncerSettings {
        var announcer = AnnouncerSettings()
        announcer.groupCapacity = index == 0 ? groupCapacity : 1
        announcer.subscriberCapacity = index == 0 ? announcer.subscriberCapacity : 1
        return announcer
    }

    /// What the loans reserve. A packet that waits for one keeps its frame, so a quarter of the frames
    /// may.
    func loans(bucketCount: Int) -> LoanSettings {
        let waiters = max(4, frameCount / 4)
        let searches = min(1024, waiters)
        return LoanSettings(
            bucketCount: bucketCount, groupCapacity: groupCapacity, peerCapacity: peerCapacity,
            tenantCapacity: resourceCapacity, heldCapacity: min(32768, capacityFlows),
            lentCapacity: min(32768, capacityFlows), waiterCapacity: waiters,
            searchCapacity: searches, scarceCapacity: max(min(4096, capacityFlows), searches))
    }
}
