// The flow table: every flow of one engine, found by either of its two keys, walked by chain, and
// swept for expiry. Its capacity is stated once; after `init` nothing is allocated, and no record
// ever moves, so a handle is an address for as long as the flow lives.
//
// Memory per flow: the hot record, the cold record, 8 bytes of chain links, one bit that says
// whether the slot is live, and two entries in the index (15.6 bytes at the stated load). Hot and
// cold records stand in arrays of their own, so that the packet path touches two cache lines: one
// of the index, one hot record.

/// Fixed-capacity storage of flows, not thread safe: one engine owns it.
///
/// Handles given to any method must be live: a handle out of range or of a free slot traps.
@safe
public struct FlowTable<Layout: FlowLayout>: ~Copyable {
    public typealias Key = Layout.Key
    public typealias Hot = Layout.Hot
    public typealias Cold = Layout.Cold

    public let capacityFlows: Int
    public let chainCount: Int
    @usableFromInline let seed: UInt64
    @usableFromInline var liveCount = 0

    @usableFromInline var index: FlowIndex
    let memory: MappedMemory
    // Proof for every `unsafe` use of these: they point to `capacityFlows` (`chainCount`,
    // capacity / 64) elements in `memory`, which lives as long as the table, and are only
    // indexed by slots that the table itself handed out, or that were checked to be live.
    @usableFromInline let hots: UnsafeMutablePointer<Hot>
    @usableFromInline let colds: UnsafeMutablePointer<Cold>
    @usableFromInline let links: UnsafeMutablePointer<ChainLinks>
    @usableFromInline let liveWords: UnsafeMutablePointer<UInt64>
    @usableFromInline let chains: UnsafeMutablePointer<ChainEnd>

    /// The first of the slots that were used and are free, linked by `next`.
    @usableFromInline var firstFree = ChainLinks.none
    /// Slots from here on were never used, and their memory never touched.
    @usableFromInline var firstFresh = 0
    /// Where the next sweep goes on.
    @usableFromInline var sweepPosition = 0
    @usableFromInline var walks: WalkPool

    /// A table for `capacityFlows` flows in `chains` chains. `seed` is secret: who knows it can
    /// crowd the index.
    public init(capacityFlows: Int, chains chainCount: Int, seed: UInt64) {
        precondition(capacityFlows > 0 && capacityFlows < Int(ChainLinks.none))
        precondition(chainCount > 0 && chainCount < Int(ChainLinks.none))
        precondition(
            MemoryLayout<Hot>.alignment <= 64 && MemoryLayout<Cold>.alignment <= 64)
        self.capacityFlows = capacityFlows
        self.chainCount = chainCount
        self.seed = seed
        index = FlowIndex(entryCount: 2 * capacityFlows)
        let plan = RecordPlan(
            capacityFlows, chainCount, hot: MemoryLayout<Hot>.stride,
            cold: MemoryLayout<Cold>.stride)
        memory = MappedMemory(byteCount: plan.byteCount)
        let base = unsafe memory.base
        unsafe hots = (base + plan.hots).bindMemory(to: Hot.self, capacity: capacityFlows)
        unsafe colds = (base + plan.colds).bindMemory(to: Cold.self, capacity: capacityFlows)
        unsafe links = (base + plan.links).bindMemory(
            to: ChainLinks.self, capacity: capacityFlows)
        unsafe liveWords = (base + plan.liveWords).bindMemory(
            to: UInt64.self, capacity: (capacityFlows + 63) / 64)
        unsafe chains = (base + plan.chains).bindMemory(to: ChainEnd.self, capacity: chainCount)
        walks = WalkPool()
    }

    /// Live flows.
    @inlinable public var count: Int { liveCount }

    /// All memory of the table over the flows that it can hold.
    public var bytesPerFlow: Double {
        Double(index.memory.byteCount + memory.byteCount) / Double(capacityFlows)
    }

    /// The table's memory, to be backed with pages before it serves: the index, then the records, hot
    /// ones first.
    public var memoryRegions: [MemoryRegion] { [index.memory.region, memory.region] }
}

/// Where the arrays of a table begin in its memory.
private struct RecordPlan {
    let hots = 0
    let colds: Int
    let links: Int
    let liveWords: Int
    let chains: Int
    let byteCount: Int

    init(_ capacityFlows: Int, _ chainCount: Int, hot: Int, cold: Int) {
        func afterLine(_ end: Int) -> Int { (end + 63) & ~63 }
        colds = afterLine(capacityFlows * hot)
        links = afterLine(colds + capacityFlows * cold)
        liveWords = afterLine(links + capacityFlows * MemoryLayout<ChainLinks>.stride)
        chains = afterLine(liveWords + (capacityFlows + 63) / 64 * 8)
        byteCount = chains + chainCount * MemoryLayout<ChainEnd>.stride
    }
}

// MARK: Records in place

extension FlowTable {
    @inlinable @inline(__always)
    func isLive(slot: Int) -> Bool {
        guard slot < capacityFlows else { return false }
        let word = unsafe liveWords[slot &>> 6]
        return word &>> UInt64(slot & 63) & 1 == 1
    }

    /// Whether the handle is of a live flow: some flow, not necessarily the one that it was given
    /// for.
    @inlinable
    public func isLive(_ handle: FlowHandle) -> Bool { isLive(slot: handle.slot) }

    @inlinable @inline(__always)
    func checkedSlot(_ handle: FlowHandle) -> Int {
        let slot = handle.slot
        precondition(isLive(slot: slot), "no flow has this handle")
        return slot
    }

    /// The hot record, in place. Its keys may not be changed.
    @inlinable
    public subscript(hot handle: FlowHandle) -> Hot {
        @inline(__always)
        unsafeAddress { unsafe UnsafePointer(hots + checkedSlot(handle)) }
        @inline(__always)
        unsafeMutableAddress { unsafe hots + checkedSlot(handle) }
    }

    /// The cold record, in place.
    @inlinable
    public subscript(cold handle: FlowHandle) -> Cold {
        @inline(__always)
        unsafeAddress { unsafe UnsafePointer(colds + checkedSlot(handle)) }
        @inline(__always)
        unsafeMutableAddress { unsafe colds + checkedSlot(handle) }
    }
}
