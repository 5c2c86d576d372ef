// A leader's decision becomes an entry of the bucket's one sequence. DESIGN part 5, rule 7.

public import Wire

extension Replica {
    /// Adds an entry to a bucket that this engine leads, and its place in the sequence: it is committed
    /// when an event says so. The caller has asked `mayDecide`.
    ///
    /// Cost: copies the body once; with one copy the commitment is an event at once.
    public mutating func append(
        _ copy: CopyIndex, _ kind: EntryKind, flags: UInt8 = 0, body: RawSpan,
        decision: OwnDecision?
    ) -> UInt64 {
        let sequence = push(copy, kind, flags: flags, body: body, decision: decision)
        advance(copy)
        return sequence
    }

    /// Adds an entry without body: what it says is only that the leader got so far.
    public mutating func appendEmpty(_ copy: CopyIndex) -> UInt64 {
        let sequence = push(copy, .empty)
        advance(copy)
        return sequence
    }

    @discardableResult
    mutating func push(_ copy: CopyIndex, _ kind: EntryKind) -> UInt64 {
        let nothing: [UInt8] = []
        return push(copy, kind, flags: 0, body: nothing.rawSpan, decision: nil)
    }

    private mutating func push(
        _ copy: CopyIndex, _ kind: EntryKind, flags: UInt8, body: RawSpan, decision: OwnDecision?
    ) -> UInt64 {
        let index = copy.index
        let sequence = copies[index].last + 1
        let head = EntryHead(
            kind: kind, flags: flags, bucket: bucket(copy), sequence: sequence)
        guard let slot = tail.make(head, sequence: sequence, body: body, decision: decision) else {
            preconditionFailure("room is kept for an entry of every bucket")
        }
        tail.append(slot, to: &copies[index].tail)
        for seat in 0..<View.mostSeats where copies[index].cursors[seat] == .none {
            copies[index].cursors[seat] = slot
        }
        copies[index].stamp.sequence = sequence
        counters.entriesAppended += 1
        toSend.insert(index)
        return sequence
    }
}
