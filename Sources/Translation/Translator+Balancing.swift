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
        var refused: DropCause = .noTarget
        var best = Candidate.none
        // The best target first; the next best if its way back is taken by another flow.
        for _ in 0..<min(slot.targets.count, 8) {
            guard let next = candidate(after: best, slot, arrival) else { break }
            best = next
            let proposal = proposal(
                for: next, slot, arrival, flows, isRehearsal: isRehearsal)
            if let proposal { return proposal }
            refused = slot.preservesClientAddress ? .returnTaken : .portsExhausted
        }
        throw .drop(refused)
    }

    /// A target and how it was drawn; candidates are ordered by (wait, index).
    private struct Candidate {
        var wait: UInt64
        var index: Int
        static var none: Candidate { Candidate(wait: 0, index: -1) }

        func precedes(_ other: Candidate) -> Bool {
            (wait, index) < (other.wait, other.index)
        }
    }

    /// The target that the flow's hash likes best after `previous`.
    private func candidate(
        after previous: Candidate, _ slot: ListenerSlot, _ arrival: Arrival
    ) -> Candidate? {
        let key = resources.resources[arrival.resource].hashKey
        let tuple = arrival.summary.tuple
        let rendezvous = WeightedRendezvous(
            key0: key.first, key1: key.second, flow: tuple.flowHash(key, vni: arrival.vni))
        var best: Candidate?
        for index in slot.targets {
            let target = resources.targets[index]
            guard target.isOpen, target.address.isIPv4 == tuple.source.isIPv4 else { continue }
            let candidate = Candidate(
                wait: rendezvous.wait(of: target.id, weight: target.weight), index: index)
            guard previous.index < 0 || previous.precedes(candidate) else { continue }
            if best.map({ candidate.precedes($0) }) ?? true { best = candidate }
        }
        return best
    }

    private mutating func proposal<Layout: TranslationLayout>(
        for candidate: Candidate, _ slot: ListenerSlot, _ arrival: Arrival,
        _ flows: borrowing FlowTable<Layout>, isRehearsal: Bool
    ) -> Proposal? {
        let target = resources.targets[candidate.index]
        let tuple = arrival.summary.tuple.translatedDestination(target.address, target.port)
        let place = Proposal.Place.target(candidate.index, slot.targetVNI)
        if slot.preservesClientAddress {
            let inbound = Layout.Key(tuple.reversed, scope: arrival.scope, direction: .inbound)
            guard !flows.contains(inbound) else { return nil }
            return Proposal(translated: tuple, place: place)
        }
        // A client that came by a public address of another family: no address to show it under.
        let address = resources.resources[arrival.resource].address
        guard address.isIPv4 == tuple.source.isIPv4 else { return nil }
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
    fileprivate func flowHash(_ key: HashKey, vni: VNI) -> UInt64 {
        var hash = SipHash13(key0: key.second, key1: key.first)
        hash.combine(source.mapped.high)
        hash.combine(source.mapped.low)
        hash.combine(destination.mapped.low)
        hash.combine(
            UInt64(vni.rawValue) << 40 | UInt64(ipProtocol.rawValue) << 32
                | UInt64(sourcePort.rawValue) << 16 | UInt64(destinationPort.rawValue))
        return hash.finish()
    }
}
