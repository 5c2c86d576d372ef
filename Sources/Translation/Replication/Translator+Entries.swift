// From a record of this engine to the entry that tells others of it: every name in full.

import Configuration
import Tables
import Wire

extension Translator {
    /// The entry that a record's creation is, or its return to life; of a sticky record, its
    /// beginning. Nil of a port that is lent: its loan is an entry of another kind.
    func entry<Layout: TranslationLayout>(
        creating handle: FlowHandle, table flows: borrowing FlowTable<Layout>
    ) -> FlowEntry? {
        let record = flows[hot: handle]
        return switch record.state {
        case .lent: nil
        case .sticky:
            .sticky(StickyRecord(name: name(of: record), translated: record.translated))
        default: .create(creation(of: record))
        }
    }

    /// The entry that a record's end is.
    func entry<Layout: TranslationLayout>(
        ending handle: FlowHandle, _ reason: EndReason, table flows: borrowing FlowTable<Layout>
    ) -> FlowEntry {
        .end(FlowEnd(name: name(of: flows[hot: handle]), reason: reason))
    }

    /// What state transfer tells of a record. Nil of one that waits for commitment of its beginning,
    /// which has an entry in the stream already, and of a port that is lent, which the loans tell. One
    /// that is to end lives until its end, which stands in the stream too, is committed: only then does
    /// its port begin to rest.
    func recordEntry<Layout: TranslationLayout>(
        _ handle: FlowHandle, table flows: borrowing FlowTable<Layout>, _ now: Tick
    ) -> FlowEntry? {
        let record = flows[hot: handle]
        let details = flows[cold: handle]
        guard record.translated.ipProtocol.unlent == nil, !record.awaitsCommitment else {
            return nil
        }
        if record.state == .sticky {
            guard record.commitment == .settled else { return nil }
            return .sticky(StickyRecord(name: name(of: record), translated: record.translated))
        }
        return .record(
            FlowTransfer(
                creation: creation(of: record), progress: progress(of: record, details, now),
                ageCentiseconds: now.centiseconds &- details.startCentiseconds))
    }

    func name<Record: FlowRecord>(of record: Record) -> FlowName {
        FlowName(
            resource: resources.resources[record.scope.resourceSlot].id,
            outbound: record.outbound)
    }

    private func creation<Record: FlowRecord>(of record: Record) -> FlowCreation {
        let client = attachment(record.clientAttachment)
        let target = attachment(record.targetAttachment)
        return FlowCreation(
            name: name(of: record), translated: record.translated,
            client: client.asClient, target: target.asTarget)
    }

    func progress<Record: FlowRecord>(
        of record: Record, _ details: FlowDetails, _ now: Tick
    ) -> FlowProgress {
        let idle = now.centiseconds &- record.lastSeenCentiseconds
        return FlowProgress(
            state: record.state, idleCentiseconds: idle < 1 << 31 ? idle : 0,
            outboundPackets: UInt64(details.outboundWraps) << 32
                | UInt64(record.packets(.outbound)),
            inboundPackets: UInt64(details.inboundWraps) << 32 | UInt64(record.packets(.inbound)),
            outboundBytes: record.bytes(.outbound), inboundBytes: record.bytes(.inbound))
    }
}

extension Attachment {
    fileprivate var asClient: FlowClient {
        switch kind {
        case .edge: .edge(identity)
        case .interface, .target:
            .interface(vni, eni, machine: machine ?? .v4(IPv4Address(rawValue: 0)))
        }
    }

    fileprivate var asTarget: FlowTarget {
        kind == .target ? .balanced(identity, vni) : .edge(identity)
    }
}
