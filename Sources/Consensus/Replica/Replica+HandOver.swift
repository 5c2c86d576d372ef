// Leadership moves inside a view: the leader stops, waits until all have what it sent, and says so to
// its successor. DESIGN part 5, rule 10.

import Tables
import Wire

extension Replica {
    /// Moves a bucket that this engine leads to a full follower. Nothing waits for a commitment when it
    /// moves, so nothing is lost.
    mutating func handOver(
        _ group: UInt64, _ ballot: Ballot, _ bucket: BucketIndex, to seat: Int
    ) {
        guard isHere(bucket), let slot = slots[group].map(Int.init),
            groups[slot].view?.ballot == ballot, groups[slot].isActive
        else { return }
        let copy = copy(group: slot, bucket)
        guard copies[copy.index].role == .leader, copies[copy.index].opening == nil,
            copies[copy.index].fullSeats.contains(seat: seat)
        else { return }
        setRole(copy, .handingOver)
        copies[copy.index].successor = UInt8(seat)
        completeHandOver(copy)
    }

    /// Once everything is committed the successor may be told: it then has everything.
    mutating func completeHandOver(_ copy: CopyIndex) {
        guard copies[copy.index].committed == copies[copy.index].last else { return }
        handOvers.insert(copy.index)
    }

    /// Tells successors. What finds no room goes the next time.
    mutating func sendHandOvers<Sealer: ~Copyable>(
        _ channels: inout ChannelSet<Sealer>, _ peers: borrowing IdentifierMap
    ) {
        var list = CopyList()
        swap(&list, &handOvers)
        list.drain { index in
            let copy = CopyIndex(rawValue: Int32(index))
            let state = copies[index]
            let group = groups[groupSlot(copy)]
            guard state.role == .handingOver, group.isThawed, let view = group.view,
                let number = channel(to: Int(state.successor), of: copy, &channels, peers)
            else { return false }
            let context = EntriesContext(
                group: group.id, ballot: view.ballot, term: state.term + 1,
                version: newestVersion(copy))
            let head = EntryHead(
                kind: .handOver, flags: state.fullSeats.rawValue, bucket: bucket(copy),
                sequence: state.last)
            let nothing: [UInt8] = []
            guard channels.append(context, head, nothing.rawSpan, to: number) else {
                return true
            }
            follow(copy, Int(state.successor), term: state.term + 1)
            counters.handOvers += 1
            reports.append(
                .led(
                    group: group.id, ballot: view.ballot, bucket: head.bucket,
                    term: state.term + 1, seat: state.successor))
            return false
        }
        swap(&list, &handOvers)
    }

    /// This engine is told that the bucket is its own now.
    mutating func takeOver(
        _ copy: CopyIndex, _ head: EntryHead, _ context: EntriesContext, from sender: Int,
        fullSeats: SeatSet
    ) {
        let index = copy.index
        let group = groups[groupSlot(copy)]
        // Who lost a record since it was chosen leads all the same, until it may hand over in its turn.
        guard copies[index].role == .follower, copies[index].isFull || copies[index].hasLost,
            let view = group.view,
            Int(copies[index].leaderSeat) == sender, let seat = group.seat,
            context.term > copies[index].term,
            fullSeats.contains(seat: seat),
            head.sequence(near: copies[index].last) == copies[index].last
        else {
            counters.entriesOfOtherViews += 1
            return
        }
        copies[index].term = context.term
        copies[index].isFull = true
        counters.handOvers += 1
        lead(
            copy, full: fullSeats, replicas: view.buckets[Int(head.bucket.rawValue)].replicas,
            ballot: view.ballot)
        reports.append(
            .led(
                group: group.id, ballot: view.ballot, bucket: head.bucket,
                term: context.term, seat: UInt8(seat)))
    }
}
