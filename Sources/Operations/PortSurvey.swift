// Ports in use, added up: by destination, by client or by EIP. Fed with what the engines copy out, in
// any order; it holds the greatest only, so its memory is bounded whatever the clients do.

import Configuration
import ControlClient
import Node
import Translation
package import Wire

/// Toward where ports are used: those of one address differ within one of these.
package struct PortTarget: Hashable, Sendable {
    var remote: IPv4Address
    var remotePort: Port
    var ipProtocol: IPProtocol

    package init(remote: IPv4Address, remotePort: Port, ipProtocol: IPProtocol) {
        self.remote = remote
        self.remotePort = remotePort
        self.ipProtocol = ipProtocol
    }

    var text: String { "\(remote):\(remotePort.rawValue)/\(ipProtocol.text)" }
}

/// What is counted under one name.
package struct PortPlace: Hashable, Sendable {
    var gateway: ResourceID
    /// A client or an EIP; nil by destination.
    var subject: IPv4Address?
    /// Nil for all of the subject's.
    var target: PortTarget?

    package init(gateway: ResourceID, subject: IPv4Address?, target: PortTarget?) {
        self.gateway = gateway
        self.subject = subject
        self.target = target
    }

    /// For people, and for an order that is the same everywhere.
    var text: String {
        "\(gateway.rawValue) " + (subject.map { "\($0) " } ?? "") + (target?.text ?? "")
    }
}

/// One look at all ports of a node.
struct PortSurvey: Sendable {
    let grouping: NodeAPI.PortGrouping
    /// EIPs that take new flows, by gateway; ports of others are no part of what can be used up.
    let open: [ResourceID: Set<IPv4Address>]
    /// Ports of each EIP that the node leads.
    private(set) var portsPerEIP: [ResourceID: Int] = [:]
    private(set) var uses: TopCounts<PortPlace>
    /// Of each subject, wherever.
    private(set) var totals: TopCounts<PortPlace>

    init(_ grouping: NodeAPI.PortGrouping, _ snapshot: Snapshot?, capacity: Int) {
        self.grouping = grouping
        open = Dictionary(
            (snapshot?.natGateways ?? []).map { gateway in
                let open = gateway.eips.filter { $0.state == .available }.map(\.address)
                return (gateway.id, Set(open))
            }, uniquingKeysWith: { first, _ in first })
        uses = TopCounts(capacity: capacity)
        totals = TopCounts(capacity: capacity)
    }

    mutating func add(_ gateways: [GatewayPorts]) {
        for ports in gateways { portsPerEIP[ports.gateway, default: 0] += ports.portsPerEIP }
    }

    mutating func add(_ found: [PortUse]) {
        for use in found { add(use) }
    }

    private mutating func add(_ use: PortUse) {
        // A client's flows are counted where they are, ports where they belong: so each counts once.
        let mark: PortUse.Marks = grouping == .client ? .isOwnFlow : .isOfOwnSet
        guard use.marks.contains(mark) else { return }
        let tally = PortTally(
            used: 1, quiet: use.marks.contains(.isQuiet) ? 1 : 0,
            onLoan: use.marks.contains(.isOnLoan) ? 1 : 0)
        var place = PortPlace(gateway: use.gateway, subject: subject(use), target: nil)
        if place.subject != nil { totals.add(tally, to: place) }
        guard grouping == .eip || open[use.gateway]?.contains(use.external) == true else { return }
        place.target = PortTarget(
            remote: use.remote, remotePort: use.remotePort, ipProtocol: use.ipProtocol)
        uses.add(tally, to: place)
    }

    private func subject(_ use: PortUse) -> IPv4Address? {
        switch grouping {
        case .destination: nil
        case .client: use.client
        case .eip: use.external
        }
    }

    /// Ports that can be in use toward one destination at once, on this node.
    func usablePorts(of gateway: ResourceID) -> Int {
        (portsPerEIP[gateway] ?? 0) * (open[gateway]?.count ?? 0)
    }

    /// The greatest uses; then the greatest totals, each with the use that is the greatest of it.
    func greatest(_ limit: Int) -> [(place: PortPlace, tally: PortTally)] {
        var listed = uses.greatest(limit) { $0.text }.map { ($0.key, $0.tally) }
        guard grouping != .destination else { return listed }
        let subjects = totals.greatest(limit) { $0.text }
        var best: [PortPlace: (place: PortPlace, used: Int)] = [:]
        for subject in subjects { best[subject.key] = (subject.key, 0) }
        uses.forEach { place, tally in
            let whole = PortPlace(gateway: place.gateway, subject: place.subject, target: nil)
            guard let known = best[whole], tally.used > known.used else { return }
            best[whole] = (place, tally.used)
        }
        let present = Set(listed.map(\.0))
        for subject in subjects {
            guard let place = best[subject.key]?.place, place.target != nil,
                !present.contains(place), let tally = uses[place]
            else { continue }
            listed.append((place, tally))
        }
        return listed + subjects.map { ($0.key, $0.tally) }
    }

    /// Nothing that `greatest(limit)` leaves out has more.
    func unlisted(_ limit: Int) -> Int {
        let next = uses.greatest(limit + 1) { $0.text }.dropFirst(limit).first?.tally.used ?? 0
        return max(next, uses.forgotten)
    }
}
