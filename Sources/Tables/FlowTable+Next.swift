// From one live flow to the next, by slot: for who looks at all flows now and then, a few at a time.

extension FlowTable {
    /// The first live flow at or after `slot` and before `end`; nil if there is none. Looks at 64
    /// slots at a time, so an empty stretch of the table costs next to nothing.
    public func nextLive(from slot: Int, before end: Int) -> FlowHandle? {
        precondition(slot >= 0)
        let end = Swift.min(end, capacityFlows)
        guard slot < end else { return nil }
        var first = slot & ~63
        var live = unsafe liveWords[first &>> 6] & UInt64.max &<< UInt64(slot & 63)
        while live == 0 {
            first += 64
            guard first < end else { return nil }
            live = unsafe liveWords[first &>> 6]
        }
        let found = first + live.trailingZeroBitCount
        guard found < end else { return nil }
        return FlowHandle(rawValue: UInt32(truncatingIfNeeded: found))
    }
}
