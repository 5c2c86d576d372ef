// A follower takes what its leader sends: in order, once, and only from whoever leads in the view and
// term. DESIGN part 5, rules 7, 8 and 10.

import Tables
import Wire

extension Replica {
    /// Takes an entry of a message.
    mutating func store(
        _ head: EntryHead, _ body: RawSpan, _ context: EntriesContext, from node: NodeID
    ) {
        guard let (copy, seat) = copy(for: head, context, from: node) else {
            counters.entriesOfOtherViews += 1
            return
        }
        copies[copy.index].version = max(copies[copy.index].version, context.version)
        if head.kind == .handOver {
            return takeOver(
                copy, head, context, from: seat, fullSeats: SeatSet(rawValue: head.flags))
        }
        let index = copy.index
        if context.term > copies[index].term { follow(copy, seat, term: context.term) }
        guard copies[index].role == .follower, Int(copies[index].leaderSeat) == seat else {
            counters.entriesOfOtherViews += 1
            return
        }
        if head.kind == .reignBegin { return begin(copy, head, body, context) }
        if head.kind.isInSequence {
            storeInSequence(copy, head, body, context)
        } else {
            takeNews(copy, head, body, context)
        }
    }

    /// The copy that an entry is for, and its sender's seat; nil if it is of another view, of a term
    /// that is over, or from whoever has no copy.
    private func copy(
        for head: EntryHead, _ context: EntriesContext, from node: NodeID
    ) -> (copy: CopyIndex, seat: Int)? {
        guard isHere(head.bucket), let slot = slots[context.group].map(Int.init),
            groups[slot].isThawed, let view = groups[slot].view, view.ballot == context.ballot,
            let seat = view.seat(of: node),
            view.buckets[Int(head.bucket.rawValue)].replicas.contains(seat: seat)
        else { return nil }
        let copy = copy(group: slot, head.bucket)
        let state = copies[copy.index]
        guard state.role != .none, context.term >= state.term else { return nil }
        // Rule 10: what an older view left here is discarded only when this one is known active.
        guard !state.isStale || groups[slot].isActive else { return nil }
        return (copy, seat)
    }

    /// Another leads, since a hand-over.
    mutating func follow(_ copy: CopyIndex, _ seat: Int, term: UInt32) {
        cease(copy)
        setRole(copy, .follower)
        copies[copy.index].term = term
        copies[copy.index].leaderSeat = UInt8(seat)
        copies[copy.index].hearing = nil
        events.append(.followed(copy))
        note(UInt8(seat), leads: bucket(copy), term: term, group: groupSlot(copy))
    }

    private mutating func storeInSequence(
        _ copy: CopyIndex, _ head: EntryHead, _ body: RawSpan, _ context: EntriesContext
    ) {
        let index = copy.index
        // Entries that came before the view was installed here are missing: only the reign's own word
        // says which was its first.
        guard isAdopted(copy, context) else {
            counters.entriesOutOfOrder += 1
            return
        }
        let place = head.sequence(near: copies[index].last)
        toAcknowledge.insert(index)
        guard place > copies[index].last else {
            counters.entriesRepeated += 1
            return
        }
        guard place == copies[index].last + 1 else {
            counters.entriesOutOfOrder += 1
            return
        }
        guard tail.freeCount > reserve, let slot = makeStored(head, place, body) else {
            counters.entriesUnstored += 1
            return
        }
        tail.append(slot, to: &copies[index].tail)
        copies[index].stamp.sequence = place
        copies[index].hasActed = true
        counters.entriesStored += 1
        fillUp(copy)
    }

    private mutating func makeStored(
        _ head: EntryHead, _ place: UInt64, _ body: RawSpan
    ) -> TailSlot? {
        guard settings.plantedBug == .acknowledgeBeforeStore, head.kind == EntryKind(.create) else {
            return tail.make(head, sequence: place, body: body, decision: nil)
        }
        let empty = EntryHead(kind: .empty, bucket: head.bucket, sequence: place)
        return tail.make(empty, sequence: place, body: body.extracting(0..<0), decision: nil)
    }

    /// Whether this copy has taken the beginning of a reign.
    private func isAdopted(_ copy: CopyIndex, _ context: EntriesContext) -> Bool {
        let state = copies[copy.index]
        return !state.isStale && state.stamp.ballot == context.ballot
            && state.stamp.term == context.term
    }

    /// A reign begins: its first entry will have this place.
    private mutating func begin(
        _ copy: CopyIndex, _ head: EntryHead, _ body: RawSpan, _ context: EntriesContext
    ) {
        guard !isAdopted(copy, context) else { return }
        let upper = body.byteCount == 4 ? UInt64(body.bigEndianUInt32(at: 0)) : 0
        let place = upper << 32 | UInt64(head.sequence)
        // A newcomer has no place of its own to count from.
        guard !copies[copy.index].isStale else {
            return beginAnew(copy, before: place, context)
        }
        guard place <= copies[copy.index].last + 1 else {
            counters.entriesOutOfOrder += 1
            return
        }
        adopt(copy, from: place, context)
    }

    /// The beginning of a reign: everything before it is committed, by its leader's knowledge, and
    /// what this member holds beyond is sent again if the leader has it, else dropped.
    // docs/decisions/019.
    private mutating func adopt(_ copy: CopyIndex, from place: UInt64, _ context: EntriesContext) {
        let index = copy.index
        apply(copy, through: min(place - 1, copies[index].last))
        let kept = max(place - 1, copies[index].committed)
        dropTail(copy, beyond: kept)
        copies[index].stamp = Stamp(ballot: context.ballot, term: context.term, sequence: kept)
        copies[index].hasActed = true
        copies[index].hearing = place
    }

    /// A member that isn't full drops the tail of an older view: what it is sent begins at `place`.
    private mutating func beginAnew(
        _ copy: CopyIndex, before place: UInt64, _ context: EntriesContext
    ) {
        let index = copy.index
        dropTail(copy, beyond: 0)
        copies[index].isStale = false
        copies[index].hearing = place
        copies[index].committed = place - 1
        copies[index].stamp = Stamp(
            ballot: context.ballot, term: context.term, sequence: place - 1)
    }
}
