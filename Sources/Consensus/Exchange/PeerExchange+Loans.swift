// Loans and the replica: what loans decide becomes entries of their buckets, and the reigns of the replica
// are those in whose name loans are asked for and given. DESIGN part 5, rules 7 and 17.

import Tables
public import Wire

extension PeerExchange {
    /// Makes a decision about a loan an entry of the lender's bucket, or takes it back where nothing may
    /// be decided now.
    public mutating func propose(_ decision: LoanEntry, at now: Tick) {
        let (id, port) = decision.grant
        guard let copy = replica.copy(of: id.group, port.toward.bucket), replica.mayDecide(copy)
        else {
            return loans.undone(decision, at: now)
        }
        let entry = decision.asFlowEntry
        var bytes = [UInt8](repeating: 0, count: entry.byteCount)
        var span = bytes.mutableRawSpan
        entry.write(to: &span, at: 0)
        _ = replica.append(
            copy, EntryKind(entry.kind), flags: entry.flags, body: bytes.rawSpan, decision: nil)
    }

    /// Whether this engine may lend a port of the bucket that is asked for one.
    public func mayLend(_ ask: LoanAsk) -> Bool {
        replica.copy(of: ask.id.group, ask.toward.bucket).map { replica.mayDecide($0) } ?? false
    }

    /// Tells the loans what an event of the replica means for them.
    public mutating func note(_ event: ReplicaEvent, at now: Tick) {
        switch event {
        case .began(let copy):
            let reign = replica.reignName(copy)
            loans.begin(
                group: replica.groupID(copy), bucket: replica.bucket(copy), ballot: reign.ballot,
                term: reign.term, at: now)
        case .opened(let copy):
            loans.open(group: replica.groupID(copy), bucket: replica.bucket(copy), at: now)
        case .ceased(let copy):
            loans.cease(group: replica.groupID(copy), bucket: replica.bucket(copy), at: now)
        case .followed(let copy):
            loans.follow(group: replica.groupID(copy), bucket: replica.bucket(copy))
        case .heard(let copy):
            loans.hear(group: replica.groupID(copy), bucket: replica.bucket(copy), at: now)
        case .discard(let copy):
            loans.discard(group: replica.groupID(copy), bucket: replica.bucket(copy))
        case .committed, .undone, .news, .interrupted, .fill: break
        }
    }

    /// The copy of the bucket that a loan was asked for.
    public func copy(ofBorrower id: LoanID) -> CopyIndex? { replica.copy(of: id.group, id.bucket) }
}

extension Replica {
    /// The copy of a bucket that this engine keeps; nil of one that it wouldn't keep.
    func copy(of group: UInt64, _ bucket: BucketIndex) -> CopyIndex? {
        guard isHere(bucket), let slot = slots[group].map(Int.init) else { return nil }
        return copy(group: slot, bucket)
    }

    func groupID(_ copy: CopyIndex) -> UInt64 { groups[groupSlot(copy)].id }

    func installedBallot(of group: UInt64) -> Ballot {
        slots[group].flatMap { groups[Int($0)].view?.ballot } ?? .none
    }
}
