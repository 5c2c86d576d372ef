// The expiry sweep: a little of the table every turn, the same amount whether it is full or empty,
// so that no load makes a turn longer and no idle time makes expiry late.

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

    /// Visits the live slots of a range within one word of live bits.
    @inlinable
    mutating func visitLive(
        _ slots: Range<Int>, _ visit: (FlowHandle, inout Hot, inout Cold) -> SweepAction
    ) -> Int {
        let first = slots.lowerBound & ~63
        var live = unsafe liveWords[first &>> 6]
        live &= UInt64.max &<< UInt64(slots.lowerBound & 63)
        live &= UInt64.max &>> UInt64(63 - (slots.upperBound - 1) & 63)
        let visited = live.nonzeroBitCount
        while live != 0 {
            visitAndAct(first + live.trailingZeroBitCount, visit)
            live &= live &- 1
        }
        return visited
    }
}
