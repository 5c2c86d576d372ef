// All that one engine decides by, but for the flow tables: configuration, attachments, ports and
// counters. A packet goes through `translate`; `propose` is its rehearsal, for `explain`.

public import Configuration
import Steering
public import Tables
public import Wire

/// The deciding part of an engine. Not thread safe: one engine owns it.
///
/// - Getters: `resources`, `counters`.
/// - Inputs: `translate` (one packet), `sweep` (expiry).
/// - Commands: `apply` (a new snapshot), `propose` (a rehearsal).
///
/// Nothing is allocated by inputs.
public struct Translator: ~Copyable {
    public internal(set) var resources: ResourceTable
    public var attachments: Attachments
    public var counters: ResourceCounters
    var ports: PortAllocator
    var quotas = QuotaBook()
    var targetLoads: FlowTally
    /// Flows of NAT gateways by resource and inside address.
    var addressLoads: FlowTally
    private let seed: UInt64
    var loanChanges: [LoanChange] = []
    /// Of how many buckets this engine holds the flows, by group slot.
    var heldBuckets: [Int] = []
    /// Of these, how many it leads.
    var ledBuckets: [Int] = []
    /// By chain, as far as they were told.
    var reigns: [Reign] = []
    public internal(set) var replays = ReplayCounters()
    /// Records of ports that are lent, or rest after a loan.
    var lentCount = 0
    var strays = StrayEntries()
    var touchesV4 = TouchRound()
    var touchesV6 = TouchRound()
    /// Live records, led or followed, that a sweep met on an address that their resource has no more:
    /// their ends are due, and not committed.
    public var outlivers = 0
    /// Whether such a record, or a loan of that kind, came in by an entry since this was last cleared.
    public var hasLatecomers = false
    /// Whether a decision may be made for the packet in hand. To be told before each.
    public var mayDecide = true
    /// A sticky entry that the last packet made: a decision like a flow.
    var madeSticky: FlowHandle?
    /// An end that the last packet proposed.
    var proposedEnd: EndProposal?
    /// Outer address of this machine's own virtual router, which finds targets never heard from.
    public var routerAddress: IPAddress?

    public init(snapshot: Snapshot, capacity: TranslatorCapacity, seed: UInt64) {
        resources = ResourceTable(snapshot)
        attachments = Attachments(capacity: capacity.attachments, seed: seed)
        counters = ResourceCounters(capacity: capacity.resources)
        targetLoads = FlowTally(capacity: capacity.targets, seed: seed)
        addressLoads = FlowTally(capacity: capacity.attachments, seed: ~seed | 1)
        self.seed = seed
        ports = PortAllocator(
            denseSets: capacity.densePortSets, portsPerSet: resources.portSets.portsPerBucket,
            seed: seed)
    }

    /// The memory that is worth backing with pages before the first packet.
    public var memoryRegions: [MemoryRegion] {
        [attachments.memoryRegion, targetLoads.memoryRegion, addressLoads.memoryRegion]
    }

    /// Says which part of each quota is this engine's: of how many buckets of each group slot it holds
    /// the flows, led or followed; and how many of these it leads, all unless told. To be told after
    /// `init`, after every `apply` and after views that change it.
    ///
    /// Limits of flows, targets' loads and addresses' loads count all records that are held, so the
    /// share is by buckets held too: a takeover then moves no limit, and nobody's flows are over it
    /// because their leader died. Each of the R holders has the share of all its buckets, so a tenant
    /// gets what its quota says if its flows fall evenly, however leaders lie. Rates are of what a
    /// leader decides; they too are shared by buckets held, so that a node that has just lost another
    /// may take on its part at once.
    public mutating func hold(_ heldBuckets: [Int], led ledBuckets: [Int]? = nil) {
        self.heldBuckets = heldBuckets
        self.ledBuckets = ledBuckets ?? heldBuckets
        quotas.apply(resources) { $0 < heldBuckets.count ? heldBuckets[$0] : 0 }
    }

    /// Charges an arrival to its resource and tenant; the cause if it is over a quota.
    public mutating func admit(_ arrival: Arrival, at now: Tick) -> DropCause? {
        quotas.admit(
            arrival.resource, resources.resources[arrival.resource].tenantSlot,
            bytes: arrival.summary.totalBytes, now)
    }

    /// What an inside address is counted by at a gateway.
    func addressName(_ resource: Int, _ inside: IPAddress) -> UInt64 {
        var hash = SipHash13(key0: seed, key1: UInt64(resource))
        hash.combine(inside.mapped.high)
        hash.combine(inside.mapped.low)
        return hash.finish()
    }

    /// The sticky entry that the last packet made, once.
    public mutating func takeMadeSticky() -> FlowHandle? {
        defer { madeSticky = nil }
        return madeSticky
    }

    /// Takes a new configuration into force, between two turns.
    public mutating func apply(_ table: consuming ResourceTable) {
        let edgesBefore = resources.snapshot.edges
        resources = table
        guard resources.snapshot.edges != edgesBefore else { return }
        attachments.repoint(edges: resources.snapshot.edges)
    }
}

/// What a translator reserves at its start.
public struct TranslatorCapacity: Sendable {
    public var attachments: Int
    public var resources: Int
    /// Targets whose flows are counted.
    public var targets: Int
    /// Bitmaps for destinations toward which most ports of a set are in use.
    public var densePortSets: Int

    /// Enough for `flows` flows, whatever they do: a bitmap stands for a quarter of a port set in
    /// use at least, so there is one for each that can come to be.
    public init(flows: Int, resources: Int, portsPerSet: Int) {
        attachments = max(4096, flows / 2)
        self.resources = resources
        targets = max(1024, 4 * resources)
        densePortSets = max(256, flows / max(1, portsPerSet / 4) + 1)
    }
}
