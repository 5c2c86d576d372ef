// What would become of a packet, without sending it: for `explain`. It takes the same steps as
// `translate`, and changes nothing that a packet could notice.

import Configuration
import Steering
import Tables
public import Wire

/// What `explain` tells of a packet's translation.
public struct Rehearsal: Sendable {
    /// True if the packet belongs to a flow that is there.
    public var isKnownFlow: Bool
    public var outcome: Outcome

    public enum Outcome: Sendable {
        /// The tuple that it leaves with, the outer address that it is sent to, nil if this
        /// machine's router would be asked and there is none, and what the way ahead takes.
        case forward(FlowTuple, machine: IPAddress?, mtu: UInt16)
        case drop(DropReason)
        /// Its bucket has no port left toward the destination: another one is asked.
        case wantsLoan
    }
}

extension Translator {
    /// Rehearses `translate`.
    mutating func rehearse<Layout: TranslationLayout>(
        _ arrival: Arrival, inTable flows: borrowing FlowTable<Layout>
    ) -> Rehearsal {
        let key = Layout.Key(
            arrival.summary.tuple, scope: arrival.scope, direction: arrival.direction)
        guard !arrival.isGivenBack else {
            return Rehearsal(
                isKnownFlow: flows.contains(key), outcome: .drop(DropReason(.returnTaken)))
        }
        if let match = flows.find(key) {
            return Rehearsal(
                isKnownFlow: true,
                outcome: rehearseFollowing(
                    flows[hot: match.handle], flows[cold: match.handle], match.direction, arrival))
        }
        if arrival.direction == .inbound,
            findLent(arrival.summary.tuple, arrival.scope, flows) != nil
        {
            return Rehearsal(isKnownFlow: true, outcome: .drop(DropReason(.borrowerUnknown)))
        }
        guard arrival.summary.kind != .icmpError else {
            return Rehearsal(isKnownFlow: false, outcome: .drop(DropReason(.errorOfNoFlow)))
        }
        guard arrival.direction == .outbound else {
            let cause: DropCause = resourceOwns(arrival) ? .unknownFlow : .addressOfNoResource
            return Rehearsal(isKnownFlow: false, outcome: .drop(DropReason(cause)))
        }
        return Rehearsal(isKnownFlow: false, outcome: rehearseBeginning(arrival, flows))
    }

    private mutating func rehearseFollowing<Record: FlowRecord>(
        _ record: Record, _ details: FlowDetails, _ direction: FlowDirection, _ arrival: Arrival
    ) -> Rehearsal.Outcome {
        // Who borrowed it is not this engine's to say here.
        if record.bucket != arrival.bucket, isBorrowedElsewhere(record, arrival) {
            return .drop(DropReason(.borrowerUnknown))
        }
        if record.state == .quiet, arrival.summary.kind == .icmpError {
            return .drop(DropReason(.errorOfNoFlow))
        }
        if record.state == .quiet, !mayRevive(record, direction, arrival) {
            return .drop(DropReason(.quietFlow))
        }
        if arrival.summary.hasSegment, record.state != .quiet {
            var tracker = details.tracker
            var state = record.state
            let verdict = tracker.track(
                TCPSegment(arrival.summary), direction, state: &state)
            if case .drop(let cause) = verdict { return .drop(DropReason(cause)) }
        }
        return switch depart(record, direction) {
        case .drop(let reason), .refuse(let reason, _): .drop(reason)
        case .wantsLoan, .overLoan, .wait: preconditionFailure("a known flow has its port")
        case .forward(let departure):
            .forward(departure.tuple, machine: departure.machine, mtu: departure.mtu)
        }
    }

    private mutating func rehearseBeginning<Layout: TranslationLayout>(
        _ arrival: Arrival, _ flows: borrowing FlowTable<Layout>
    ) -> Rehearsal.Outcome {
        do {
            var hint = LoanHint()
            hint.mayAsk = resources.portSets.bucketCount > 1
            let proposal = try propose(arrival, flows, isRehearsal: true, hint: hint)
            let machine: IPAddress?
            var mtu = resources.snapshot.cluster.overlayMTU
            switch proposal.place {
            case .edge(let index):
                machine = resources.edgeAddresses[index]
                mtu = resources.snapshot.edges[index].mtu
            case .target(let index, let vni):
                let known = attachments.find(
                    .target, vni: vni, identity: resources.targets[index].id)
                machine = known.flatMap { attachments[$0].machine } ?? routerAddress
            }
            if machine == nil { return .drop(DropReason(.noRouter)) }
            return .forward(proposal.translated, machine: machine, mtu: mtu)
        } catch {
            switch error {
            case .drop(let cause): return .drop(DropReason(cause))
            case .wantsLoan: return .wantsLoan
            }
        }
    }
}
