// The copies of one engine: the entries that its buckets' leaders send and store, acknowledge and
// commit. Who leads what is the member's to say; a replica obeys its orders and keeps no clock but for
// sending again. DESIGN part 5, rules 7 to 11.

import Tables
public import Wire

/// All bucket copies of one engine.
///
/// - Getters: `role(_:)`, `mayDecide(_:)`, `committed(_:)`, `reign(_:)`, `leader(group:bucket:)`.
/// - Inputs: `handle(_: EngineOrder)`, `handleEntries`, `handleAcknowledged`, `handleCommitted`,
///   `tick(_:)`.
/// - Commands: `setGroups`, `append` (an entry of a bucket that this engine leads).
/// - Outputs: `pollEvent()` until nil, to be done to the tables in order; `pollReport()` for the
///   node's member; `flush(into:)`, once at a turn's end, puts all there is to send on the channels.
///
/// Order of obligations: an acknowledgement leaves by `flush` after the entry is in the tail; so
/// whatever a follower has acknowledged is part of what it reports when it is frozen.
public struct Replica: ~Copyable {
    public let settings: ReplicaSettings
    public internal(set) var counters = ReplicaCounters()
    /// Version of the configuration that this engine decides by.
    public var version: UInt64 = 0
    /// By the slot that the configuration gives the group.
    var groups: [ReplicaGroup] = []
    var slots: IdentifierMap
    /// By group slot, then bucket.
    var copies: [BucketCopy] = []
    var tail: Tail
    var events: Outbox<ReplicaEvent>
    var reports: Outbox<EngineReport>
    /// Copies that have entries to send, acknowledgements to give, marks to tell; and those that wait
    /// for acknowledgements. Each stands in each list once.
    var toSend: CopyList
    /// The copy after which there was no room for more the last time; 0: there was.
    var sendFrom = 0
    var toAcknowledge: CopyList
    var toTell: CopyList
    var waiting: CopyList
    var handOvers: CopyList
    var changedGroups: [Int] = []
    var lastTold = Tick(rawValue: 0)

    public init(_ settings: ReplicaSettings, groupCapacity: Int, seed: UInt64) {
        self.settings = settings
        slots = IdentifierMap(capacity: groupCapacity, seed: seed | 1)
        tail = Tail(capacity: settings.tailCapacity)
        events = Outbox(reserving: 4096)
        reports = Outbox(reserving: 64)
        toSend = CopyList()
        toAcknowledge = CopyList()
        toTell = CopyList()
        waiting = CopyList()
        handOvers = CopyList()
    }

    /// Tells which groups there are, by slot; a slot never changes its group. Allocates.
    public mutating func setGroups(_ ids: [UInt64]) {
        for (slot, id) in ids.enumerated() where slot >= groups.count {
            groups.append(ReplicaGroup(id: id))
            slots.set(id, to: UInt32(slot))
            copies.append(
                contentsOf: repeatElement(BucketCopy(), count: settings.bucketsHere))
        }
        // A reign may begin in all of them at once, each with an entry.
        tail.grow(to: settings.tailCapacity + 2 * copies.count)
        toSend.extend(to: copies.count)
        toAcknowledge.extend(to: copies.count)
        toTell.extend(to: copies.count)
        waiting.extend(to: copies.count)
        handOvers.extend(to: copies.count)
    }

    /// Whether this engine keeps the bucket, if its node does.
    func isHere(_ bucket: BucketIndex) -> Bool {
        Int(bucket.rawValue) < settings.bucketCount
            && Int(bucket.rawValue) % settings.engineCount == Int(settings.own.engine)
    }

    /// The copy of a bucket that this engine keeps.
    public func copy(group slot: Int, _ bucket: BucketIndex) -> CopyIndex {
        CopyIndex(
            rawValue: Int32(
                slot * settings.bucketsHere + Int(bucket.rawValue) / settings.engineCount))
    }

    public func groupSlot(_ copy: CopyIndex) -> Int { copy.index / settings.bucketsHere }

    public func bucket(_ copy: CopyIndex) -> BucketIndex {
        BucketIndex(
            copy.index % settings.bucketsHere * settings.engineCount + Int(settings.own.engine))
    }

    /// Slots of the tail that are kept for reigns that begin.
    var reserve: Int { copies.count }

    // MARK: What the engine asks

    public func role(_ copy: CopyIndex) -> BucketRole { copies[copy.index].role }
    public func reign(_ copy: CopyIndex) -> UInt32 { copies[copy.index].reign }
    public func committed(_ copy: CopyIndex) -> UInt64 { copies[copy.index].committed }
    /// Place of the last entry.
    public func last(_ copy: CopyIndex) -> UInt64 { copies[copy.index].last }

    /// How many of the group's buckets this engine keeps.
    public func heldBuckets(group slot: Int) -> Int {
        slot < groups.count ? groups[slot].heldCount : 0
    }

    /// Gives a copy its role.
    mutating func setRole(_ copy: CopyIndex, _ role: BucketRole) {
        let slot = groupSlot(copy)
        if copies[copy.index].role != .none { groups[slot].heldCount -= 1 }
        if role != .none { groups[slot].heldCount += 1 }
        copies[copy.index].role = role
    }

    /// Whether this engine leads the bucket in an active view: with a lease, it forwards.
    public func leads(_ copy: CopyIndex) -> Bool {
        let role = copies[copy.index].role
        return (role == .leader || role == .handingOver) && groups[groupSlot(copy)].isActive
            && copies[copy.index].discards == 0
    }

    /// Whether it decides and ends: its first own entry is committed, nothing higher is promised, there
    /// is room for another, and no entry was made by a newer configuration than this engine's.
    // DESIGN part 5, rule 20.
    public func mayDecide(_ copy: CopyIndex) -> Bool {
        let state = copies[copy.index]
        let group = groups[groupSlot(copy)]
        return state.role == .leader && state.opening == nil && state.discards == 0
            && state.version <= version && group.isActive && group.isThawed
            && tail.freeCount > settings.tailCapacity / 2 + reserve
    }

    public var groupCount: Int { groups.count }

    /// Until when the bucket's ports rest, since all its copies were lost.
    public func restUntil(_ copy: CopyIndex) -> Tick { beginning(copy).restUntil }

    func beginning(_ copy: CopyIndex) -> Beginning {
        let group = groups[groupSlot(copy)]
        return group.beginnings.isEmpty
            ? Beginning() : group.beginnings[Int(bucket(copy).rawValue)]
    }

    /// By bucket, if the view of that ballot is active; else nil, and if nothing is known of any.
    func beginnings(of group: UInt64, in ballot: Ballot) -> [Beginning]? {
        guard let slot = slots[group].map(Int.init), groups[slot].isActive,
            groups[slot].view?.ballot == ballot, !groups[slot].beginnings.isEmpty
        else { return nil }
        return groups[slot].beginnings
    }

    /// The view that the group runs by; nil before the first.
    public func view(group slot: Int) -> View? { groups[slot].view }
    public func isActive(group slot: Int) -> Bool { groups[slot].isActive }

    public mutating func pollEvent() -> ReplicaEvent? { events.pop() }
    public mutating func pollReport() -> EngineReport? { reports.pop() }

    /// The head of an entry of an event.
    public func head(_ slot: TailSlot) -> EntryHead { tail[slot].head }
    /// What this engine did to its tables for it; nil if another engine decided it.
    public func decision(_ slot: TailSlot) -> OwnDecision? { tail[slot].decision }

    /// The body of an entry of an event.
    @_lifetime(borrow self)
    public func body(_ slot: TailSlot) -> RawSpan { tail.body(slot) }

    /// Gives an event's entry back: after that its bytes are void.
    public mutating func release(_ slot: TailSlot) { tail.release(slot) }

    /// Entries that are not known to be committed.
    public var uncommittedCount: Int { tail.capacity - tail.freeCount }
}

/// Which copies have something to do, each once, in the order in which that began.
struct CopyList {
    private(set) var indices: [Int32] = []
    private var isIn: [Bool] = []

    var isEmpty: Bool { indices.isEmpty }

    mutating func extend(to count: Int) {
        guard isIn.count < count else { return }
        isIn.append(contentsOf: repeatElement(false, count: count - isIn.count))
        indices.reserveCapacity(count)
    }

    mutating func insert(_ index: Int) {
        guard !isIn[index] else { return }
        isIn[index] = true
        indices.append(Int32(index))
    }

    /// Takes all out: those for which `keep` says so stay.
    mutating func drain(_ keep: (Int) -> Bool) {
        var kept = 0
        for place in indices.indices {
            let index = indices[place]
            if keep(Int(index)) {
                indices[kept] = index
                kept += 1
            } else {
                isIn[Int(index)] = false
            }
        }
        indices.removeLast(indices.count - kept)
    }

    /// So that the buckets of one group stand beside each other.
    mutating func sort() { indices.sort() }
}

/// What a replica did. They only rise.
public struct ReplicaCounters: Hashable, Sendable {
    public var entriesAppended: UInt64 = 0
    public var entriesStored: UInt64 = 0
    public var entriesCommitted: UInt64 = 0
    public var entriesSentAgain: UInt64 = 0
    /// Entries undone: another leader never had them.
    public var entriesUndone: UInt64 = 0
    /// Entries that came before those in front of them, or twice.
    public var entriesOutOfOrder: UInt64 = 0
    public var entriesRepeated: UInt64 = 0
    /// Entries of a view or term that isn't this member's, or from whoever doesn't lead in it.
    public var entriesOfOtherViews: UInt64 = 0
    /// Entries that found no room in the tail.
    public var entriesUnstored: UInt64 = 0
    public var transfersBegun: UInt64 = 0
    public var transfersFinished: UInt64 = 0
    public var recordsSent: UInt64 = 0
    public var recordsTaken: UInt64 = 0
    public var handOvers: UInt64 = 0
    public var viewsInstalled: UInt64 = 0
    /// Committed records that the tables could not take, and full copies that were full no more.
    public var recordsLost: UInt64 = 0
    public var copiesLost: UInt64 = 0

    public init() {}
}
