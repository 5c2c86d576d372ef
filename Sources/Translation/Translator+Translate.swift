// One packet through the flow table: follow the flow that it belongs to, or begin one.
//
// Methods on the way of every packet are mutating even where they only read: the translator is then
// passed by its address. For one that borrows it, the compiler copies a struct of this size.

import Configuration
import Tables
import Wire

extension Translator {
    /// Translates one packet of a bucket that this engine leads.
    ///
    /// `key` and `hash` are the packet's in `flows`. The caller rewrites the packet as the
    /// departure says, and counts. `decided` is set if the packet began a flow: its record must
    /// be committed before the packet is released.
    mutating func translate<Layout: TranslationLayout>(
        _ arrival: Arrival, _ packet: RawSpan, key: Layout.Key, hash: UInt64,
        in flows: inout FlowTable<Layout>, now: Tick, decided: inout FlowHandle?,
        hint: LoanHint = LoanHint()
    ) -> Verdict {
        guard Self.mayCount(arrival.summary, packet) else { return .drop(.badTransportChecksum) }
        // RFC 7857 §6: the key has the protocol.
        if let match = flows.find(key, hash: hash) {
            if flows[hot: match.handle].bucket != arrival.bucket,
                isBorrowedElsewhere(flows[hot: match.handle], arrival)
            {
                return .overLoan(
                    lentDestination(arrival), arrival.summary.tuple.destinationPort)
            }
            guard arrival.summary.kind != .icmpError else {
                return carryError(flows[hot: match.handle], match.direction)
            }
            if arrival.isGivenBack {
                return mayDecide ? takeBack(match, &flows, now) : .wait
            }
            return follow(match, arrival, packet, &flows, now, &decided)
        }
        if arrival.direction == .inbound,
            findLent(arrival.summary.tuple, arrival.scope, flows) != nil
        {
            return .overLoan(lentDestination(arrival), arrival.summary.tuple.destinationPort)
        }
        guard !arrival.isGivenBack else { return .drop(.returnTaken) }
        // RFC 5508 §4.2.1 REQ-4, §4.2.2 REQ-5: silently.
        guard arrival.summary.kind != .icmpError else { return .drop(.errorOfNoFlow) }
        guard arrival.summary.mayBeFirst else { return .drop(.fragmentOfNoFlow) }
        // RFC 5382 §4.3 REQ-4, RFC 7857 §7, RFC 4787 §5 REQ-8: no flow, no answer, no refresh.
        guard arrival.direction == .outbound else {
            return resourceOwns(arrival) ? .drop(.unknownFlow) : .drop(.addressOfNoResource)
        }
        guard Self.mayBegin(arrival.summary, packet) else { return .drop(.badTransportChecksum) }
        guard mayDecide else { return .wait }
        return begin(arrival, &flows, now, &decided, hint)
    }

    mutating func follow<Layout: TranslationLayout>(
        _ match: FlowMatch, _ arrival: Arrival, _ packet: RawSpan,
        _ flows: inout FlowTable<Layout>, _ now: Tick, _ decided: inout FlowHandle?
    ) -> Verdict {
        // The end is on its way, and can't be told from one that is done: then the packet is judged.
        // Sent by this record, its flow would be without one a moment later.
        guard flows[hot: match.handle].commitment != .ending else { return .wait }
        if flows[hot: match.handle].state == .quiet {
            guard Self.mayBegin(arrival.summary, packet) else {
                return .drop(.badTransportChecksum)
            }
            guard mayDecide else { return .wait }
            if let cause = revive(match, arrival, &flows, now) {
                return Self.refusal(cause, of: arrival)
            }
            decided = match.handle
        }
        var refreshes = true
        if arrival.summary.hasSegment {
            switch track(match, arrival, &flows) {
            case .pass(let isSignOfLife): refreshes = isSignOfLife
            case .reopen: break
            case .drop(let cause): return .drop(cause)
            }
        }
        if match.direction == .outbound, isElsewhere(flows[hot: match.handle], arrival) {
            guard reattach(match.handle, arrival, &flows) else {
                return .drop(.attachmentTableFull)
            }
        }
        // RFC 4787 §4.3 REQ-6, REQ-6 (a): outbound packets refresh; inbound ones of this very
        // tuple may.
        if refreshes { flows[hot: match.handle].lastSeenCentiseconds = now.centiseconds }
        let wrapped = flows[hot: match.handle].count(
            match.direction, bytes: arrival.summary.totalBytes)
        if wrapped { Self.carry(match, &flows) }
        let record = flows[hot: match.handle]
        let here =
            match.direction == .outbound ? record.clientAttachment : record.targetAttachment
        if case .host = arrival.sender {
            attachments.heard(here, from: arrival.machine, eni: arrival.eni)
        }
        return depart(record, match.direction)
    }

    /// Holds a segment against what its connection may send.
    private mutating func track<Layout: TranslationLayout>(
        _ match: FlowMatch, _ arrival: Arrival, _ flows: inout FlowTable<Layout>
    ) -> TrackingVerdict {
        var state = flows[hot: match.handle].state
        let verdict = flows[cold: match.handle].tracker
            .track(TCPSegment(arrival.summary), match.direction, state: &state)
        flows[hot: match.handle].state = state
        return verdict
    }

    static func carry<Layout: TranslationLayout>(
        _ match: FlowMatch, _ flows: inout FlowTable<Layout>
    ) {
        if match.direction == .outbound {
            flows[cold: match.handle].outboundWraps &+= 1
        } else {
            flows[cold: match.handle].inboundWraps &+= 1
        }
    }

    /// Whether a packet may be a flow's first.
    static func mayBegin(_ summary: PacketSummary) -> Bool {
        guard summary.mayBeFirst else { return false }
        guard summary.hasSegment else { return true }
        let flags = summary.tcpFlags
        // RFC 3022 §5.2 (leaks): whatever may begin no flow is dropped, never let out as it is.
        return flags.areLegal && flags.contains(.syn) && !flags.contains(.ack)
    }

    // RFC 4787 §9 REQ-12, RFC 3022 §4.3.
    // RFC 5508 §4.3 REQ-6, RFC 7857 §7.1, RFC 5382 §7.3 REQ-10: an error neither refreshes nor ends
    // the flow that it is about.
    /// What becomes of an error about a packet of a flow.
    private mutating func carryError<Record: FlowRecord>(
        _ record: Record, _ direction: FlowDirection
    ) -> Verdict {
        guard record.state != .quiet else { return .drop(.errorOfNoFlow) }
        return depart(record, direction)
    }

    /// The verdict on an outbound packet that belongs to no flow and may begin none. Whoever goes
    /// on with an ended connection is told so by an RST; outside nobody is told anything.
    // RFC 5382 §5 (resets): a translator may answer what it doesn't know from inside with an RST.
    // RFC 6888 §3 REQ-11 (a), (b): what gets no port is dropped, and its sender told.
    static func refusal(_ cause: DropCause, of arrival: Arrival) -> Verdict {
        switch cause {
        case .notASYN, .quietFlow:
            guard arrival.direction == .outbound, arrival.summary.kind == .tcp else { break }
            return .refuse(DropReason(cause), .reset)
        case .portsExhausted, .portsQuiet:
            return .refuse(DropReason(cause), .hostUnreachable)
        default: break
        }
        return .drop(cause)
    }

    /// Where and as what a packet of a known flow leaves.
    mutating func depart<Record: FlowRecord>(
        _ record: Record, _ direction: FlowDirection
    ) -> Verdict {
        let there = attachments[
            direction == .outbound ? record.targetAttachment : record.clientAttachment]
        if there.kind == .edge, there.machine == nil { return .drop(.noEdge) }
        guard let machine = there.machine ?? routerAddress else { return .drop(.noRouter) }
        return .forward(
            Departure(
                tuple: record.rewritten(direction), machine: machine, eni: there.eni,
                vni: there.vni, bucket: record.bucket,
                mtu: there.kind == .edge ? there.mtu : resources.snapshot.cluster.overlayMTU,
                awaitsCommitment: record.awaitsCommitment))
    }

    /// Whether an inbound packet's destination is an address of its resource at all.
    func resourceOwns(_ arrival: Arrival) -> Bool {
        let resource = resources.resources[arrival.resource]
        guard resource.kind == .natGateway else { return true }
        return resource.parts.contains {
            .v4(resources.eips[$0].entry.address) == arrival.summary.tuple.destination
        }
    }
}
