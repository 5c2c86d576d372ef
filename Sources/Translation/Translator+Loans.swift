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
        if !resources.owns(destination.external, destination.scope) { hasLatecomers = true }
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

    /// The destination that an inbound packet's port was drawn toward, in its own bucket.
    func lentDestination(_ arrival: Arrival) -> PortDestination {
        let tuple = arrival.summary.tuple
        return PortDestination(
            scope: resources.resources[arrival.resource].id, ipProtocol: tuple.ipProtocol,
            external: tuple.destination, remote: tuple.source, remotePort: tuple.sourcePort,
            bucket: resources.portSets.bucket(of: tuple.destinationPort) ?? arrival.bucket)
    }

    // MARK: Flows on loan

    /// What became of flows on ports of other buckets since the last call, in order.
    public mutating func takeLoanChanges() -> [LoanChange] {
        guard !loanChanges.isEmpty else { return [] }
        let changes = loanChanges
        loanChanges.removeAll(keepingCapacity: true)
        return changes
    }

    /// The port of another bucket that a record stands on; nil of one on a port of its own.
    public func borrowedPort(_ record: IPv4FlowRecord) -> BorrowedPort? { borrowedPort(of: record) }

    /// The port that a record says is lent, or rests after a loan; nil of a flow's.
    public func lentPort(_ record: IPv4FlowRecord) -> BorrowedPort? {
        guard let translated = record.translated.unlent else { return nil }
        return BorrowedPort(
            port: translated.sourcePort,
            toward: PortDestination(
                scope: resources.resources[record.scope.resourceSlot].id,
                ipProtocol: translated.ipProtocol, external: translated.source,
                remote: translated.destination, remotePort: translated.destinationPort,
                bucket: record.bucket),
            bucket: record.bucket)
    }

    func borrowedPort<Record: FlowRecord>(of record: Record) -> BorrowedPort? {
        let resource = resources.resources[record.scope.resourceSlot]
        let translated = record.translated
        guard resource.kind == .natGateway,
            let lender = resources.portSets.bucket(of: translated.sourcePort),
            lender != record.bucket
        else { return nil }
        return BorrowedPort(
            port: translated.sourcePort,
            toward: PortDestination(
                scope: resource.id, ipProtocol: translated.ipProtocol,
                external: translated.source, remote: translated.destination,
                remotePort: translated.destinationPort, bucket: lender),
            bucket: record.bucket)
    }

    /// Ends the flow on a port that its lender knows nothing of any more. What is to be told of it; nil if
    /// there is none.
    public mutating func endOnLoan(
        _ port: Port, toward lender: PortDestination, _ flows: inout FlowTable<IPv4FlowLayout>,
        at now: Tick
    ) -> FlowEnding? {
        guard let slot = resources.slot(of: lender.scope) else { return nil }
        let key = IPv4FlowLayout.Key(
            lender.inbound(port), scope: FlowScope(resourceSlot: slot), direction: .inbound)
        guard let found = flows.find(key)?.handle,
            borrowedPort(of: flows[hot: found])?.toward == lender
        else { return nil }
        let isOwn = reign(of: flows[hot: found]).isLed
        return finishEnd(found, .addressLost, table: &flows, now, isOwn: isOwn)
    }

    /// A flow that another engine decided has come into the table, by a loan.
    mutating func noteTaken<Record: FlowRecord>(_ record: Record, _ loan: LoanID?) {
        guard let loan, let borrowed = borrowedPort(of: record) else { return }
        let tenant = resources.resources[record.scope.resourceSlot].tenantSlot
        loanChanges.append(.taken(loan, borrowed, tenant: tenant))
    }

    /// A record goes.
    mutating func noteGone<Record: FlowRecord>(_ record: Record, _ fate: LoanFate) {
        guard let borrowed = borrowedPort(of: record) else { return }
        switch fate {
        case .ended: loanChanges.append(.ended(borrowed))
        case .undone: loanChanges.append(.undone(borrowed))
        case .discarded: break
        }
    }
}

/// A port of another bucket than the flow's, toward its destination.
public struct BorrowedPort: Hashable, Sendable {
    public var port: Port
    /// `bucket` is the lender.
    public var toward: PortDestination
    /// The bucket of the flow; of the record of a lent port, the lender.
    public var bucket: BucketIndex
}

/// What became of a flow on a port of another bucket.
public enum LoanChange: Hashable, Sendable {
    /// Its creation, decided by another engine, is committed.
    case taken(LoanID, BorrowedPort, tenant: Int)
    /// Its end is.
    case ended(BorrowedPort)
    /// Its creation never will be, by this engine's word.
    case undone(BorrowedPort)
}

/// Why a record goes, as far as the loan matters that it may stand on.
enum LoanFate {
    case ended
    case undone
    /// All that the bucket holds here goes, and its loans with it.
    case discarded
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
