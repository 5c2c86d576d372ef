// Invariant 1: no two live flows share (protocol, external address, external port, remote address,
// remote port), across nodes, crashes, partitions, view changes and expiry.
//
// A translation passes from one flow to another only when the first can have expired and the quiet
// time (rule 16) is over.

import Wire

/// Who had each translation last.
struct NoSharedTranslation {
    private var holders: [ExternalTuple: Int] = [:]

    /// An outbound tuple outside, of IPv4.
    struct ExternalTuple: Hashable {
        var addresses: UInt64
        var rest: UInt64

        init?(_ tuple: FlowTuple) {
            guard case .v4(let source) = tuple.source, case .v4(let remote) = tuple.destination
            else { return nil }
            addresses = UInt64(source.rawValue) << 32 | UInt64(remote.rawValue)
            rest =
                UInt64(tuple.ipProtocol.rawValue) << 32 | UInt64(tuple.sourcePort.rawValue) << 16
                | UInt64(tuple.destinationPort.rawValue)
        }
    }

    mutating func check(
        _ departure: Departure, _ flow: Int, _ known: StableTranslation, in run: Simulation
    ) -> String? {
        guard departure.isOutbound, run.world.edges.contains(departure.machine),
            let tuple = ExternalTuple(departure.packet.summary.tuple)
        else { return nil }
        guard let holder = holders.updateValue(flow, forKey: tuple), holder != flow else {
            return nil
        }
        let free = freeAt(holder, known[holder], in: run)
        guard departure.at < free else { return nil }
        return "\(departure.packet.summary.tuple) is flow \(flow)'s, and was flow \(holder)'s, "
            + "whose it is until \(free) at least"
    }

    /// When another may have it, at the earliest.
    private func freeAt(
        _ holder: Int, _ known: StableTranslation.KnownFlow, in run: Simulation
    ) -> Moment {
        let quiet = run.plan.cluster.quietNanoseconds
        let slack = run.clockSlack(quiet / 1_000_000_000)
        // Where all copies were lost, or the address was taken away, only the quiet time is sure.
        if known.isLost { return known.leftAt + (quiet - slack) }
        if let translated = known.translated, run.wasWithdrawn(translated.source) {
            return known.leftAt + (quiet - slack)
        }
        return known.sentAt + run.shortestLife(of: run.flows[holder]) + (quiet - slack)
    }
}
