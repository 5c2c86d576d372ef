// Walking one chain: all at once, or a few flows at a time over many turns, while flows come and
// go in between.

/// A walk in progress. Kept by whoever began it, until it has finished or was abandoned.
public struct ChainWalk: Hashable, Sendable, BitwiseCopyable {
    let number: Int
}

/// Where the walks in progress stand. Fixed size, made with the table.
@usableFromInline
struct WalkPool: ~Copyable {
    /// Walks at one time: state transfers run beside each other, but not many.
    @usableFromInline static let capacity = 64

    /// By walk: the slot that it visits next, or `ChainLinks.none` at the end of the chain.
    @usableFromInline var next: [UInt32]
    @usableFromInline var active: UInt64 = 0

    init() { next = Array(repeating: ChainLinks.none, count: Self.capacity) }

    /// Whether a walk stands at `slot`.
    @usableFromInline
    func stands(at slot: UInt32) -> Bool {
        next.indices.contains { active >> UInt64($0) & 1 == 1 && next[$0] == slot }
    }
}

extension FlowTable {
    /// Walks at one time.
    public static var walkCapacity: Int { WalkPool.capacity }

    /// Begins a walk over the flows that are in `chain` now. Flows that come later are not
    /// visited, flows that go before their visit neither. Nil if `walkCapacity` walks are open.
    public mutating func beginWalk(ofChain chain: Int) -> ChainWalk? {
        precondition(chain >= 0 && chain < chainCount)
        let number = (~walks.active).trailingZeroBitCount
        guard number < WalkPool.capacity else { return nil }
        walks.active |= 1 << UInt64(number)
        stand(number, at: unsafe chains[chain].first)
        return ChainWalk(number: number)
    }

    /// Visits up to `limit` further flows of the walk, and removes those for which `visit` says
    /// so. True if it visited the last: the walk is then over, and its value void.
    public mutating func advance(
        _ walk: ChainWalk, limit: Int,
        _ visit: (FlowHandle, inout Hot, inout Cold) -> SweepAction
    ) -> Bool {
        checkOpen(walk)
        var slot = walks.next[walk.number]
        leave(walk.number)
        var visited = 0
        while slot != ChainLinks.none, visited < limit {
            let following = unsafe links[Int(slot)].following
            visitAndAct(Int(slot), visit)
            slot = following
            visited += 1
        }
        if slot == ChainLinks.none {
            walks.active &= ~(1 << UInt64(walk.number))
            return true
        }
        stand(walk.number, at: slot)
        return false
    }

    /// Ends a walk before its end.
    public mutating func abandon(_ walk: ChainWalk) {
        checkOpen(walk)
        leave(walk.number)
        walks.active &= ~(1 << UInt64(walk.number))
    }

    /// Visits all flows of a chain, newest first, and removes those for which `visit` says so.
    public mutating func forEach(
        inChain chain: Int, _ visit: (FlowHandle, inout Hot, inout Cold) -> SweepAction
    ) {
        precondition(chain >= 0 && chain < chainCount)
        var slot = unsafe chains[chain].first
        while slot != ChainLinks.none {
            let following = unsafe links[Int(slot)].following
            visitAndAct(Int(slot), visit)
            slot = following
        }
    }

    @inlinable
    mutating func visitAndAct(
        _ slot: Int, _ visit: (FlowHandle, inout Hot, inout Cold) -> SweepAction
    ) {
        let handle = FlowHandle(rawValue: UInt32(truncatingIfNeeded: slot))
        if unsafe visit(handle, &hots[slot], &colds[slot]) == .remove { remove(handle) }
    }

    private func checkOpen(_ walk: ChainWalk) {
        precondition(
            walks.active >> UInt64(walk.number) & 1 == 1, "this walk has finished or was abandoned")
    }

    private mutating func stand(_ number: Int, at slot: UInt32) {
        walks.next[number] = slot
        if slot != ChainLinks.none { unsafe links[Int(slot)].next |= ChainLinks.walkMark }
    }

    /// Takes the walk's mark away, if no other walk stands there.
    private mutating func leave(_ number: Int) {
        let slot = walks.next[number]
        walks.next[number] = ChainLinks.none
        if slot != ChainLinks.none, !walks.stands(at: slot) {
            unsafe links[Int(slot)].next &= ~ChainLinks.walkMark
        }
    }

    /// Moves all walks that stand at a slot that is being removed.
    @usableFromInline
    mutating func passWalks(from slot: Int, to following: UInt32) {
        for number in 0..<WalkPool.capacity where walks.next[number] == UInt32(slot) {
            stand(number, at: following)
        }
    }
}
