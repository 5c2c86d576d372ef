// What a turn changed goes to the channels: entries to followers, acknowledgements to leaders, marks of
// commitment; and what wasn't acknowledged in time goes again.

import Tables
public import Wire

extension Replica {
    /// Puts on the channels all there is to send. Once, at a turn's end. What finds no room goes the
    /// next time.
    ///
    /// - Parameter peers: how many engines each node runs, as it greeted.
    mutating func flush<Sealer: ~Copyable>(
        into channels: inout ChannelSet<Sealer>, peers: borrowing IdentifierMap,
        at now: Tick
    ) {
        if !toAcknowledge.isEmpty { sendAcknowledgements(&channels, peers) }
        if !toSend.isEmpty { sendEntries(&channels, peers, now) }
        if !handOvers.isEmpty { sendHandOvers(&channels, peers) }
        if !toTell.isEmpty, now - lastTold >= Self.tellNanoseconds {
            lastTold = now
            sendMarks(&channels, peers)
        }
    }

    /// Followers learn of commitments this often: what they know late costs them memory alone.
    private static var tellNanoseconds: UInt64 { 1_000_000 }

    /// The newest configuration that entries of the bucket were made by: whoever takes over from here
    /// must not know an older one.
    func newestVersion(_ copy: CopyIndex) -> UInt64 { max(version, copies[copy.index].version) }

    /// The channel to the engine of a seat's node that keeps a bucket.
    func channel<Sealer: ~Copyable>(
        to seat: Int, of copy: CopyIndex, _ channels: inout ChannelSet<Sealer>,
        _ peers: borrowing IdentifierMap
    ) -> Int? {
        let slot = groupSlot(copy)
        guard let count = groups[slot].view?.members.count, seat < count,
            let node = groups[slot].view?.members[seat]
        else { return nil }
        guard let engines = peers[node.rawValue] else { return nil }
        let engine = Int(bucket(copy).rawValue) % Int(engines)
        return channels.channel(to: EngineAddress(node: node, engine: UInt16(engine)))
    }

    // MARK: Entries

    private mutating func sendEntries<Sealer: ~Copyable>(
        _ channels: inout ChannelSet<Sealer>, _ peers: borrowing IdentifierMap,
        _ now: Tick
    ) {
        toSend.sort()
        var list = CopyList()
        swap(&list, &toSend)
        // Round and round, as long as there is room: with thousands of buckets that wait for some, each
        // turn looks at a few.
        let from = sendFrom
        var vain = 0
        for isUpper in [true, false] {
            list.drain { index in
                guard isUpper == (index >= from), vain < Self.mostInVain else { return true }
                guard copies[index].role == .leader || copies[index].role == .handingOver else {
                    return false
                }
                if send(CopyIndex(rawValue: Int32(index)), &channels, peers, now) { return false }
                vain += 1
                sendFrom = index
                return true
            }
        }
        if vain < Self.mostInVain { sendFrom = 0 }
        swap(&list, &toSend)
    }

    /// Buckets for which there was no room on a channel, in one turn.
    private static var mostInVain: Int { 32 }

    /// Sends what a bucket's followers lack. False if a channel had no room for all of it.
    private mutating func send<Sealer: ~Copyable>(
        _ copy: CopyIndex, _ channels: inout ChannelSet<Sealer>, _ peers: borrowing IdentifierMap,
        _ now: Tick
    ) -> Bool {
        let index = copy.index
        let slot = groupSlot(copy)
        guard let ballot = groups[slot].view?.ballot, let own = groups[slot].seat,
            groups[slot].isThawed
        else { return true }
        let context = EntriesContext(
            group: groups[slot].id, ballot: ballot, term: copies[index].term,
            version: newestVersion(copy))
        let others = replicas(copy).without(own)
        guard !others.isEmpty else { return true }
        var isAll = true
        for seat in 0..<View.mostSeats where others.contains(seat: seat) {
            guard copies[index].cursors[seat] != .none else { continue }
            guard let number = channel(to: seat, of: copy, &channels, peers) else { continue }
            guard begin(copy, seat, context, number, &channels) else {
                isAll = false
                continue
            }
            while copies[index].cursors[seat] != .none {
                let slot = copies[index].cursors[seat]
                guard channels.append(context, tail[slot].head, tail.body(slot), to: number) else {
                    isAll = false
                    break
                }
                copies[index].cursors[seat] = tail[slot].next
            }
        }
        waiting.insert(index)
        if copies[index].resendAt == nil {
            copies[index].resendAt = now + copies[index].resendWait
        }
        return isAll
    }

    /// Says which entry is the reign's first, before that itself. False if there is no room.
    private mutating func begin<Sealer: ~Copyable>(
        _ copy: CopyIndex, _ seat: Int, _ context: EntriesContext, _ number: Int,
        _ channels: inout ChannelSet<Sealer>
    ) -> Bool {
        let first = copies[copy.index].tail.first
        guard copies[copy.index].acknowledged[seat] == 0,
            copies[copy.index].cursors[seat] == first
        else { return true }
        let place = tail[first].sequence
        let isLong = place >> 32 != 0
        let head = EntryHead(
            kind: .reignBegin, flags: isLong ? 1 : 0, bucket: bucket(copy), sequence: place)
        let upper = (0..<(isLong ? 4 : 0)).map {
            UInt8(truncatingIfNeeded: place >> UInt64(56 - 8 * $0))
        }
        return channels.append(context, head, upper.rawSpan, to: number)
    }

    /// Sends again what wasn't acknowledged in time. Every millisecond or so.
    public mutating func tick(_ now: Tick) {
        guard !waiting.isEmpty else { return }
        var list = CopyList()
        swap(&list, &waiting)
        list.drain { index in
            guard copies[index].role == .leader || copies[index].role == .handingOver,
                !copies[index].tail.isEmpty
            else {
                copies[index].resendAt = nil
                return false
            }
            // One follower's progress is no reason to forget what another lacks.
            let due = copies[index].resendAt ?? now + copies[index].resendWait
            copies[index].resendAt = due
            if due <= now { rewind(index, now) }
            return true
        }
        swap(&list, &waiting)
    }

    private mutating func rewind(_ index: Int, _ now: Tick) {
        for seat in 0..<View.mostSeats {
            var slot = copies[index].tail.first
            while slot != .none, tail[slot].sequence <= copies[index].acknowledged[seat] {
                slot = tail[slot].next
            }
            copies[index].cursors[seat] = slot
        }
        counters.entriesSentAgain += 1
        copies[index].resendWait = min(
            2 * copies[index].resendWait, settings.longestResendNanoseconds)
        copies[index].resendAt = now + copies[index].resendWait
        toSend.insert(index)
    }

    /// Those that keep the bucket, by its group's view.
    func replicas(_ copy: CopyIndex) -> SeatSet {
        groups[groupSlot(copy)].view?.buckets[Int(bucket(copy).rawValue)].replicas ?? []
    }

    // MARK: Acknowledgements and marks

    private mutating func sendAcknowledgements<Sealer: ~Copyable>(
        _ channels: inout ChannelSet<Sealer>, _ peers: borrowing IdentifierMap
    ) {
        toAcknowledge.sort()
        var list = CopyList()
        swap(&list, &toAcknowledge)
        list.drain { index in
            let copy = CopyIndex(rawValue: Int32(index))
            let slot = groupSlot(copy)
            let (stamp, term) = (copies[index].stamp, copies[index].term)
            // What it holds of an older view or term counts in this one when the reign has begun here.
            guard copies[index].role == .follower, groups[slot].isThawed,
                groups[slot].view?.ballot == stamp.ballot, stamp.term == term,
                let number = channel(to: Int(copies[index].leaderSeat), of: copy, &channels, peers)
            else { return false }
            let mark = BucketMark(
                bucket: bucket(copy), term: term, isFull: copies[index].isFull,
                sequence: stamp.sequence)
            let context = MarksContext(group: groups[slot].id, ballot: stamp.ballot)
            return !channels.append(.acknowledged, context, mark, to: number)
        }
        swap(&list, &toAcknowledge)
    }

    private mutating func sendMarks<Sealer: ~Copyable>(
        _ channels: inout ChannelSet<Sealer>, _ peers: borrowing IdentifierMap
    ) {
        toTell.sort()
        var list = CopyList()
        swap(&list, &toTell)
        list.drain { index in
            let copy = CopyIndex(rawValue: Int32(index))
            let slot = groupSlot(copy)
            guard copies[index].role == .leader, let ballot = groups[slot].view?.ballot,
                let own = groups[slot].seat
            else { return false }
            let mark = BucketMark(
                bucket: bucket(copy), term: copies[index].term, isFull: true,
                sequence: copies[index].committed)
            let context = MarksContext(group: groups[slot].id, ballot: ballot)
            let others = replicas(copy).without(own)
            for seat in 0..<View.mostSeats where others.contains(seat: seat) {
                guard let number = channel(to: seat, of: copy, &channels, peers) else { continue }
                guard channels.append(.committed, context, mark, to: number) else { return true }
            }
            copies[index].told = copies[index].committed
            return false
        }
        swap(&list, &toTell)
    }
}
