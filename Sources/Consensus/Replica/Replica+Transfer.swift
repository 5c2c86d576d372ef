// A follower that lacks records is filled by the leader, in the stream that the entries go in, so that
// everything stands in order: "the transfer begins", records as they were read, "it ends". DESIGN part
// 5, rule 10.

import Wire

extension Replica {
    /// Followers of this bucket that are to be filled, now that it is open.
    mutating func wantTransfers(_ copy: CopyIndex) {
        let wanting = copies[copy.index].wanting
        for seat in 0..<View.mostSeats where wanting.contains(seat: seat) {
            wantTransfer(copy, seat: seat)
        }
    }

    mutating func wantTransfer(_ copy: CopyIndex, seat: Int) {
        events.append(
            .fill(copy, seat: seat, refills: Int(copies[copy.index].refills[seat])))
    }

    /// Whether a transfer that began in this reign still has somebody who wants it.
    public func wantsTransfer(_ copy: CopyIndex, seat: Int, reign: UInt32) -> Bool {
        let state = copies[copy.index]
        return state.role == .leader && state.reign == reign && state.wanting.contains(seat: seat)
    }

    /// Puts a step of a transfer on the channel to one follower. False if there is no room: again later.
    mutating func sendNews<Sealer: ~Copyable>(
        _ copy: CopyIndex, to seat: Int, _ kind: EntryKind, flags: UInt8, body: RawSpan,
        through number: Int, _ channels: inout ChannelSet<Sealer>
    ) -> Bool {
        let state = copies[copy.index]
        let group = groups[groupSlot(copy)]
        guard let view = group.view, group.isThawed else { return false }
        let context = EntriesContext(
            group: group.id, ballot: view.ballot, term: state.term,
            version: newestVersion(copy))
        let head = EntryHead(
            kind: kind, flags: flags, bucket: bucket(copy), sequence: state.last)
        guard channels.append(context, head, body, to: number) else { return false }
        switch kind {
        case .transferBegin: counters.transfersBegun += 1
        case .record: counters.recordsSent += 1
        default: break
        }
        return true
    }

    /// Takes what has no place in the sequence.
    mutating func takeNews(
        _ copy: CopyIndex, _ head: EntryHead, _ body: RawSpan, _ context: EntriesContext
    ) {
        let index = copy.index
        switch head.kind {
        case .transferBegin:
            guard !copies[index].isFull, !copies[index].isStale else { return }
            copies[index].isFilling = true
            copies[index].hasLost = false
            copies[index].fullAt = nil
            discard(copy)
        case .transferEnd:
            guard copies[index].isFilling else { return }
            copies[index].isFilling = false
            copies[index].fullAt = head.sequence(near: copies[index].last)
            fillUp(copy)
        case .record where copies[index].isFull || !copies[index].isFilling: break
        default:
            guard tail.freeCount > reserve,
                let slot = tail.make(
                    head, sequence: copies[index].last, body: body, decision: nil)
            else {
                counters.entriesUnstored += 1
                // A record is missing: this transfer fills nobody.
                copies[index].isFilling = false
                return
            }
            counters.recordsTaken += 1
            events.append(.news(copy, slot))
        }
    }

    /// The copy is full once it has the records and every entry up to the transfer's end.
    mutating func fillUp(_ copy: CopyIndex) {
        let index = copy.index
        guard let end = copies[index].fullAt, copies[index].last >= end else { return }
        copies[index].fullAt = nil
        copies[index].isFull = true
        counters.transfersFinished += 1
        toAcknowledge.insert(index)
        let group = groups[groupSlot(copy)]
        guard let view = group.view else { return }
        reports.append(.filled(group: group.id, ballot: view.ballot, bucket: bucket(copy)))
    }
}
