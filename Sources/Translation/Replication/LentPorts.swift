// How a port that is lent stands in the flow table: under a tuple that no packet has, beside the flow of
// its borrower. A node may hold both buckets, and then it holds both records.

import Configuration
import Steering
import Tables
public import Wire

extension IPProtocol {
    /// In the place of the protocol of a lent port: numbers of the block that IANA leaves unassigned,
    /// classified as nothing that a resource serves.
    var lent: IPProtocol? {
        switch self {
        case .icmp: IPProtocol(rawValue: 250)
        case .udp: IPProtocol(rawValue: 251)
        case .tcp: IPProtocol(rawValue: 252)
        default: nil
        }
    }

    /// The inverse of `lent`; nil of what is no lent port's.
    var unlent: IPProtocol? {
        switch rawValue {
        case 250: .icmp
        case 251: .udp
        case 252: .tcp
        default: nil
        }
    }
}

extension FlowTuple {
    /// The tuple that a lent port stands under; nil of a protocol whose ports aren't lent.
    var lent: FlowTuple? {
        ipProtocol.lent.map { ipProtocol in
            var tuple = self
            tuple.ipProtocol = ipProtocol
            return tuple
        }
    }

    /// The tuple as people know it: of a lent port, with the port's own protocol.
    public var withoutLoan: FlowTuple { unlent ?? self }

    /// The inverse of `lent`.
    var unlent: FlowTuple? {
        ipProtocol.unlent.map { ipProtocol in
            var tuple = self
            tuple.ipProtocol = ipProtocol
            return tuple
        }
    }
}

extension Translator {
    /// Whether no flow has the tuple of an inbound packet, nor a loan, if there are any at all.
    static func isFree<Layout: TranslationLayout>(
        _ inbound: FlowTuple, _ scope: FlowScope, _ flows: borrowing FlowTable<Layout>,
        hasLent: Bool
    ) -> Bool {
        guard !flows.contains(Layout.Key(inbound, scope: scope, direction: .inbound)) else {
            return false
        }
        guard hasLent, let lent = inbound.lent else { return true }
        return !flows.contains(Layout.Key(lent, scope: scope, direction: .inbound))
    }

    /// The record of a port that is lent, or rests after a loan, by the tuple of an inbound packet.
    func findLent<Layout: TranslationLayout>(
        _ inbound: FlowTuple, _ scope: FlowScope, _ flows: borrowing FlowTable<Layout>
    ) -> FlowHandle? {
        guard lentCount > 0, let lent = inbound.lent else { return nil }
        return flows.find(Layout.Key(lent, scope: scope, direction: .inbound))?.handle
    }

    /// Whether an inbound packet's port is lent to a bucket that this engine doesn't lead: the record
    /// that was found is only its copy.
    func isBorrowedElsewhere<Record: FlowRecord>(_ record: Record, _ arrival: Arrival) -> Bool {
        arrival.direction == .inbound && !reign(of: record).isLed
            && resources.resources[arrival.resource].kind == .natGateway
    }

    // MARK: Entries

    /// A loan is committed.
    mutating func replay(
        _ loan: LoanGrant, _ flows: inout FlowTable<IPv4FlowLayout>, _ now: Tick
    ) -> ReplayOutcome {
        guard let slot = resources.slot(of: loan.destination.resource) else {
            return .unknownResource
        }
        guard
            resources.chain(of: slot, loan.destination.lender) < flows.chainCount
        else { return .groupCapacityExceeded }
        let toward = PortDestination(lending: loan.destination)
        guard toward.isIPv4, toward.ipProtocol.lent != nil else { return .unknownFlow }
        let scope = FlowScope(resourceSlot: slot)
        if let held = findLent(toward.inbound(loan.port), scope, flows) {
            guard flows[hot: held].state == .quiet else { return .known }
            forget(flows[hot: held])
            flows.remove(held)
        }
        return lend(loan.port, toward: toward, &flows, at: now) ? .applied : .flowTableFull
    }

    /// A loan's end is committed: its port's quiet time begins.
    mutating func replay(
        giveBack loan: LoanGrant, _ flows: inout FlowTable<IPv4FlowLayout>, _ now: Tick
    ) -> ReplayOutcome {
        guard let slot = resources.slot(of: loan.destination.resource) else {
            return .unknownResource
        }
        let inbound = PortDestination(lending: loan.destination).inbound(loan.port)
        guard inbound.source.isIPv4, inbound.destination.isIPv4,
            let held = findLent(inbound, FlowScope(resourceSlot: slot), flows)
        else { return .unknownFlow }
        guard flows[hot: held].state == .lent else { return .known }
        rest(held, table: &flows, now)
        return .applied
    }
}

extension PortDestination {
    /// What a loan's port was drawn toward.
    init(lending destination: LoanDestination) {
        self.init(
            scope: destination.resource, ipProtocol: destination.ipProtocol,
            external: IPAddress(unmapping: destination.external),
            remote: IPAddress(unmapping: destination.remote),
            remotePort: destination.remotePort, bucket: destination.lender)
    }

    var isIPv4: Bool { external.mapped != nil && remote.mapped != nil }
}

extension FlowRecord {
    /// A flow, or what a client is remembered by: what quotas count.
    var isCounted: Bool { state != .quiet && state != .lent }
}
