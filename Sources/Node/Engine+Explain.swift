// "Where would this packet go, and why?": the steps of a turn, rehearsed on one packet.

import Configuration
public import Translation
public import Wire

/// What would become of a packet.
public struct Explanation: Sendable {
    /// Nil if it was refused before a bucket was known.
    public var bucket: BucketIndex?
    /// The node that leads the bucket, and whether it is this one.
    public var leader: NodeID?
    public var isHere = false
    public var engine: Int?
    public var isKnownFlow = false
    public var outcome: Rehearsal.Outcome
    /// The steps, in order, for people.
    public var why: [String] = []
}

extension Engine {
    /// Explains the encapsulated packet in `bytes`, as if it had come from `machine`. Nothing is
    /// counted, decided or sent.
    public mutating func explain(_ bytes: RawSpan, from machine: IPAddress) -> Explanation {
        do {
            let (overlay, innerOffset) = try OverlayHeader.parse(bytes)
            guard let sender = translator.resources.sender(machine) else {
                return refused(
                    DropReason(.unknownSender), "\(machine) is no host, edge or node")
            }
            do {
                let summary = try Self.summarize(bytes.extracting(innerOffset...), overlay)
                guard summary.kind != .fragment || summary.isFirstFragment else {
                    return refused(
                        DropReason(.fragmentOfNoFlow),
                        "a later fragment, which goes where its datagram's first one goes")
                }
                let packet = bytes.extracting(innerOffset...)
                guard Translator.mayCount(summary, packet),
                    Translator.mayBegin(summary, packet)
                else {
                    return refused(
                        DropReason(.badTransportChecksum),
                        "its checksum is wrong, and it would count")
                }
                return explain(overlay, summary, machine, sender)
            } catch {
                return refused(error.reason, "the inner packet is malformed")
            }
        } catch {
            return refused(DropReason(error), "the encapsulation is malformed")
        }
    }

    private func refused(_ reason: DropReason, _ why: String) -> Explanation {
        Explanation(outcome: .drop(reason), why: [why])
    }

    private mutating func explain(
        _ overlay: OverlayHeader, _ summary: PacketSummary, _ machine: IPAddress,
        _ sender: Sender
    ) -> Explanation {
        let placement: Placement
        do {
            placement = try translator.resources.classify(overlay, summary, sender: sender)
        } catch {
            return refused(DropReason(error.cause), "the configuration does not allow it")
        }
        let arrival = Arrival(
            placement, overlay: overlay, machine: machine, sender: sender, summary: summary)
        let resource = translator.resources.resources[arrival.resource]
        var explanation = Explanation(outcome: .drop(DropReason(.notServedHere)))
        explanation.bucket = arrival.bucket
        guard ownIndex != nil else {
            return refused(DropReason(.notServedHere), "this node isn't in the configuration")
        }
        guard resource.group < max(1, settings.groupCapacity) else {
            return refused(DropReason(.groupCapacityExceeded), "its group has no room here")
        }
        guard let leader = leader(resource.group, arrival.bucket) else {
            return refused(DropReason(.leaderUnknown), "its bucket has no leader at this moment")
        }
        explanation.leader = translator.resources.snapshot.nodes[leader].id
        explanation.engine = Int(arrival.bucket.rawValue) % settings.engineCount
        explanation.isHere = leader == ownIndex
        explanation.why = [
            "\(arrival.direction) packet of bucket \(arrival.bucket.rawValue)",
            "led by \(translator.resources.snapshot.nodes[leader].name)",
        ]
        guard explanation.isHere, explanation.engine == settings.index else { return explanation }
        explain(arrival, summary, in: &explanation)
        return explanation
    }

    /// What this engine, which leads the bucket, does with the packet.
    private mutating func explain(
        _ arrival: Arrival, _ summary: PacketSummary, in explanation: inout Explanation
    ) {
        guard summary.timeToLive > 1 else {
            explanation.outcome = .drop(DropReason(.timeToLiveExpired))
            explanation.why.append("its hop limit ends here; its sender is told")
            return
        }
        let rehearsal =
            summary.isIPv4
            ? translator.rehearse(arrival, in: flowsV4)
            : translator.rehearse(arrival, in: flowsV6)
        explanation.isKnownFlow = rehearsal.isKnownFlow
        explanation.outcome = held(rehearsal.outcome, summary)
        if case .wantsLoan = rehearsal.outcome {
            explanation.why.append(
                "its bucket has no port left toward the destination: it waits for a port of "
                    + "another bucket, and is dropped if none has one")
        }
        if let loan = portOnLoan(arrival) {
            explanation.why.append(loan.why)
            if loan.isQuiet, case .drop = explanation.outcome {
                explanation.outcome = .drop(DropReason(.quietFlow))
            }
            if let machine = loan.machine {
                explanation.outcome = .forward(summary.tuple, machine: machine, mtu: .max)
                return
            }
        }
        explanation.why.append(
            rehearsal.isKnownFlow ? "belongs to a known flow" : "belongs to no flow")
    }

    /// The outcome, if the way ahead takes a packet of this length.
    private func held(
        _ outcome: Rehearsal.Outcome, _ summary: PacketSummary
    ) -> Rehearsal.Outcome {
        guard case .forward(_, _, let mtu) = outcome, summary.totalBytes > Int(mtu),
            !Self.mayCut(summary, mtu)
        else { return outcome }
        return .drop(DropReason(.packetTooBig))
    }
}
