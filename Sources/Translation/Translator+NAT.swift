// NAT44: which EIP and port a new outbound flow gets.

import Configuration
import Steering
import Tables
import Wire

extension Translator {
    mutating func proposeNAT<Layout: TranslationLayout>(
        _ arrival: Arrival, _ flows: borrowing FlowTable<Layout>, isRehearsal: Bool,
        hint: LoanHint
    ) throws(Refusal) -> Proposal {
        guard !resources.edgeAddresses.isEmpty else { throw .drop(.noEdge) }
        let gateway = resources.resources[arrival.resource]
        let tuple = arrival.summary.tuple
        guard !gateway.openEIPs.isEmpty else { throw .drop(.noElasticIP) }
        let place = Proposal.Place.edge(
            Int(arrival.bucket.rawValue) % resources.edgeAddresses.count)
        if let granted = hint.granted {
            // It may have been drained while the packet waited.
            let isOpen = gateway.openEIPs.contains {
                .v4(resources.eips[$0].entry.address) == granted.address
            }
            guard isOpen else { throw .drop(.noElasticIP) }
            return Proposal(
                translated: tuple.translatedSource(granted.address, granted.port), place: place)
        }
        let givesPorts = givesPorts(arrival.resource, arrival.bucket)
        var previous: EIPRank?
        var exhausted = 0
        while let next = nextEIP(of: gateway, for: tuple.source, after: previous) {
            previous = next
            let address = IPAddress.v4(resources.eips[next.index].entry.address)
            // Ports that rest after a loss of memory are as good as used up: others may lend theirs.
            if givesPorts,
                let port = port(at: address, arrival, flows, isRehearsal: isRehearsal)
            {
                return Proposal(
                    translated: tuple.translatedSource(address, port), place: place)
            }
            // RFC 6888 §5 REQ-13: every port of an EIP can be used.
            // DESIGN part 5, rule 17. Its own ports, then those on loan, then the next EIP.
            if hint.mayAsk, exhausted >= hint.refusedEIPs {
                throw .wantsLoan(destination(of: tuple, at: address, arrival))
            }
            exhausted += 1
        }
        throw .drop(givesPorts ? .portsExhausted : .portsQuiet)
    }

    /// The open EIP that an inside address likes best after `previous`: rendezvous hashing, so that
    /// an EIP that comes or goes moves nobody between the others.
    // RFC 4787 §4.1 REQ-2, RFC 6888 §3 REQ-2: all flows of an inside address share an EIP, until
    // its ports toward a destination are used up; then the next takes over.
    private func nextEIP(
        of gateway: Resource, for inside: IPAddress, after previous: EIPRank?
    ) -> EIPRank? {
        var best: EIPRank?
        // RFC 6888 §3 REQ-3: any addresses, as many as there are.
        for index in gateway.openEIPs {
            let product = (resources.eips[index].pairingKey ^ inside.mapped.low)
                .multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
            let rank = EIPRank(score: product.high ^ product.low, index: index)
            guard previous.map({ $0.precedes(rank) }) ?? true else { continue }
            if best.map({ rank.precedes($0) }) ?? true { best = rank }
        }
        return best
    }

    /// A free port of the arrival's bucket at `address` toward the arrival's destination.
    mutating func port<Layout: TranslationLayout>(
        at address: IPAddress, _ arrival: Arrival, toward destination: FlowTuple? = nil,
        _ flows: borrowing FlowTable<Layout>, isRehearsal: Bool
    ) -> Port? {
        let resource = resources.resources[arrival.resource]
        let tuple = destination ?? arrival.summary.tuple
        let pool = self.destination(of: tuple, at: address, arrival)
        let range = resources.portSets.ports(of: arrival.bucket)
        let start = Self.portHash(tuple, resource.hashKey)
        let scope = arrival.scope
        let hasLent = lentCount > 0
        // RFC 4787 §4.2.1 REQ-3, RFC 5382 §7.1 REQ-7, RFC 7857 §3: a port is taken by destination.
        func isFree(_ candidate: Port) -> Bool {
            let inbound = tuple.translatedSource(address, candidate).reversed
            return Self.isFree(inbound, scope, flows, hasLent: hasLent)
        }
        let choice =
            isRehearsal
            ? ports.foretell(toward: pool, from: range, start: start, isFree: isFree)
            : ports.choose(toward: pool, from: range, start: start, isFree: isFree)
        guard case .port(let port) = choice else { return nil }
        return port
    }

    /// What an outbound packet's port is drawn toward.
    // RFC 7857 §5: by protocol, so that each has a pool of its own. RFC 4787 §8 REQ-11: always.
    func destination(
        of tuple: FlowTuple, at address: IPAddress, _ arrival: Arrival
    ) -> PortDestination {
        PortDestination(
            scope: resources.resources[arrival.resource].id, ipProtocol: tuple.ipProtocol,
            external: address, remote: tuple.destination, remotePort: tuple.destinationPort,
            bucket: arrival.bucket)
    }

    // RFC 7857 §9, RFC 6888 §5 REQ-15.
    // RFC 6056 §3.3: where the search for a port begins is a keyed hash of the flow, unguessable
    // from outside; the same flow finds the same port, so that `explain` can foretell it.
    static func portHash(_ tuple: FlowTuple, _ key: HashKey) -> UInt64 {
        var hash = SipHash13(key0: key.first, key1: key.second)
        hash.combine(tuple.source.mapped.high)
        hash.combine(tuple.source.mapped.low)
        hash.combine(tuple.destination.mapped.low)
        hash.combine(
            UInt64(tuple.ipProtocol.rawValue) << 32 | UInt64(tuple.sourcePort.rawValue) << 16
                | UInt64(tuple.destinationPort.rawValue))
        return hash.finish()
    }
}

/// How an EIP stands with an inside address: the lowest score serves it.
private struct EIPRank {
    var score: UInt64
    var index: Int

    func precedes(_ other: EIPRank) -> Bool { (score, index) < (other.score, other.index) }
}

extension FlowTuple {
    /// The tuple with another source.
    func translatedSource(_ address: IPAddress, _ port: Port) -> FlowTuple {
        FlowTuple(
            ipProtocol: ipProtocol, source: address, sourcePort: port, destination: destination,
            destinationPort: destinationPort)
    }

    /// The tuple with another destination.
    func translatedDestination(_ address: IPAddress, _ port: Port) -> FlowTuple {
        FlowTuple(
            ipProtocol: ipProtocol, source: source, sourcePort: sourcePort, destination: address,
            destinationPort: port)
    }
}
