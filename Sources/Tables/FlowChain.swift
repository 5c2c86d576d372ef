// Chains: each flow is in one, and a chain is walked without touching the rest of the table. They
// are doubly linked lists through an array of links beside the records.

/// A flow's neighbours. Slots take 31 bits.
@usableFromInline
struct ChainLinks: BitwiseCopyable {
    /// The slot before; for a chain's first flow, `headMark` and the chain's number.
    @usableFromInline var previous: UInt32
    /// The slot after, or `none`, and `walkMark` if a walk stands here. In a free slot, the next
    /// free slot.
    @usableFromInline var next: UInt32

    @inlinable
    init(previous: UInt32, next: UInt32) {
        self.previous = previous
        self.next = next
    }

    @inlinable static var none: UInt32 { 0x7FFF_FFFF }
    @inlinable static var headMark: UInt32 { 0x8000_0000 }
    @inlinable static var walkMark: UInt32 { 0x8000_0000 }

    /// The slot after, or `none`.
    @inlinable var following: UInt32 { next & ~ChainLinks.walkMark }
    @inlinable var isWalkHere: Bool { next & ChainLinks.walkMark != 0 }
}

/// Where a chain begins. All zero is an empty chain.
@usableFromInline
struct ChainEnd: BitwiseCopyable {
    /// The first slot plus one; zero if there is none.
    @usableFromInline var firstPlusOne: UInt32

    @inlinable var first: UInt32 {
        get { firstPlusOne == 0 ? ChainLinks.none : firstPlusOne &- 1 }
        set { firstPlusOne = newValue == ChainLinks.none ? 0 : newValue &+ 1 }
    }
}

extension FlowTable {
    public func isEmpty(chain: Int) -> Bool {
        precondition(chain >= 0 && chain < chainCount)
        return unsafe chains[chain].firstPlusOne == 0
    }

    @usableFromInline
    mutating func link(_ slot: Int, into chain: Int) {
        let first = unsafe chains[chain].first
        unsafe links[slot] = ChainLinks(
            previous: ChainLinks.headMark | UInt32(chain), next: first)
        if first != ChainLinks.none { unsafe links[Int(first)].previous = UInt32(slot) }
        unsafe chains[chain].first = UInt32(slot)
    }

    @usableFromInline
    mutating func unlink(_ slot: Int) {
        let own = unsafe links[slot]
        if own.isWalkHere { passWalks(from: slot, to: own.following) }
        if own.following != ChainLinks.none {
            unsafe links[Int(own.following)].previous = own.previous
        }
        if own.previous & ChainLinks.headMark != 0 {
            let chain = Int(own.previous & ~ChainLinks.headMark)
            unsafe chains[chain].first = own.following
        } else {
            let mark = unsafe links[Int(own.previous)].next & ChainLinks.walkMark
            unsafe links[Int(own.previous)].next = own.following | mark
        }
    }
}
