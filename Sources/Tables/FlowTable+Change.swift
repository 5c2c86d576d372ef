// Flows come and go. A flow is in the index by both keys, in its chain and counted, or it is not
// there at all.

public import Wire
public import CIntrinsics

extension FlowTable {
    /// Takes a flow in, at the head of `chain`. Refuses if either of its keys is present: so no
    /// translation is ever given twice, whoever chose it. Constant cost, no allocation.
    @inlinable
    public mutating func insert(
        _ hot: Hot, _ cold: Cold, chain: Int
    ) throws(FlowInsertError) -> FlowHandle {
        precondition(chain >= 0 && chain < chainCount)
        let outbound = Layout.key(of: hot, direction: .outbound)
        let inbound = Layout.key(of: hot, direction: .inbound)
        let outboundHash = hash(outbound)
        let inboundHash = hash(inbound)
        prefetchIndex(outboundHash)
        prefetchIndex(inboundHash)
        guard count < capacityFlows else { throw .tableFull }
        let slot = nextSlot
        prefetchSlot(slot)
        prefetchFirst(inChain: chain)
        if find(outbound, hash: outboundHash) != nil { throw .outboundKeyTaken }
        if outbound == inbound || find(inbound, hash: inboundHash) != nil {
            throw .inboundKeyTaken
        }
        guard index.place(FlowTable.entry(slot, .outbound), hash: outboundHash) else {
            throw .indexCrowded
        }
        guard index.place(FlowTable.entry(slot, .inbound), hash: inboundHash) else {
            index.clear(FlowTable.entry(slot, .outbound), hash: outboundHash)
            throw .indexCrowded
        }
        takeNextSlot()
        unsafe (hots + slot).initialize(to: hot)
        unsafe (colds + slot).initialize(to: cold)
        link(slot, into: chain)
        return FlowHandle(rawValue: UInt32(truncatingIfNeeded: slot))
    }

    /// Ends a flow. Its handle is void from now on.
    @inlinable
    public mutating func remove(_ handle: FlowHandle) {
        let slot = checkedSlot(handle)
        unsafe hp_prefetch_for_write(links + slot)
        let outbound = unsafe hash(Layout.key(of: hots[slot], direction: .outbound))
        let inbound = unsafe hash(Layout.key(of: hots[slot], direction: .inbound))
        prefetchIndex(outbound)
        prefetchIndex(inbound)
        prefetchNeighbours(of: slot)
        index.clear(FlowTable.entry(slot, .outbound), hash: outbound)
        index.clear(FlowTable.entry(slot, .inbound), hash: inbound)
        unlink(slot)
        free(slot)
    }
}

// MARK: Slots

extension FlowTable {
    /// The slot that the next flow gets. Only while `count < capacityFlows`.
    @inlinable
    var nextSlot: Int { firstFree == ChainLinks.none ? firstFresh : Int(firstFree) }

    @inlinable
    func prefetchSlot(_ slot: Int) {
        prefetchHot(slot)
        unsafe hp_prefetch_for_write(colds + slot)
        unsafe hp_prefetch_for_write(links + slot)
    }

    /// Asks for the links that a new first flow of the chain will change.
    @inlinable
    func prefetchFirst(inChain chain: Int) {
        let first = unsafe chains[chain].first
        if first != ChainLinks.none { unsafe hp_prefetch_for_write(links + Int(first)) }
    }

    /// Asks for the links before and after a slot in its chain.
    @inlinable
    func prefetchNeighbours(of slot: Int) {
        let own = unsafe links[slot]
        if own.following != ChainLinks.none {
            unsafe hp_prefetch_for_write(links + Int(own.following))
        }
        if own.previous & ChainLinks.headMark == 0 {
            unsafe hp_prefetch_for_write(links + Int(own.previous))
        }
    }

    @inlinable
    mutating func takeNextSlot() {
        let slot = nextSlot
        if firstFree == ChainLinks.none {
            firstFresh += 1
        } else {
            firstFree = unsafe links[slot].next
        }
        unsafe liveWords[slot &>> 6] |= 1 &<< UInt64(slot & 63)
        liveCount += 1
        // The next flow's slot, so that the free list and the record are there when it comes.
        if liveCount < capacityFlows { prefetchSlot(nextSlot) }
    }

    @inlinable
    mutating func free(_ slot: Int) {
        unsafe liveWords[slot &>> 6] &= ~(1 &<< UInt64(slot & 63))
        unsafe links[slot] = ChainLinks(previous: ChainLinks.none, next: firstFree)
        firstFree = UInt32(truncatingIfNeeded: slot)
        liveCount -= 1
    }
}
