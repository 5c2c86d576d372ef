// One of the two translators, with what an engine does around it.

import Configuration
import Steering
import Tables
import Testing
import Wire

@testable import Translation

/// A translator with its tables.
final class ReplayEngine {
    var translator: Translator
    var v4: FlowTable<IPv4FlowLayout>
    var v6: FlowTable<IPv6FlowLayout>

    init(
        seed: UInt64, capacityFlows: Int = 512, snapshot: Snapshot = ReplayWorld.snapshot
    ) {
        translator = Translator(
            snapshot: snapshot,
            capacity: TranslatorCapacity(
                flows: capacityFlows, resources: 8, portsPerSet: snapshot.cluster.portsPerBucket),
            seed: seed)
        v4 = FlowTable(
            capacityFlows: capacityFlows, chains: ReplayWorld.buckets, seed: seed &* 77 | 1 << 60)
        v6 = FlowTable(
            capacityFlows: capacityFlows, chains: ReplayWorld.buckets, seed: seed &* 99 | 1 << 61)
        translator.routerAddress = .v4(IPv4Address(192, 0, 2, 250))
        translator.hold([ReplayWorld.buckets])
    }

    func lead(_ isLed: Bool, since: Tick = Tick(rawValue: 0), knowsSince: Tick = Tick(rawValue: 0))
    {
        for chain in 0..<ReplayWorld.buckets {
            translator.setReign(
                chain: chain,
                Reign(isLed: isLed, since: since, knowsSince: knowsSince))
        }
    }

    /// Takes an entry as it comes over the wire.
    @discardableResult
    func replay(_ sent: SentEntry, at now: Tick) throws -> ReplayOutcome {
        let bytes = sent.bytes
        let (entry, next) = try FlowEntry.parse(
            kind: sent.entry.kind.rawValue, flags: sent.entry.flags, bytes.rawSpan, at: 0)
        #expect(entry == sent.entry && next == bytes.count)
        return translator.replay(entry, bucket: sent.bucket, &v4, &v6, at: now)
    }
}

/// An entry and its bucket.
struct SentEntry {
    var entry: FlowEntry
    var bucket: BucketIndex

    var bytes: [UInt8] {
        var bytes = [UInt8](repeating: 0xEE, count: entry.byteCount)
        var span = bytes.mutableRawSpan
        entry.write(to: &span, at: 0)
        return bytes
    }
}

/// A decision that is not committed.
struct ReplayPending {
    enum What { case begins, ends(EndReason) }
    var sent: SentEntry
    var handle: FlowHandle
    var isIPv4: Bool
    var what: What
}

extension ReplayEngine {
    /// One outbound packet; what it decided.
    func send(_ packet: ReplayPacket, at now: Tick) -> [ReplayPending] {
        let bytes = packet.bytes
        let arrival = packet.arrival(translator.resources)
        var decided: FlowHandle?
        let isIPv4 = arrival.summary.isIPv4
        var verdict: Verdict
        if isIPv4 {
            let key = IPv4FlowKey(
                arrival.summary.tuple, scope: arrival.scope, direction: arrival.direction)
            verdict = translator.translate(
                arrival, bytes.rawSpan, hash: v4.hash(key), in: &v4, now: now, decided: &decided,
                hint: LoanHint())
        } else {
            let key = IPv6FlowKey(
                arrival.summary.tuple, scope: arrival.scope, direction: arrival.direction)
            verdict = translator.translate(
                arrival, bytes.rawSpan, hash: v6.hash(key), in: &v6, now: now, decided: &decided)
        }
        var pending: [ReplayPending] = []
        if case .drop(let reason) = verdict, reason == DropReason(.returnTaken),
            let end = translator.takeProposedEnd()
        {
            pending.append(ending(end, isIPv4: isIPv4))
        }
        guard let decided else { return pending }
        pending.append(beginning(decided, isIPv4: isIPv4))
        if let sticky = translator.takeMadeSticky() {
            pending.append(beginning(sticky, isIPv4: isIPv4))
        }
        return pending
    }

    private func beginning(_ handle: FlowHandle, isIPv4: Bool) -> ReplayPending {
        let entry =
            isIPv4
            ? translator.entry(creating: handle, in: v4)
            : translator.entry(creating: handle, in: v6)
        let bucket = isIPv4 ? v4[hot: handle].bucket : v6[hot: handle].bucket
        return ReplayPending(
            sent: SentEntry(entry: entry!, bucket: bucket), handle: handle, isIPv4: isIPv4,
            what: .begins)
    }

    func ending(_ end: EndProposal, isIPv4: Bool) -> ReplayPending {
        let entry =
            isIPv4
            ? translator.entry(ending: end, in: v4) : translator.entry(ending: end, in: v6)
        let bucket = isIPv4 ? v4[hot: end.handle].bucket : v6[hot: end.handle].bucket
        return ReplayPending(
            sent: SentEntry(entry: entry, bucket: bucket), handle: end.handle, isIPv4: isIPv4,
            what: .ends(end.reason))
    }

    /// A sweep over everything; the ends that it proposes.
    func sweep(at now: Tick) -> [ReplayPending] {
        var ends4: [EndProposal] = []
        var ends6: [EndProposal] = []
        translator.sweep(&v4, limit: v4.capacityFlows, now: now) { ends4.append($0) }
        translator.sweep(&v6, limit: v6.capacityFlows, now: now) { ends6.append($0) }
        return ends4.map { ending($0, isIPv4: true) } + ends6.map { ending($0, isIPv4: false) }
    }

    func commit(_ pending: ReplayPending, at now: Tick) {
        switch pending.what {
        case .begins:
            if pending.isIPv4 {
                translator.settle(pending.handle, in: &v4)
            } else {
                translator.settle(pending.handle, in: &v6)
            }
        case .ends(let reason):
            let end = EndProposal(pending.handle, reason)
            if pending.isIPv4 {
                _ = translator.finishEnd(end, in: &v4, at: now)
            } else {
                _ = translator.finishEnd(end, in: &v6, at: now)
            }
        }
    }

    func undo(_ pending: ReplayPending, at now: Tick) {
        if pending.isIPv4 {
            translator.undo(pending.handle, in: &v4, at: now)
        } else {
            translator.undo(pending.handle, in: &v6, at: now)
        }
    }
}
