// Invariant 1: no two live flows share (protocol, external address, external port, remote address,
// remote port), across nodes, crashes, partitions, view changes and expiry.
//
// A translation passes from one flow to another only when the first can have expired and the quiet
// time (rule 16) is over.

import Wire

/// Who had each translation last.
struct NoSharedTranslation {
    private var holdings: [ExternalTuple: Holding] = [:]

    /// A translation, and the flow that it was seen with last.
    private struct Holding {
        var flow: Int
        /// It can't have expired before its idle time has passed since then.
        var sentAt: Moment
        /// When a packet with it left last, in either direction.
        var leftAt: Moment
        /// The last copy of the flow's record was lost.
        var isLost = false
    }

    /// An outbound tuple outside, of IPv4.
    private struct ExternalTuple: Hashable {
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

    /// - Parameter isVoid: it may be by a record of a generation that is over.
    mutating func check(
        _ departure: Departure, _ flow: Int, isVoid: Bool, in run: Simulation
    ) -> String? {
        guard departure.isOutbound, run.world.edges.contains(departure.machine),
            let tuple = ExternalTuple(departure.packet.summary.tuple)
        else { return nil }
        let sentAt = departure.packet.stamp?.sentAt ?? .start
        guard var holding = holdings[tuple], holding.flow == flow else {
            let before = holdings.updateValue(
                Holding(flow: flow, sentAt: sentAt, leftAt: departure.at, isLost: isVoid),
                forKey: tuple)
            return before.flatMap { complaint(departure, flow, $0, in: run) }
        }
        holding.sentAt = max(holding.sentAt, sentAt)
        holding.leftAt = departure.at
        holding.isLost = isVoid
        holdings[tuple] = holding
        return nil
    }

    private func complaint(
        _ departure: Departure, _ flow: Int, _ before: Holding, in run: Simulation
    ) -> String? {
        let free = freeAt(before, departure.packet.summary.tuple.source, in: run)
        guard departure.at < free else { return nil }
        return "\(departure.packet.summary.tuple) is flow \(flow)'s, and was flow "
            + "\(before.flow)'s, whose it is until \(free) at least"
    }

    /// When another may have it, at the earliest.
    private func freeAt(
        _ holding: Holding, _ address: IPAddress, in run: Simulation
    ) -> Moment {
        let quiet = run.plan.cluster.quietNanoseconds
        let rest = quiet - run.clockSlack(quiet / 1_000_000_000)
        // Where all copies were lost, or the address was taken away, only the quiet time is sure.
        guard !holding.isLost, !run.wasWithdrawn(address) else { return holding.leftAt + rest }
        return holding.sentAt + run.shortestLife(of: run.flows[holding.flow]) + rest
    }

    /// An answer left for a flow's client: its translation lives on.
    mutating func answerLeft(_ departure: Departure, _ flow: Int, as translated: FlowTuple?) {
        guard let tuple = translated.flatMap(ExternalTuple.init),
            let stamp = departure.packet.stamp, var holding = holdings[tuple],
            holding.flow == flow
        else { return }
        holding.leftAt = departure.at
        if departure.packet.summary.kind != .tcp {
            holding.sentAt = max(holding.sentAt, stamp.sentAt)
        }
        holdings[tuple] = holding
    }

    /// The last copy of a flow's record is lost.
    mutating func lost(_ flow: Int, as translated: FlowTuple?) {
        guard let tuple = translated.flatMap(ExternalTuple.init), holdings[tuple]?.flow == flow
        else { return }
        holdings[tuple]?.isLost = true
    }
}
