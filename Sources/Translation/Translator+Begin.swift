// The beginning of a flow: propose a translation, then record it. A proposal changes nothing, so
// that `explain` can make one for a packet that was never sent.

import Configuration
import Steering
public import Tables
public import Wire

/// A translation that could be given, and where outbound packets would go.
public struct Proposal: Sendable {
    public var translated: FlowTuple
    public var place: Place

    /// Where outbound packets of the flow go.
    public enum Place: Sendable {
        /// Index of an edge in the snapshot.
        case edge(Int)
        /// Index of a target in the resource table, and its network.
        case target(Int, VNI)
    }
}

/// Why there is no proposal.
public enum Refusal: Error, Sendable {
    case drop(DropCause)
    /// The bucket's own ports are used up toward this destination; another bucket may lend one.
    case wantsLoan(PortDestination)
}

/// What is known of loans when a flow is to begin.
public struct LoanHint: Sendable {
    /// So many of the inside address's EIPs, in order, have no port to lend either.
    public var refusedEIPs = 0
    /// A port that was lent for this flow, and its EIP.
    public var granted: (address: IPAddress, port: Port)?
    /// False where nobody can be asked: in a rehearsal, or with one bucket.
    public var mayAsk = false

    public init(mayAsk: Bool = false) { self.mayAsk = mayAsk }
}

extension Translator {
    /// The translation that a flow would get whose first packet is `arrival`. A rehearsal changes
    /// nothing; the real thing may build a bitmap of the ports in use.
    mutating func propose<Layout: TranslationLayout>(
        _ arrival: Arrival, _ flows: borrowing FlowTable<Layout>, isRehearsal: Bool,
        hint: LoanHint = LoanHint()
    ) throws(Refusal) -> Proposal {
        guard resources.resources[arrival.resource].isLive else { throw .drop(.unknownResource) }
        guard Self.mayBegin(arrival.summary) else {
            let isLegal = !arrival.summary.hasSegment || arrival.summary.tcpFlags.areLegal
            throw .drop(isLegal ? .notASYN : .tcpFlagsInvalid)
        }
        return switch resources.resources[arrival.resource].kind {
        case .natGateway:
            try proposeNAT(arrival, flows, isRehearsal: isRehearsal, hint: hint)
        case .loadBalancer:
            try proposeBalancing(arrival, flows, isRehearsal: isRehearsal)
        }
    }

    mutating func begin<Layout: TranslationLayout>(
        _ arrival: Arrival, _ flows: inout FlowTable<Layout>, _ now: Tick,
        _ decided: inout FlowHandle?, _ hint: LoanHint
    ) -> Verdict {
        madeSticky = nil
        do {
            let proposal = try propose(arrival, flows, isRehearsal: false, hint: hint)
            if let cause = quotaRefusal(arrival, now) { return Self.refusal(cause, of: arrival) }
            let handle = try record(proposal, arrival, &flows, now)
            decided = handle
            began(flows[hot: handle])
            stick(proposal, arrival, &flows, now)
            return depart(flows[hot: handle], .outbound)
        } catch {
            switch error {
            case .drop(let cause): return Self.refusal(cause, of: arrival)
            case .wantsLoan(let destination): return .wantsLoan(destination)
            }
        }
    }

    private mutating func record<Layout: TranslationLayout>(
        _ proposal: Proposal, _ arrival: Arrival, _ flows: inout FlowTable<Layout>, _ now: Tick
    ) throws(Refusal) -> FlowHandle {
        let summary = arrival.summary
        let chain = chain(arrival)
        guard chain < flows.chainCount else { throw .drop(.groupCapacityExceeded) }
        var record = Layout.Hot(
            scope: arrival.scope, outbound: summary.tuple, translated: proposal.translated,
            bucket: arrival.bucket, state: FlowState(first: summary.tuple.ipProtocol))
        record.lastSeenCentiseconds = now.centiseconds
        _ = record.count(.outbound, bytes: summary.totalBytes)
        guard let client = clientAttachment(arrival) else { throw .drop(.attachmentTableFull) }
        attachments.retain(client)
        guard let target = attachment(at: proposal.place) else {
            attachments.release(client)
            throw .drop(.attachmentTableFull)
        }
        attachments.retain(target)
        guard attachments[target].machine != nil || routerAddress != nil else {
            attachments.release(client)
            attachments.release(target)
            throw .drop(.noRouter)
        }
        record.clientAttachment = client
        record.targetAttachment = target
        record.commitment = .creating
        record.replication.toldState = record.state
        do {
            var details = FlowDetails(startCentiseconds: now.centiseconds)
            details.tracker = Self.tracker(of: summary)
            let handle = try flows.insert(record, details, chain: chain)
            notePort(record, taken: true)
            return handle
        } catch {
            attachments.release(client)
            attachments.release(target)
            // RFC 6888 §3 REQ-11 (d): nobody is ended to make room.
            throw .drop(error == .inboundKeyTaken ? .returnTaken : .flowTableFull)
        }
    }

    // RFC 6888 §3 REQ-4: per subscriber, for flows and for their rate.
    // RFC 6888 §3 REQ-4 (a), (c), REQ-5.
    /// Whether a flow would be one more than a quota allows.
    mutating func quotaRefusal(_ arrival: Arrival, _ now: Tick) -> DropCause? {
        let resource = resources.resources[arrival.resource]
        if let cause = quotas.refusesFlow(arrival.resource, resource.tenantSlot, now) {
            return cause
        }
        guard resource.portsPerAddress > 0, resource.kind == .natGateway else { return nil }
        let name = addressName(arrival.resource, arrival.summary.tuple.source)
        let held = resource.group < heldBuckets.count ? heldBuckets[resource.group] : 0
        let share = Int(resource.portsPerAddress) * held / resources.portSets.bucketCount
        return addressLoads[name] < max(1, share) ? nil : .addressFlowQuota
    }

    /// This engine has decided that a flow lives.
    mutating func began<Record: FlowRecord>(_ record: Record) {
        let slot = record.scope.resourceSlot
        counters.countFlowCreated(slot)
        quotas.chargeFlow(slot, resources.resources[slot].tenantSlot)
        tally(record)
    }

    /// A flow that this engine decided on lives no more.
    mutating func ended<Record: FlowRecord>(_ record: Record) {
        counters.countFlowEnded(record.scope.resourceSlot)
        untally(record)
    }

    /// A flow that lives is in the table, led or followed.
    mutating func tally<Record: FlowRecord>(_ record: Record) {
        let slot = record.scope.resourceSlot
        quotas.remembered(slot, resources.resources[slot].tenantSlot)
        guard record.targetAttachment != .none else { return }
        let target = attachments[record.targetAttachment]
        if target.kind == .target { targetLoads.add(target.identity) }
        guard resources.resources[slot].kind == .natGateway else { return }
        addressLoads.add(addressName(slot, record.outbound.source))
    }

    /// A flow that lived is quiet, or gone.
    mutating func untally<Record: FlowRecord>(_ record: Record) {
        let slot = record.scope.resourceSlot
        quotas.flowEnded(slot, resources.resources[slot].tenantSlot)
        guard record.targetAttachment != .none else { return }
        let target = attachments[record.targetAttachment]
        if target.kind == .target { targetLoads.remove(target.identity) }
        guard resources.resources[slot].kind == .natGateway else { return }
        addressLoads.remove(addressName(slot, record.outbound.source))
    }

    /// What is known of a connection by its first packet.
    static func tracker(of summary: PacketSummary) -> TCPTracker {
        summary.hasSegment ? TCPTracker(opening: TCPSegment(summary)) : .unknown
    }

    /// The chain of an arrival's bucket.
    func chain(_ arrival: Arrival) -> Int {
        resources.chain(of: arrival.resource, arrival.bucket)
    }

    mutating func clientAttachment(_ arrival: Arrival) -> AttachmentIndex? {
        // Replies to the outside go out by the edge that the flow came in by.
        if case .edge(let index) = arrival.sender { return edgeAttachment(index) }
        let found = attachments.intern(
            .interface, vni: arrival.vni, identity: arrival.eni.rawValue, eni: arrival.eni,
            machine: arrival.machine)
        // The instance may have moved since the flow that made the entry.
        if let found { attachments.heard(found, from: arrival.machine, eni: arrival.eni) }
        return found
    }

    private mutating func edgeAttachment(_ index: Int) -> AttachmentIndex? {
        let edge = resources.snapshot.edges[index]
        return attachments.intern(
            .edge, vni: .outside, identity: edge.id, eni: .none, machine: edge.address,
            mtu: edge.mtu)
    }

    private mutating func attachment(at place: Proposal.Place) -> AttachmentIndex? {
        switch place {
        case .edge(let index):
            return edgeAttachment(index)
        case .target(let index, let vni):
            return attachments.intern(
                .target, vni: vni, identity: resources.targets[index].id, eni: .none,
                machine: nil)
        }
    }
}
