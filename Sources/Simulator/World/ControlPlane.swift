// The control plane of a simulation: the newest configuration, what nodes have reported, and EIPs on
// their way from one owner to the next. It never dies here; nodes that can't reach it run on.

import Configuration
import Wire

/// What the placement service and its registry are to a simulation.
struct ControlPlane: Sendable {
    private(set) var snapshot: Snapshot
    /// By node: the newest version that it has closed, as it said last.
    var reports: [UInt64]
    private(set) var moves: [Move] = []
    /// EIPs that were taken from a gateway at some time.
    private(set) var withdrawn: Set<IPv4Address> = []

    /// An EIP that goes from one gateway to another, by the nodes' word (DESIGN part 5, rule 20).
    struct Move: Sendable {
        var eip: EIPEntry
        var from: Int
        var to: Int
        var version: UInt64
        /// The quiet time has begun: all have closed the version.
        var freeAt: Moment?
    }

    init(_ world: World) {
        snapshot = world.snapshot
        reports = Array(repeating: 0, count: world.nodeCount)
    }

    /// The gateway that has an address, or that is giving it up.
    func owner(of address: IPv4Address) -> ResourceID? {
        snapshot.natGateways.first { gateway in
            gateway.eips.contains { $0.address == address }
        }?.id
    }

    /// Whether a gateway has an address, and isn't to give it up.
    func keeps(_ address: IPv4Address, _ id: ResourceID) -> Bool {
        snapshot.natGateways.contains { gateway in
            gateway.id == id
                && gateway.eips.contains { $0.address == address && $0.state != .releasing }
        }
    }

    mutating func newVersion() { snapshot.version += 1 }

    /// Toggles whether an EIP takes new flows. False if it can't be done now.
    mutating func toggleDraining(gateway: Int, eip: Int) -> Bool {
        let state = snapshot.natGateways[gateway].eips[eip].state
        guard state != .releasing else { return false }
        snapshot.natGateways[gateway].eips[eip].state =
            state == .available ? .draining : .available
        newVersion()
        return true
    }

    /// Names another member in one's place: two steps, of which each is a configuration.
    mutating func replace(_ leaving: NodeID, by joining: NodeID, in group: Int) {
        guard let place = snapshot.groups[group].members.firstIndex(of: leaving) else { return }
        snapshot.groups[group].members[place] = joining
        snapshot.groups[group].configuration += 2
        newVersion()
    }

    /// Begins to take an EIP from its gateway.
    mutating func beginMove(gateway: Int, eip: Int, to other: Int) -> Bool {
        guard gateway != other, snapshot.natGateways[gateway].eips[eip].state != .releasing else {
            return false
        }
        snapshot.natGateways[gateway].eips[eip].state = .releasing
        newVersion()
        withdrawn.insert(snapshot.natGateways[gateway].eips[eip].address)
        moves.append(
            Move(
                eip: snapshot.natGateways[gateway].eips[eip], from: gateway, to: other,
                version: snapshot.version))
        return true
    }

    /// Gives on what has become free. How many EIPs were.
    mutating func settleMoves(quiet: UInt64, at now: Moment) -> Int {
        var given = 0
        for index in moves.indices.reversed() {
            let move = moves[index]
            if let freeAt = move.freeAt {
                guard freeAt <= now else { continue }
                give(move)
                moves.remove(at: index)
                given += 1
            } else if isClosed(move) {
                moves[index].freeAt = now + quiet
            }
        }
        return given
    }

    private func isClosed(_ move: Move) -> Bool {
        let tenant = snapshot.natGateways[move.from].tenant
        guard let group = snapshot.tenants.first(where: { $0.id == tenant })?.group else {
            return true
        }
        return snapshot.groups[Int(group) - 1].members.allSatisfy {
            reports[Int($0.rawValue) - 1] >= move.version
        }
    }

    private mutating func give(_ move: Move) {
        snapshot.natGateways[move.from].eips.removeAll { $0.id == move.eip.id }
        var eip = move.eip
        eip.state = .available
        snapshot.natGateways[move.to].eips.append(eip)
        newVersion()
    }
}
