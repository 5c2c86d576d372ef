// A copy that could not take what is committed is full no more. Its leader is told and fills it anew; a
// leader hands over to one that is full, if there is one. DESIGN part 5, rule 9.

import Wire

extension Replica {
    /// The tables could not take a committed record of the bucket, or one of a transfer: the copy is
    /// not full from now on, and a transfer that is under way fills nobody.
    public mutating func lose(_ copy: CopyIndex) {
        let index = copy.index
        counters.recordsLost += 1
        guard copies[index].role != .none else { return }
        copies[index].isFilling = false
        copies[index].fullAt = nil
        copies[index].hasLost = true
        guard copies[index].isFull else { return }
        counters.copiesLost += 1
        switch copies[index].role {
        case .leader: yieldLead(copy)
        case .none, .follower, .handingOver:
            copies[index].isFull = false
            toAcknowledge.insert(index)
            report(lost: copy)
        }
    }

    /// A leader that lacks a record hands over to a follower that is full, once it may. If there is
    /// none, nobody is known to hold more than it.
    mutating func yieldLead(_ copy: CopyIndex) {
        let index = copy.index
        guard copies[index].role == .leader, copies[index].hasLost, copies[index].opening == nil
        else { return }
        let own = groups[groupSlot(copy)].seat ?? 0
        guard let successor = copies[index].fullSeats.without(own).first else {
            return copies[index].hasLost = false
        }
        copies[index].isFull = false
        copies[index].fullSeats = copies[index].fullSeats.without(own)
        setRole(copy, .handingOver)
        copies[index].successor = UInt8(successor)
        report(lost: copy)
        completeHandOver(copy)
    }

    /// A follower that was full tells that it isn't any more: it is filled anew, each time later.
    mutating func refill(_ copy: CopyIndex, seat: Int) {
        let index = copy.index
        copies[index].fullSeats = copies[index].fullSeats.without(seat)
        copies[index].wanting.formUnion(SeatSet(seat: seat))
        let refills = copies[index].refills[seat]
        copies[index].refills[seat] = refills < .max ? refills + 1 : refills
        guard copies[index].role == .leader, copies[index].opening == nil else { return }
        wantTransfer(copy, seat: seat)
    }

    func lostCopies(_ view: View, _ slot: Int) -> [BucketIndex] {
        (0..<settings.bucketCount).lazy.map { BucketIndex($0) }.filter { bucket in
            guard isHere(bucket) else { return false }
            let state = copies[copy(group: slot, bucket).index]
            return state.hasLost && !state.isFull && state.role != .none
        }
    }

    private mutating func report(lost copy: CopyIndex) {
        let group = groups[groupSlot(copy)]
        guard let view = group.view else { return }
        reports.append(.lost(group: group.id, ballot: view.ballot, bucket: bucket(copy)))
    }
}
