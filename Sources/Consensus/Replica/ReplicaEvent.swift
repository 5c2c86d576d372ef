// What a replica tells its engine, to be done to the tables in this order.

import Wire

/// Something for the engine to do.
public enum ReplicaEvent: Hashable, Sendable {
    /// The entry is committed: settle the own decision, or replay its bytes. Then `release` it.
    case committed(CopyIndex, TailSlot)
    /// The entry was this engine's decision and will never be: undo it. Then `release` it.
    case undone(CopyIndex, TailSlot)
    /// A record, or news of one, that stands outside of the sequence: replay it. Then `release` it.
    case news(CopyIndex, TailSlot)
    /// Give back all records of this bucket, before anything else is done to it; then `discarded`.
    case discard(CopyIndex)
    /// This engine leads the bucket now, and forwards; it decides only after `opened`.
    case began(CopyIndex)
    /// The first entry of its own is committed: it decides, and quiet times begin anew.
    case opened(CopyIndex)
    /// This engine led the bucket and leads it again, but the view is not built on the one that it led
    /// in: another may have led meanwhile, and forwarded.
    case interrupted(CopyIndex)
    /// This engine leads the bucket no more.
    case ceased(CopyIndex)
    /// Another leads it, in a reign that may not have opened yet: quiet times don't run until it is
    /// heard to have.
    case followed(CopyIndex)
    /// The first entry of its leader's reign is committed: quiet times begin anew here too.
    case heard(CopyIndex)
    /// A follower is to be filled: walk the bucket's records. `refills`: how often it was full and lost
    /// records in this reign; the more often, the later.
    case fill(CopyIndex, seat: Int, refills: Int)
}

extension ReplicaEvent {
    /// The bucket that it is about.
    public var copy: CopyIndex {
        switch self {
        case .committed(let copy, _), .undone(let copy, _), .news(let copy, _),
            .discard(let copy), .began(let copy), .opened(let copy), .interrupted(let copy),
            .ceased(let copy), .followed(let copy), .heard(let copy), .fill(let copy, _, _):
            copy
        }
    }
}
