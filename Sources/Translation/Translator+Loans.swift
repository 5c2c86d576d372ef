// Ports on loan, as far as the flow table knows them: a port that is lent stands there as a record of
// its own, so that nobody gives it again and its inbound packets are found. DESIGN part 5, rule 17.

import Configuration
import Steering
public import Tables
public import Wire

extension Translator {
    /// A free port of `destination.bucket` toward a destination, for another bucket to use. Nil if
    /// there is none, or if its address takes no new flows.
    public mutating func portToLend(
        toward destination: PortDestination, _ flows: borrowing FlowTable<IPv4FlowLayout>,
        isTaken: (Port) -> Bool
    ) -> Port? {
        guard destination.ipProtocol.lent != nil,
            let slot = resources.slot(of: destination.scope),
            givesPorts(slot, destination.bucket),
            resources.resources[slot].isLive,
            resources.resources[slot].openEIPs.contains(where: {
                IPAddress.v4(resources.eips[$0].entry.address).mapped == destination.external
            })
        else { return nil }
        let scope = FlowScope(resourceSlot: slot)
        let hasLent = lentCount > 0
        func isFree(_ port: Port) -> Bool {
            Self.isFree(destination.inbound(port), scope, flows, hasLent: hasLent)
                && !isTaken(port)
        }
        let start = Self.portHash(
            destination.inbound(Port(0)), resources.resources[slot].hashKey)
        let choice = ports.choose(
            toward: destination, from: resources.portSets.ports(of: destination.bucket),
            start: start, isFree: isFree)
        guard case .port(let port) = choice else { return nil }
        return port
    }

    /// Notes that a port is lent. False if the table is full.
    public mutating func lend(
        _ port: Port, toward destination: PortDestination,
        _ flows: inout FlowTable<IPv4FlowLayout>, at now: Tick
    ) -> Bool {
        guard let slot = resources.slot(of: destination.scope),
            let translated = destination.inbound(port).reversed.lent
        else { return false }
        var record = IPv4FlowRecord(
            scope: FlowScope(resourceSlot: slot), outbound: translated,
            translated: translated, bucket: destination.bucket, state: .lent)
        record.lastSeenCentiseconds = now.centiseconds
        let chain = resources.chain(of: slot, destination.bucket)
        guard chain < flows.chainCount else { return false }
        let details = FlowDetails(startCentiseconds: now.centiseconds)
        guard (try? flows.insert(record, details, chain: chain)) != nil else { return false }
        lentCount += 1
        notePort(record, taken: true)
        return true
    }

    /// A port that was lent may be given again.
    public mutating func unlend(
        _ port: Port, toward destination: PortDestination,
        _ flows: inout FlowTable<IPv4FlowLayout>
    ) {
        guard let slot = resources.slot(of: destination.scope) else { return }
        let scope = FlowScope(resourceSlot: slot)
        guard let held = findLent(destination.inbound(port), scope, flows) else { return }
        forget(flows[hot: held])
        flows.remove(held)
    }

    /// Proposes the end of the flow that stands on a port whose loan is void: the port is its lender's
    /// again. A quiet one is forgotten at once. Nil if there is none that lives, or if what was
    /// decided about it is not committed yet: then ask again.
    public mutating func proposeEndOfBorrower(
        of port: Port, toward destination: PortDestination,
        _ flows: inout FlowTable<IPv4FlowLayout>
    ) -> EndProposal? {
        guard let slot = resources.slot(of: destination.scope) else { return nil }
        let key = IPv4FlowKey(
            destination.inbound(port), scope: FlowScope(resourceSlot: slot),
            direction: .inbound)
        guard let match = flows.find(key), flows[hot: match.handle].bucket != destination.bucket
        else { return nil }
        guard flows[hot: match.handle].state == .quiet else {
            return propose(.loanLost, of: match.handle, &flows[hot: match.handle])
        }
        forget(flows[hot: match.handle], returnsLoan: false)
        flows.remove(match.handle)
        return nil
    }

    /// The destination that an inbound packet's port was drawn toward, in its own bucket.
    func lentDestination(_ arrival: Arrival) -> PortDestination {
        let tuple = arrival.summary.tuple
        return PortDestination(
            scope: resources.resources[arrival.resource].id, ipProtocol: tuple.ipProtocol,
            external: tuple.destination, remote: tuple.source, remotePort: tuple.sourcePort,
            bucket: resources.portSets.bucket(of: tuple.destinationPort) ?? arrival.bucket)
    }

    /// Ports of other buckets whose flows are gone from the table since the last call: their loans
    /// are to be given back.
    public mutating func takeReleasedLoans() -> [(port: Port, toward: PortDestination)] {
        guard !releasedLoans.isEmpty else { return [] }
        let released = releasedLoans
        releasedLoans.removeAll(keepingCapacity: true)
        return released
    }

    /// Whether a record stands on a port of another bucket.
    mutating func noteReleasedLoan<Record: FlowRecord>(_ record: Record) {
        let resource = resources.resources[record.scope.resourceSlot]
        let translated = record.translated
        guard resource.kind == .natGateway,
            let lender = resources.portSets.bucket(of: translated.sourcePort),
            lender != record.bucket
        else { return }
        releasedLoans.append(
            (
                translated.sourcePort,
                PortDestination(
                    scope: resource.id, ipProtocol: translated.ipProtocol,
                    external: translated.source, remote: translated.destination,
                    remotePort: translated.destinationPort, bucket: lender)
            ))
    }
}

extension PortDestination {
    /// The tuple of an inbound packet to `port`.
    func inbound(_ port: Port) -> FlowTuple {
        FlowTuple(
            ipProtocol: ipProtocol, source: IPAddress(unmapping: remote),
            sourcePort: remotePort, destination: IPAddress(unmapping: external),
            destinationPort: port)
    }
}
