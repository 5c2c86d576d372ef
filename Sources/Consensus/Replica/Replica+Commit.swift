// An entry is committed when every replica of the view has acknowledged it, in that view, and the view
// is active. Only then does anything leave because of it. DESIGN part 5, rule 8.

import Tables
import Wire

extension Replica {
    /// Counts how far all of a bucket's replicas have come.
    mutating func advance(_ copy: CopyIndex) {
        let index = copy.index
        let group = groups[groupSlot(copy)]
        guard copies[index].role == .leader || copies[index].role == .handingOver,
            group.isActive, group.isThawed, let seat = group.seat
        else { return }
        var least = copies[index].last
        let others = replicas(copy).without(seat)
        for other in 0..<View.mostSeats where others.contains(seat: other) {
            least = min(least, copies[index].acknowledged[other])
        }
        if least > copies[index].committed {
            apply(copy, through: least)
            if !others.isEmpty { toTell.insert(index) }
        }
        if let opening = copies[index].opening, copies[index].committed >= opening {
            open(copy)
        }
        if copies[index].role == .handingOver { completeHandOver(copy) }
    }

    private mutating func open(_ copy: CopyIndex) {
        copies[copy.index].opening = nil
        events.append(.opened(copy))
        wantTransfers(copy)
        yieldLead(copy)
    }

    /// Everything up to a place is committed.
    mutating func apply(_ copy: CopyIndex, through sequence: UInt64) {
        let index = copy.index
        while copies[index].tail.first != .none,
            tail[copies[index].tail.first].sequence <= sequence,
            let slot = tail.popFirst(&copies[index].tail)
        {
            counters.entriesCommitted += 1
            passBy(slot, index)
            events.append(.committed(copy, slot))
        }
        copies[index].committed = max(copies[index].committed, sequence)
    }

    /// What is committed is sent again to nobody: its slot will be another entry's.
    private mutating func passBy(_ slot: TailSlot, _ index: Int) {
        for seat in 0..<View.mostSeats where copies[index].cursors[seat] == slot {
            copies[index].cursors[seat] = copies[index].tail.first
        }
    }

    /// Lets go of entries beyond a place, newest last: no leader has them any more.
    mutating func dropTail(_ copy: CopyIndex, beyond place: UInt64) {
        let index = copy.index
        var kept = TailList()
        while let slot = tail.popFirst(&copies[index].tail) {
            if tail[slot].sequence <= place {
                tail.append(slot, to: &kept)
            } else {
                counters.entriesUndone += 1
                events.append(.undone(copy, slot))
            }
        }
        copies[index].tail = kept
    }

    /// A leader's word on what is committed.
    mutating func committed(_ mark: BucketMark, _ context: MarksContext, from node: NodeID) {
        guard let copy = follower(of: context, mark.bucket, node) else { return }
        let state = copies[copy.index]
        guard mark.term == UInt8(truncatingIfNeeded: state.term) & 0x7F,
            state.stamp.ballot == context.ballot, state.stamp.term == state.term
        else { return }
        let place = mark.sequence(near: state.last)
        if place > state.committed { apply(copy, through: min(place, state.last)) }
        guard let first = state.hearing, place >= first else { return }
        copies[copy.index].hearing = nil
        events.append(.heard(copy))
    }

    /// The copy by which this engine follows `node` in the view of a message.
    func follower(
        of context: MarksContext, _ bucket: BucketIndex, _ node: NodeID
    ) -> CopyIndex? {
        guard isHere(bucket), let slot = slots[context.group].map(Int.init),
            groups[slot].isThawed, let view = groups[slot].view, view.ballot == context.ballot,
            let seat = view.seat(of: node)
        else { return nil }
        let copy = copy(group: slot, bucket)
        let state = copies[copy.index]
        return state.role == .follower && Int(state.leaderSeat) == seat ? copy : nil
    }
}
