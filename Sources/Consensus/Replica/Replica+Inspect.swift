// What a copy's tail says: entries that this member stores and does not know to be committed. Never asked
// on a packet's way.

public import Wire

extension Replica {
    /// The creations in a bucket's tail, oldest first. Linear in the tail, and parses it.
    package func storedCreations(_ copy: CopyIndex) -> [FlowCreation] {
        var creations: [FlowCreation] = []
        var slot = copies[copy.index].tail.first
        while slot != .none {
            let head = tail[slot].head
            let parsed = try? FlowEntry.parse(
                kind: head.kind.rawValue, flags: head.flags, tail.body(slot), at: 0)
            if case .create(let creation) = parsed?.entry { creations.append(creation) }
            slot = tail[slot].next
        }
        return creations
    }

    /// The oldest entry of a bucket that isn't known to be committed. `copy` counts from 0.
    public func firstUncommitted(_ copy: Int) -> TailSlot? {
        let slot = copies[copy].tail.first
        return slot == .none ? nil : slot
    }

    /// The next one of the same bucket.
    public func nextUncommitted(_ slot: TailSlot) -> TailSlot? {
        let next = tail[slot].next
        return next == .none ? nil : next
    }

    public var copyCount: Int { copies.count }

    /// Whether the creation of a flow is in its bucket's tail; with `translated`, as that.
    package func holdsEntry(
        _ copy: CopyIndex, creating name: FlowName, as translated: FlowTuple? = nil
    ) -> Bool {
        storedCreations(copy).contains {
            $0.name == name && (translated == nil || $0.translated == translated)
        }
    }

    /// In whose name this engine leads a bucket: its view and term.
    public func reignName(_ copy: CopyIndex) -> (ballot: Ballot, term: UInt32) {
        (copies[copy.index].stamp.ballot, copies[copy.index].term)
    }

    /// Whether every committed record is in this copy, by what this member knows.
    package func isFull(_ copy: CopyIndex) -> Bool {
        copies[copy.index].role != .none && copies[copy.index].isFull
    }
}
