// Load balancing: which target a new flow gets, and with which source it reaches it.

import Configuration
import Tables
import Wire

extension Translator {
    mutating func proposeBalancing<Layout: TranslationLayout>(
        _ arrival: Arrival, _ flows: borrowing FlowTable<Layout>, isRehearsal: Bool
    ) throws(Refusal) -> Proposal {
        let tuple = arrival.summary.tuple
        let listener = resources.listener(of: arrival.resource, for: tuple)
        // The number comes back with the target's answers, so it must be right.
        guard let listener, resources.listeners[listener].entry.index == arrival.listener else {
            throw .drop(.unknownListener)
        }
        let slot = resources.listeners[listener]
        if slot.isSticky, let kept = stuckTarget(arrival, slot, flows) {
            let proposal = proposal(for: kept, slot, arrival, flows, isRehearsal: isRehearsal)
            if let proposal { return proposal }
        }
        var refused: DropCause = .noTarget
        // The best target first; the next best if no port is left toward it.
        let candidates = candidates(slot, arrival)
        for position in 0..<candidates.count {
            let proposal = proposal(
                for: candidates.places[position].index, slot, arrival, flows,
                isRehearsal: isRehearsal)
            if let proposal { return proposal }
            refused =
                givesPorts(arrival.resource, arrival.bucket) ? .portsExhausted : .portsQuiet
        }
        throw .drop(refused)
    }

    /// The targets that a new flow is offered to, the best first.
    private func candidates(_ slot: ListenerSlot, _ arrival: Arrival) -> BestCandidates {
        let key = resources.resources[arrival.resource].hashKey
        let tuple = arrival.summary.tuple
        let rendezvous = WeightedRendezvous(
            key0: key.first, key1: key.second,
            flow: tuple.flowHash(key, vni: arrival.vni, isSticky: slot.isSticky))
        var best = BestCandidates()
        for index in slot.targets {
            let target = resources.targets[index]
            guard target.isOpen, target.address.isIPv4 == tuple.source.isIPv4 else { continue }
            let load =
                slot.algorithm == .leastFlows
                ? (UInt64(targetLoads[target.id]) + 1) << 20 / UInt64(target.weight) : 0
            best.offer(
                Candidate(
                    load: load,
                    wait: rendezvous.wait(of: target.id, weight: target.weight), index: index))
        }
        return best
    }

    private mutating func proposal<Layout: TranslationLayout>(
        for index: Int, _ slot: ListenerSlot, _ arrival: Arrival,
        _ flows: borrowing FlowTable<Layout>, isRehearsal: Bool
    ) -> Proposal? {
        let target = resources.targets[index]
        let tuple = arrival.summary.tuple.translatedDestination(target.address, target.port)
        let place = Proposal.Place.target(index, slot.targetVNI)
        // DESIGN part 3: where the client's own address would make two flows one, it is translated.
        if slot.preservesClientAddress, !wasTakenBack(arrival, flows) {
            let inbound = Layout.Key(tuple.reversed, scope: arrival.scope, direction: .inbound)
            if !flows.contains(inbound) { return Proposal(translated: tuple, place: place) }
        }
        // A client that came by a public address of another family: no address to show it under.
        let address = resources.resources[arrival.resource].address
        guard givesPorts(arrival.resource, arrival.bucket),
            address.isIPv4 == tuple.source.isIPv4
        else { return nil }
        let port = port(
            at: address, arrival, toward: tuple, flows, isRehearsal: isRehearsal)
        guard let port else { return nil }
        return Proposal(translated: tuple.translatedSource(address, port), place: place)
    }
}

extension TargetEntry {
    /// Takes new flows.
    var isOpen: Bool { state == .healthy && weight > 0 }
}

extension ListenerEntry {
    func matches(_ tuple: FlowTuple) -> Bool {
        ipProtocol == tuple.ipProtocol && port == tuple.destinationPort
    }
}

extension FlowTuple {
    /// What a load balancer's choice depends on.
    fileprivate func flowHash(_ key: HashKey, vni: VNI, isSticky: Bool) -> UInt64 {
        var hash = SipHash13(key0: key.second, key1: key.first)
        hash.combine(source.mapped.high)
        hash.combine(source.mapped.low)
        hash.combine(destination.mapped.low)
        hash.combine(
            UInt64(vni.rawValue) << 40 | UInt64(ipProtocol.rawValue) << 32
                | UInt64(isSticky ? 0 : sourcePort.rawValue) << 16
                | UInt64(destinationPort.rawValue))
        return hash.finish()
    }
}
