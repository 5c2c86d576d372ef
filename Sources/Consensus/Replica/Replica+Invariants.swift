// What must hold of copies between calls.

extension Replica {
    /// What must hold between calls. Linear in copies and entries.
    public func checkInvariants() {
        var entries = 0
        for copy in copies {
            precondition(copy.committed <= copy.last, "committed what isn't here")
            precondition(copy.role != .leader || copy.isFull, "a leader that isn't full")
            precondition(copy.opening.map { $0 <= copy.last } ?? true)
            var slot = copy.tail.first
            var expected = copy.committed + 1
            while slot != .none {
                precondition(tail[slot].sequence == expected, "the tail has a gap")
                expected += 1
                entries += 1
                slot = tail[slot].next
            }
            precondition(expected == copy.last + 1, "the tail ends before the last entry")
        }
        for slot in groups.indices {
            let first = slot * settings.bucketsHere
            let held = copies[first..<first + settings.bucketsHere].count { $0.role != .none }
            precondition(groups[slot].heldCount == held, "a role was changed past its count")
        }
        precondition(entries <= tail.capacity - tail.freeCount)
    }
}
