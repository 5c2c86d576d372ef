// A flow that another engine decided comes into this one's table, or goes on in it.

import Configuration
import Tables
import Wire

extension Translator {
    /// Takes in a creation, or, with `transfer`, a record as it stands at the leader.
    mutating func take<Layout: TranslationLayout>(
        _ creation: FlowCreation, _ transfer: FlowTransfer?, _ bucket: BucketIndex,
        _ flows: inout FlowTable<Layout>, _ now: Tick
    ) -> ReplayOutcome {
        guard let slot = resources.slot(of: creation.name.resource) else { return .unknownResource }
        let outbound = creation.name.outbound
        guard resources.chain(of: slot, bucket) < flows.chainCount else {
            return .groupCapacityExceeded
        }
        var record = Layout.Hot(
            scope: FlowScope(resourceSlot: slot), outbound: outbound,
            translated: creation.translated, bucket: bucket,
            state: FlowState(first: outbound.ipProtocol))
        record.lastSeenCentiseconds = now.centiseconds
        var details = FlowDetails(startCentiseconds: now.centiseconds)
        if let transfer {
            record.apply(transfer.progress, &details, now)
            details.startCentiseconds = now.centiseconds &- transfer.ageCentiseconds
        }
        let key = Layout.Key(outbound, scope: record.scope, direction: .outbound)
        if let match = flows.find(key), flows[hot: match.handle].isSameFlow(as: record) {
            return goOn(match.handle, record, details, creation, isNew: transfer == nil, &flows)
        }
        guard makeWay(for: record, &flows, now) else { return .keyTaken }
        return insert(record, details, creation, isNew: transfer == nil, &flows)
    }

    /// The flow is here: with the same translation.
    private mutating func goOn<Layout: TranslationLayout>(
        _ handle: FlowHandle, _ record: Layout.Hot, _ details: FlowDetails,
        _ creation: FlowCreation, isNew: Bool, _ flows: inout FlowTable<Layout>
    ) -> ReplayOutcome {
        let held = flows[hot: handle]
        if isNew, held.state != .quiet {
            if held.awaitsCommitment { flows[hot: handle].commitment = .settled }
            noteTaken(held, creation.loan)
            return .known
        }
        guard let ends = attachments(creation, isNew: isNew) else { return .attachmentTableFull }
        release(held)
        if held.isCounted { untally(held) }
        flows[hot: handle].clientAttachment = ends.client
        flows[hot: handle].targetAttachment = ends.target
        flows[hot: handle].state = record.state
        flows[hot: handle].lastSeenCentiseconds = record.lastSeenCentiseconds
        flows[hot: handle].commitment = .settled
        flows[hot: handle].replication.toldState = nil
        flows[cold: handle].startCentiseconds = details.startCentiseconds
        flows[cold: handle].tracker = .unknown
        if !isNew {
            flows[hot: handle].copyCounts(record)
            flows[cold: handle].outboundWraps = details.outboundWraps
            flows[cold: handle].inboundWraps = details.inboundWraps
        }
        if record.isCounted { tally(flows[hot: handle]) }
        if isOutliver(record) { hasLatecomers = true }
        noteTaken(record, creation.loan)
        return .applied
    }

    private mutating func insert<Layout: TranslationLayout>(
        _ record: Layout.Hot, _ details: FlowDetails, _ creation: FlowCreation, isNew: Bool,
        _ flows: inout FlowTable<Layout>
    ) -> ReplayOutcome {
        guard let ends = attachments(creation, isNew: isNew) else { return .attachmentTableFull }
        var record = record
        record.clientAttachment = ends.client
        record.targetAttachment = ends.target
        do {
            _ = try flows.insert(record, details, chain: chain(of: record))
        } catch {
            release(record)
            return ReplayOutcome(error)
        }
        notePort(record, taken: true)
        if record.translated.ipProtocol.unlent != nil { lentCount += 1 }
        if record.isCounted { tally(record) }
        if isOutliver(record) { hasLatecomers = true }
        noteTaken(record, creation.loan)
        return .applied
    }

    /// Removes what holds one of a record's keys and has no right to it any more: a quiet record, whose
    /// time is over at the leader, or a decision that was never committed. False if a flow lives
    /// there.
    private mutating func makeWay<Layout: TranslationLayout>(
        for record: Layout.Hot, _ flows: inout FlowTable<Layout>, _ now: Tick
    ) -> Bool {
        for direction in FlowDirection.allCases {
            let key = Layout.key(of: record, direction: direction)
            guard let match = flows.find(key) else { continue }
            undo(match.handle, table: &flows, now)
            guard flows.isLive(match.handle), flows.find(key)?.handle == match.handle else {
                continue
            }
            let held = flows[hot: match.handle]
            guard held.state == .quiet else { return false }
            forget(held)
            flows.remove(match.handle)
        }
        return true
    }

    // MARK: Attachments

    /// The attachments of a creation, retained; nil if there is no room.
    private mutating func attachments(
        _ creation: FlowCreation, isNew: Bool
    ) -> (client: AttachmentIndex, target: AttachmentIndex)? {
        guard let client = attachment(creation.client, isNew: isNew) else { return nil }
        if client != .none { attachments.retain(client) }
        guard let target = attachment(creation.target) else {
            if client != .none { attachments.release(client) }
            return nil
        }
        if target != .none { attachments.retain(target) }
        return (client, target)
    }

    private mutating func attachment(_ client: FlowClient, isNew: Bool) -> AttachmentIndex? {
        switch client {
        case .edge(let id): return edge(id)
        case .interface(let vni, let eni, let machine):
            let found = attachments.intern(
                .interface, vni: vni, identity: eni.rawValue, eni: eni, machine: machine)
            // A creation tells where its packet came from, state transfer where one came from once.
            if let found, isNew { attachments.heard(found, from: machine, eni: eni) }
            return found
        }
    }

    private mutating func attachment(_ target: FlowTarget) -> AttachmentIndex? {
        switch target {
        case .edge(let id): edge(id)
        case .balanced(let id, let vni):
            attachments.intern(.target, vni: vni, identity: id, eni: .none, machine: nil)
        }
    }

    /// An edge by its id: where the configuration says; one that is gone, at the first.
    private mutating func edge(_ id: UInt64) -> AttachmentIndex? {
        guard id != 0 else { return AttachmentIndex.none }
        let edges = resources.snapshot.edges
        let edge = edges.first { $0.id == id } ?? edges.first
        return attachments.intern(
            .edge, vni: .outside, identity: id, eni: .none, machine: edge?.address,
            mtu: edge?.mtu ?? 0)
    }

    /// Gives up a record's attachments.
    mutating func release<Record: FlowRecord>(_ record: Record) {
        if record.clientAttachment != .none { attachments.release(record.clientAttachment) }
        if record.targetAttachment != .none { attachments.release(record.targetAttachment) }
    }
}

extension FlowRecord {
    /// Same keys, same bucket.
    fileprivate func isSameFlow(as other: Self) -> Bool {
        outbound == other.outbound && translated == other.translated && bucket == other.bucket
    }

    /// Takes what a leader tells of a flow.
    mutating func apply(_ progress: FlowProgress, _ details: inout FlowDetails, _ now: Tick) {
        state = progress.state
        lastSeenCentiseconds = now.centiseconds &- progress.idleCentiseconds
        setCounts(
            .outbound, packets: UInt32(truncatingIfNeeded: progress.outboundPackets),
            bytes: progress.outboundBytes)
        setCounts(
            .inbound, packets: UInt32(truncatingIfNeeded: progress.inboundPackets),
            bytes: progress.inboundBytes)
        details.outboundWraps = UInt16(truncatingIfNeeded: progress.outboundPackets >> 32)
        details.inboundWraps = UInt16(truncatingIfNeeded: progress.inboundPackets >> 32)
    }

    fileprivate mutating func copyCounts(_ other: Self) {
        for direction in FlowDirection.allCases {
            setCounts(
                direction, packets: other.packets(direction), bytes: other.bytes(direction))
        }
    }
}
