// Two flows that a target could not tell apart: one client's address and port, kept, is another's
// too. The later one is translated. Its target's router sees collisions that a node can't, as
// between two resources, and gives the packet back with a mark.

import Configuration
import Steering
import Tables
import Wire

extension Translator {
    /// A router gave back the first packet of a flow: the flow is to end, nothing of it was delivered,
    /// and its client's next packet is decided anew, translated.
    mutating func takeBack<Layout: TranslationLayout>(
        _ match: FlowMatch, _ flows: inout FlowTable<Layout>, _ now: Tick
    ) -> Verdict {
        let record = flows[hot: match.handle]
        // Whoever has had an answer is no newcomer: the mark is late or wrong.
        if record.packets(.inbound) == 0 {
            proposedEnd = propose(.returnTaken, of: match.handle, &flows[hot: match.handle])
        }
        return .drop(.returnTaken)
    }

    /// Notes that the client of a flow that was given back must be translated.
    mutating func rememberCollision<Layout: TranslationLayout>(
        of record: Layout.Hot, _ flows: inout FlowTable<Layout>, _ now: Tick
    ) {
        var memory = Layout.Hot(
            scope: record.scope, outbound: record.outbound.collisionKey,
            translated: record.outbound.collisionKey, bucket: record.bucket, state: .sticky)
        memory.lastSeenCentiseconds = now.centiseconds
        // Where there is no room it is forgotten, and the client is given back once more.
        let chain = resources.chain(of: record.scope.resourceSlot, record.bucket)
        _ = remember(memory, chain: chain, &flows, now)
    }

    /// Whether the packet's client was given back, and must be translated.
    func wasTakenBack<Layout: TranslationLayout>(
        _ arrival: Arrival, _ flows: borrowing FlowTable<Layout>
    ) -> Bool {
        flows.contains(
            Layout.Key(
                arrival.summary.tuple.collisionKey, scope: arrival.scope, direction: .outbound))
    }
}

extension FlowTuple {
    /// What a collision is remembered by. Protocol 254 is for experiments (RFC 3692) and is
    /// classified as nothing that a resource serves.
    fileprivate var collisionKey: FlowTuple {
        FlowTuple(
            ipProtocol: IPProtocol(rawValue: 254), source: source, sourcePort: sourcePort,
            destination: destination, destinationPort: destinationPort)
    }
}
