// One turn, step by step.

import Consensus
import Steering
import Tables
import Translation
public import Wire

extension Engine {
    /// Processes one batch of received packets: their frames are now the engine's. Afterwards
    /// `outgoing` and `handOvers` hold what is to be sent.
    ///
    /// Cost: linear in the batch; allocates nothing while `batch` is within `settings.batch`.
    public mutating func handle(_ batch: [Packet], at now: Tick) {
        counters.turns += 1
        beginTurn(now)
        consult(now)
        for packet in batch { classify(packet, at: now) }
        replicate(now)
        // Who leads, and who may, comes from peers: else only a tick looks again.
        if counters.batchesIn != retriedBatches { retryWaiting(now) }
        decideAll(now)
        settleLoans(now)
        conclude(now)
    }

    /// Decides what is in hand: in the turn that took it there, whose lease was looked at.
    mutating func decideAll(_ now: Tick) {
        lookUp()
        let hint = loanHint
        // Out of the engine while it changes, so that they are read in place.
        var inHand: [Work] = []
        swap(&inHand, &works)
        for index in inHand.indices { decide(inHand[index], now, hint) }
        inHand.removeAll(keepingCapacity: true)
        swap(&inHand, &works)
    }

    /// Processes what lay in the sockets while this node stood still, for a time beyond
    /// `EngineSettings.longestWaitNanoseconds`: what peers said is taken, packets are dropped, because
    /// a port may be another flow's by now.
    // DESIGN part 5, rule 16: the quiet time is longer than a packet's longest life.
    public mutating func handleLate(_ batch: [Packet], at now: Tick) {
        var said: [Packet] = []
        for packet in batch {
            if isControl(packet) {
                said.append(packet)
            } else {
                counters.packetsIn += 1
                drop(packet, DropReason(.stoodStill))
            }
        }
        handle(said, at: now)
    }

    /// What the peers said is done: views are taken, entries applied.
    mutating func replicate(_ now: Tick) {
        exchange.settle(at: now)
        applyEntries(now)
        guard holdingsAreStale else { return }
        holdingsAreStale = false
        translator.hold(heldBuckets())
    }

    /// Closes the turn: what it decided is sent to the followers, and what is committed leaves.
    mutating func conclude(_ now: Tick) {
        confirmDenials()
        replicate(now)
        release()
        releaseDenials(now)
        continueTransfers(now)
        announceViews(now)
        sendBatches(now)
    }

    /// What a flow that begins may ask of other buckets.
    var loanHint: LoanHint {
        LoanHint(mayAsk: translator.resources.portSets.bucketCount > 1)
    }

    /// Drops the packet and gives its frame back.
    mutating func drop(_ packet: Packet, _ reason: DropReason) {
        counters.countDrop(reason)
        frames.give(packet.frame)
    }

    // RFC 6888 §3 REQ-11 (c): a counter for each reason and resource.
    mutating func drop(_ packet: Packet, _ reason: DropReason, of resource: Int) {
        translator.counters.countDrop(resource, reason)
        drop(packet, reason)
    }

    // MARK: Look up

    /// Asks memory for the records of all packets in hand, before any is touched.
    private mutating func lookUp() {
        for index in works.indices {
            let work = works[index]
            let tuple = work.arrival.summary.tuple
            if tuple.source.isIPv4 {
                let key = IPv4FlowKey(
                    tuple, scope: work.arrival.scope, direction: work.arrival.direction)
                works[index].hash = flowsV4.hash(key)
                flowsV4.prefetchIndex(works[index].hash)
            } else {
                let key = IPv6FlowKey(
                    tuple, scope: work.arrival.scope, direction: work.arrival.direction)
                works[index].hash = flowsV6.hash(key)
                flowsV6.prefetchIndex(works[index].hash)
            }
        }
        for work in works {
            if work.arrival.summary.isIPv4 {
                flowsV4.prefetchRecord(work.hash)
            } else {
                flowsV6.prefetchRecord(work.hash)
            }
        }
    }

    // MARK: Decide

    mutating func decide(_ work: Work, _ now: Tick, _ hint: LoanHint) {
        var decided: FlowHandle?
        let copy = copy(of: work.arrival)
        translator.mayDecide = exchange.replica.mayDecide(copy)
        let verdict = Self.translate(
            work, frames, &translator, &flowsV4, &flowsV6, now, &decided, hint)
        if let decided { note(decided, work.arrival, copy, now) }
        switch verdict {
        case .wait:
            wait(work, now)
        case .drop(let reason):
            if reason == DropReason(.returnTaken), let end = translator.takeProposedEnd() {
                proposeEnd(end, isIPv4: work.arrival.summary.isIPv4, now)
            }
            // Its datagram's first may wait for a port on loan: then there is no flow yet.
            if reason == DropReason(.fragmentOfNoFlow), loanSeekers.follow(work) == true { return }
            noteRefusal(work.arrival, reason, now)
            drop(work.packet, reason, of: work.arrival.resource)
        case .refuse(let reason, let answer):
            refuse(work, reason, answer, now)
        case .wantsLoan(let destination):
            seekLoan(work, toward: destination, refusedEIPs: hint.refusedEIPs, now)
        case .overLoan(let destination, let port):
            passOverLoan(work, destination, port, now)
        case .forward(let departure):
            forward(work, departure, now)
        }
    }

    // Of four parts of the engine at once, so that none is the whole.
    private static func translate(
        _ work: Work, _ frames: borrowing FramePool, _ translator: inout Translator,
        _ flowsV4: inout FlowTable<IPv4FlowLayout>, _ flowsV6: inout FlowTable<IPv6FlowLayout>,
        _ now: Tick, _ decided: inout FlowHandle?, _ hint: LoanHint
    ) -> Verdict {
        let packet = frames.bytes(
            work.packet.frame, start: Int(work.packet.start) + work.innerOffset,
            count: work.arrival.summary.totalBytes)
        return work.arrival.summary.isIPv4
            ? translator.translate(
                work.arrival, packet, hash: work.hash, in: &flowsV4, now: now,
                decided: &decided, hint: hint)
            : translator.translate(
                work.arrival, packet, hash: work.hash, in: &flowsV6, now: now,
                decided: &decided)
    }

    private mutating func forward(_ work: Work, _ departure: Departure, _ now: Tick) {
        let summary = work.arrival.summary
        let resource = work.arrival.resource
        guard !departure.awaitsCommitment || held.count < settings.parkingCapacity else {
            return drop(work.packet, DropReason(.parkingFull), of: resource)
        }
        guard summary.totalBytes <= Int(departure.mtu) else {
            return forwardTooBig(work, departure, now)
        }
        let packet = rewrite(work, departure)
        translator.counters.countDeparture(
            resource, work.arrival.direction, bytes: summary.totalBytes)
        letGo(packet, departure.awaitsCommitment ? copy(of: work.arrival) : nil)
    }

    /// A flow was created: its entry goes to the bucket's followers.
    private mutating func note(
        _ handle: FlowHandle, _ arrival: Arrival, _ copy: CopyIndex, _ now: Tick
    ) {
        counters.decisions += 1
        let isIPv4 = arrival.summary.isIPv4
        _ = proposeCreation(handle, isIPv4: isIPv4, copy)
        if let sticky = translator.takeMadeSticky() {
            _ = proposeCreation(sticky, isIPv4: isIPv4, copy)
        }
        let resource = translator.resources.resources[arrival.resource].id
        events.append(
            isIPv4
                ? .created(flowsV4[hot: handle], of: resource, at: now)
                : .created(flowsV6[hot: handle], of: resource, at: now))
    }

    /// Writes the translated tuple and the new encapsulation, in place.
    mutating func rewrite(_ work: Work, _ departure: Departure) -> Packet {
        let summary = work.arrival.summary
        let totalBytes = summary.totalBytes
        let inner = Int(work.packet.start) + work.innerOffset
        let identification = identification(work.arrival, departure)
        var bytes = frames.mutableBytes(work.packet.frame, start: inner, count: totalBytes)
        if summary.kind == .icmpError {
            do {
                try ErrorRewrite.apply(departure.tuple, to: &bytes, of: summary)
            } catch {
                preconditionFailure("classification read the embedded packet")
            }
        } else {
            PacketRewrite.apply(
                departure.tuple, to: &bytes, of: summary, identification: identification)
        }
        let overlay = OverlayHeader(
            vni: departure.vni, innerIsIPv4: work.arrival.summary.isIPv4,
            bucket: departure.bucket,
            marks: work.arrival.direction == .outbound ? [] : .inbound, eni: departure.eni,
            resource: translator.resources.resources[work.arrival.resource].id,
            listener: work.arrival.listener)
        let start = inner - OverlayHeader.byteCount
        var header = frames.mutableBytes(
            work.packet.frame, start: start, count: OverlayHeader.byteCount)
        overlay.write(to: &header)
        return Packet(
            frame: work.packet.frame, start: UInt16(start),
            length: UInt16(OverlayHeader.byteCount + totalBytes), remote: departure.machine,
            sourcePortIndex: sourcePortIndex(departure.bucket))
    }

    /// A new identification for a packet that shares its source with others' and may be cut on its
    /// way; nil if it keeps its own.
    private mutating func identification(_ arrival: Arrival, _ departure: Departure) -> UInt16? {
        guard arrival.summary.kind != .fragment else { return arrival.newIdentification }
        // RFC 6864 §4.1: that of an atomic datagram means nothing.
        guard arrival.summary.isIPv4, !arrival.summary.dontFragment,
            departure.tuple.source != arrival.summary.tuple.source
        else { return nil }
        return collector.identifications.next(
            toward: departure.tuple.destination, departure.tuple.ipProtocol,
            lane: departure.bucket)
    }

    // RFC 8926 §3.3 (source port): the same for all packets of a flow.
    func sourcePortIndex(_ bucket: BucketIndex) -> UInt8 {
        UInt8(Int(bucket.rawValue) & (settings.sourcePorts - 1))
    }

    /// Lets a packet go, or keeps it until the last entry of its bucket is committed: every packet of
    /// the flow, so that they leave in the order in which they came.
    mutating func letGo(_ packet: Packet, _ copy: CopyIndex?, isExtra: Bool = false) {
        var packet = packet
        packet.role = isExtra ? .piece : .forwarded
        guard let copy else {
            if !isExtra { counters.packetsForwarded += 1 }
            outgoing.append(packet)
            return
        }
        held.append(
            HeldPacket(
                packet: packet, copy: copy, reign: exchange.replica.reign(copy),
                sequence: exchange.replica.last(copy), isExtra: isExtra))
    }
}
