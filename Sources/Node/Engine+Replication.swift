// Decisions become entries, entries become committed, and what is committed is done to the tables: the
// engine between its translator and its replica. DESIGN part 5, rules 7 to 11.

import Configuration
import Consensus
import Steering
import Tables
import Translation
import Wire

extension Engine {
    /// The copy of the bucket that a packet in hand belongs to.
    func copy(of arrival: Arrival) -> CopyIndex {
        exchange.replica.copy(
            group: translator.resources.resources[arrival.resource].group, arrival.bucket)
    }

    /// The chain of flow records that a copy stands for.
    func chain(_ copy: CopyIndex) -> Int {
        exchange.replica.groupSlot(copy) * translator.resources.portSets.bucketCount
            + Int(exchange.replica.bucket(copy).rawValue)
    }

    // MARK: Proposing

    /// Makes a flow's creation, or return, an entry; its place in the bucket's sequence.
    mutating func proposeCreation(
        _ handle: FlowHandle, isIPv4: Bool, _ copy: CopyIndex
    ) -> UInt64 {
        let decision = OwnDecision(handle: handle, isIPv4: isIPv4)
        guard exchange.replica.hasFollowers(copy) else {
            return append(copy, .empty, EntryKind(.create), decision)
        }
        var entry =
            isIPv4
            ? translator.entry(creating: handle, in: flowsV4)
            : translator.entry(creating: handle, in: flowsV6)
        if isIPv4 { entry = entry.map { withLoan($0, handle) } }
        guard let entry else { preconditionFailure("a record that was just made has an entry") }
        return append(copy, entry, EntryKind(entry.kind), decision)
    }

    /// Makes a record's end an entry, or takes it back where nothing may be decided now.
    mutating func proposeEnd(_ proposal: EndProposal, isIPv4: Bool, _ now: Tick) {
        let bucket =
            isIPv4 ? flowsV4[hot: proposal.handle].bucket : flowsV6[hot: proposal.handle].bucket
        let scope =
            isIPv4 ? flowsV4[hot: proposal.handle].scope : flowsV6[hot: proposal.handle].scope
        let copy = exchange.replica.copy(
            group: translator.resources.resources[scope.resourceSlot].group, bucket)
        guard exchange.replica.mayDecide(copy) else {
            return undo(proposal.handle, isIPv4: isIPv4, now)
        }
        let decision = OwnDecision(
            handle: proposal.handle, isIPv4: isIPv4, detail: proposal.reason.rawValue)
        guard exchange.replica.hasFollowers(copy) else {
            _ = append(copy, .empty, EntryKind(.end), decision)
            return
        }
        let entry =
            isIPv4
            ? translator.entry(ending: proposal, in: flowsV4)
            : translator.entry(ending: proposal, in: flowsV6)
        _ = append(copy, entry, EntryKind(entry.kind), decision)
    }

    private mutating func append(
        _ copy: CopyIndex, _ entry: FlowEntry, _ kind: EntryKind, _ decision: OwnDecision
    ) -> UInt64 {
        write(entry)
        return Self.append(
            copy, kind, flags: entry.flags, entryBytes, entry.byteCount, decision, &exchange)
    }

    // Of two parts of the engine at once, so that neither is the whole.
    private static func append(
        _ copy: CopyIndex, _ kind: EntryKind, flags: UInt8, _ bytes: [UInt8], _ count: Int,
        _ decision: OwnDecision, _ exchange: inout PeerExchange
    ) -> UInt64 {
        exchange.replica.append(
            copy, kind, flags: flags, body: bytes.rawSpan.extracting(0..<count),
            decision: decision)
    }

    mutating func write(_ entry: FlowEntry) {
        var bytes = entryBytes.mutableRawSpan
        entry.write(to: &bytes, at: 0)
    }

    /// Tells followers how the flows among the next slots have gone on: lost, it is told again later.
    // DESIGN part 5, rules 7 and 15.
    mutating func tellTouches(slots: Int, _ now: Tick) {
        var told: [TouchNotice] = []
        swap(&told, &touches)
        told.removeAll(keepingCapacity: true)
        _ = translator.collectTouches(in: &flowsV4, limit: slots, at: now) { told.append($0) }
        _ = translator.collectTouches(in: &flowsV6, limit: slots, at: now) { told.append($0) }
        for notice in told {
            let buckets = translator.resources.portSets.bucketCount
            let copy = exchange.replica.copy(group: notice.chain / buckets, notice.bucket)
            guard exchange.replica.hasFollowers(copy) else { continue }
            let entry = FlowEntry.touch(notice.touch)
            write(entry)
            Self.tell(copy, entry, entryBytes, &exchange)
        }
        swap(&told, &touches)
    }

    // Of two parts of the engine at once, so that neither is the whole.
    private static func tell(
        _ copy: CopyIndex, _ entry: FlowEntry, _ bytes: [UInt8],
        _ exchange: inout PeerExchange
    ) {
        exchange.tellFollowers(
            copy, EntryKind(entry.kind), flags: entry.flags,
            body: bytes.rawSpan.extracting(0..<entry.byteCount))
    }

    // MARK: What is committed

    /// This engine decides for a bucket from now on.
    mutating func open(_ copy: CopyIndex, _ now: Tick) {
        // DESIGN part 5, rule 15: who led before, and nobody else since, has noted every packet.
        let knowsSince = translator.reign(chain: chain(copy)).knowsSince
        var reign = Reign(isLed: true, since: now, knowsSince: min(knowsSince, now))
        let restUntil = exchange.replica.restUntil(copy)
        reign.isResting = restUntil > now
        translator.setReign(chain: chain(copy), reign)
        guard reign.isResting else { return }
        resting.append(
            RestingBucket(copy: copy, reign: exchange.replica.reign(copy), until: restUntil))
    }

    /// Ports have rested long enough since all copies were lost.
    // Rule 16, RFC 6888 §3 REQ-8: what was given out before is not known.
    mutating func endRest(_ now: Tick) {
        guard !resting.isEmpty else { return }
        for one in resting where one.until <= now && exchange.replica.reign(one.copy) == one.reign {
            var reign = translator.reign(chain: chain(one.copy))
            reign.isResting = false
            translator.setReign(chain: chain(one.copy), reign)
        }
        resting.removeAll { $0.until <= now || exchange.replica.reign($0.copy) != $0.reign }
    }

    mutating func apply(_ slot: TailSlot, of copy: CopyIndex, _ now: Tick) {
        guard let decision = exchange.replica.decision(slot) else {
            return replay(slot, of: copy, now)
        }
        if exchange.replica.head(slot).kind == EntryKind(.end) {
            guard let reason = EndReason(rawValue: decision.detail) else { return }
            finish(
                EndProposal(decision.handle, reason), isIPv4: decision.isIPv4, now)
        } else if decision.isIPv4 {
            translator.settle(decision.handle, in: &flowsV4)
        } else {
            translator.settle(decision.handle, in: &flowsV6)
        }
    }

    mutating func replay(_ slot: TailSlot, of copy: CopyIndex, _ now: Tick) {
        let head = exchange.replica.head(slot)
        guard
            let entry = try? FlowEntry.parse(
                kind: head.kind.rawValue, flags: head.flags, exchange.replica.body(slot), at: 0
            ).entry
        else {
            counters.entriesMisread += 1
            return exchange.replica.lose(copy)
        }
        let outcome = translator.replay(
            entry, bucket: head.bucket, chain: chain(copy), &flowsV4, &flowsV6, at: now)
        let isKept = noteLoan(entry, now)
        // DESIGN part 5, rule 9: who lacks a committed record isn't full. A touch is none.
        if outcome.isLoss || !isKept, head.kind != EntryKind(.touch) {
            exchange.replica.lose(copy)
        }
    }

    /// A record that waited for a configuration found no place.
    mutating func lose(chain: Int) {
        let buckets = translator.resources.portSets.bucketCount
        exchange.replica.lose(
            exchange.replica.copy(group: chain / buckets, BucketIndex(chain % buckets)))
    }

    mutating func undo(_ handle: FlowHandle, isIPv4: Bool, _ now: Tick) {
        if isIPv4 {
            translator.undo(handle, in: &flowsV4, at: now)
        } else {
            translator.undo(handle, in: &flowsV6, at: now)
        }
    }

    // MARK: Packets that wait for commitment

    /// Lets go of the packets whose decisions are committed, in order, while the lease lasts; those
    /// whose decision another leader never had are dropped.
    // DESIGN part 5, rule 13: a commitment may be heard of long after it was due, by a node that stood
    // still meanwhile. Its packets wait until the lease is back, or the reign is over.
    mutating func release() {
        guard !held.isEmpty else { return }
        var kept = 0
        for index in held.indices {
            let one = held[index]
            if exchange.replica.reign(one.copy) != one.reign {
                abandon(one)
            } else if mayRelease(one) {
                outgoing.append(one.packet)
                if !one.isExtra { counters.packetsForwarded += 1 }
            } else {
                held[kept] = one
                kept += 1
            }
        }
        held.removeLast(held.count - kept)
    }

    private mutating func mayRelease(_ one: HeldPacket) -> Bool {
        if settings.plantedBug == .releaseBeforeCommit { return true }
        return one.sequence <= exchange.replica.committed(one.copy)
            && hasLease(exchange.replica.groupSlot(one.copy))
    }

    private mutating func abandon(_ one: HeldPacket) {
        if !one.isExtra { counters.countDrop(DropReason(.leaderChanged)) }
        frames.give(one.packet.frame)
    }
}
