// The expiry sweep: a little of the table every turn, the same amount whether it is full or empty,
// so that no load makes a turn longer and no idle time makes expiry late.

public import Wire

extension FlowTable {
    /// Goes on over the next `limit` slots, live or not, beginning again after the last one, and
    /// visits the live ones in order; removes those for which `visit` says so. A limit of at least
    /// `capacityFlows` covers all slots once. Returns how many were live.
    @inlinable @discardableResult
    public mutating func sweep(
        limit: Int, _ visit: (FlowHandle, inout Hot, inout Cold) -> SweepAction
    ) -> Int {
        precondition(limit >= 0)
        var remaining = Swift.min(limit, capacityFlows)
        var visited = 0
        while remaining > 0 {
            let end = Swift.min(
                sweepPosition + remaining, capacityFlows, (sweepPosition | 63) + 1)
            remaining -= end - sweepPosition
            visited += visitLive(sweepPosition..<end, visit)
            sweepPosition = end == capacityFlows ? 0 : end
        }
        return visited
    }

    /// Visits the live slots of a range within one word of live bits. Those that end are removed
    /// together, so that the removals wait for memory at the same time and not one by one.
    @inlinable
    mutating func visitLive(
        _ slots: Range<Int>, _ visit: (FlowHandle, inout Hot, inout Cold) -> SweepAction
    ) -> Int {
        let first = slots.lowerBound & ~63
        var live = unsafe liveWords[first &>> 6]
        live &= UInt64.max &<< UInt64(slots.lowerBound & 63)
        live &= UInt64.max &>> UInt64(63 - (slots.upperBound - 1) & 63)
        let visited = live.nonzeroBitCount
        var ending: UInt64 = 0
        while live != 0 {
            let slot = first + live.trailingZeroBitCount
            let handle = FlowHandle(rawValue: UInt32(truncatingIfNeeded: slot))
            if unsafe visit(handle, &hots[slot], &colds[slot]) == .remove {
                ending |= live & (0 &- live)
            }
            live &= live &- 1
        }
        if ending != 0 { removeAll(ending, from: first) }
        return visited
    }

    /// Removes the slots from `first` whose bits are set.
    @inlinable
    mutating func removeAll(_ ending: UInt64, from first: Int) {
        var bits = ending
        while bits != 0 {
            prefetchRemoval(first + bits.trailingZeroBitCount)
            bits &= bits &- 1
        }
        bits = ending
        while bits != 0 {
            let slot = first + bits.trailingZeroBitCount
            remove(FlowHandle(rawValue: UInt32(truncatingIfNeeded: slot)))
            bits &= bits &- 1
        }
    }

    /// Asks for what the removal of a slot will change: the index by both keys, and the
    /// neighbours in the chain.
    @inlinable
    func prefetchRemoval(_ slot: Int) {
        unsafe prefetchIndex(hash(Layout.key(of: hots[slot], direction: .outbound)))
        unsafe prefetchIndex(hash(Layout.key(of: hots[slot], direction: .inbound)))
        prefetchNeighbours(of: slot)
    }
}
