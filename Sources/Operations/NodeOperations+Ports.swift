// `GET /v1/ports`: ports in use. The engines are asked piece by piece, and what they copy out is added
// up here, off their threads.

import Configuration
package import ControlClient
import Node
import Translation
import Wire

/// The filters of `GET /v1/ports`, as text.
package struct PortQuery: Sendable {
    package var by: String?
    package var tenant: String?
    package var natGateway: String?
    package var limit = 1000

    package init(by: String? = nil, natGateway: String? = nil, limit: Int = 1000) {
        self.by = by
        self.natGateway = natGateway
        self.limit = limit
    }

    func grouping() throws(FlowQueryError) -> NodeAPI.PortGrouping {
        guard let by else { return .destination }
        guard let known = NodeAPI.PortGrouping(rawValue: by) else {
            let names = NodeAPI.PortGrouping.allCases.map(\.rawValue).joined(separator: ", ")
            throw FlowQueryError(detail: "by: \"\(by)\" is none of \(names)")
        }
        return known
    }

    func filter() throws(FlowQueryError) -> PortFilter {
        var filter = PortFilter()
        if let tenant {
            filter.tenant = try FlowQuery.identifier(tenant, [.tenant]).rawValue
        }
        if let natGateway {
            filter.gateway = ResourceID(
                rawValue: try FlowQuery.identifier(natGateway, [.natGateway]).rawValue)
        }
        return filter
    }
}

extension NodeOperations {
    /// Slots that are passed over, and records that are read, between two turns: some 20
    /// microseconds of the engine's time.
    private static let slotsPerPiece = 1 << 20
    private static let recordsPerPiece = 2048
    private static let resourcesPerPiece = 256
    /// Places that a survey keeps.
    static let surveyCapacity = 16384

    package func ports(_ query: PortQuery) async throws(FlowQueryError) -> NodeAPI.PortAnswer {
        let grouping = try query.grouping()
        let filter = try query.filter()
        let survey = await survey(grouping, filter, pause: .zero)
        let snapshot = current.snapshot
        let gateways = survey.portsPerEIP.sorted { $0.key.rawValue < $1.key.rawValue }.map {
            NodeAPI.GatewayPorts($0.key, ports: $0.value, snapshot)
        }
        return NodeAPI.PortAnswer(
            node: identity.text, gateways: gateways,
            uses: survey.greatest(query.limit).map(NodeAPI.PortUse.init),
            unlisted: survey.unlisted(query.limit), refusals: await refusals(filter))
    }

    /// Looks at all engines once.
    ///
    /// - Parameter pause: between two pieces; longer is gentler and slower.
    func survey(
        _ grouping: NodeAPI.PortGrouping, _ filter: PortFilter, pause: Duration
    ) async -> PortSurvey {
        var survey = PortSurvey(grouping, current.snapshot, capacity: Self.surveyCapacity)
        for mailbox in current.mailboxes {
            var slot: Int? = 0
            while let from = slot {
                let piece = await mailbox.ask { engine, _ in
                    var piece: [GatewayPorts] = []
                    let next = engine.gatewayPorts(
                        matching: filter, from: from, limit: Self.resourcesPerPiece, into: &piece)
                    return (found: piece, next: next)
                }
                survey.add(piece.found)
                slot = piece.next
            }
            var cursor: Int? = 0
            while let from = cursor {
                let piece = await mailbox.ask { engine, _ in
                    PortPiece(of: engine, filter, from: from)
                }
                survey.add(piece.found)
                cursor = piece.next
                if pause > .zero, cursor != nil { try? await Task.sleep(for: pause) }
            }
        }
        return survey
    }

    private struct PortPiece: Sendable {
        var found: [PortUse] = []
        var next: Int?

        init(of engine: borrowing Engine, _ filter: PortFilter, from: Int) {
            guard engine.flowCount > 0 else { return }
            found.reserveCapacity(recordsPerPiece)
            next = engine.portsInUse(
                matching: filter, from: from, slots: slotsPerPiece, records: recordsPerPiece,
                into: &found)
        }
    }

    /// The last refused flows, the newest first.
    func refusals(_ filter: PortFilter) async -> [NodeAPI.FlowRefusal] {
        let state = current
        var all: [FlowRefusal] = []
        for mailbox in state.mailboxes {
            all += await mailbox.ask { engine, _ in engine.refusals.refusals }
        }
        let now = clock()
        return all.filter { filter.gateway == nil || filter.gateway == $0.resource }
            .map { NodeAPI.FlowRefusal($0, state.snapshot, at: now) }
            .filter { refusal in
                filter.tenant.map { Identifier(.tenant, $0).description == refusal.tenant } ?? true
            }
            .sorted { ($0.agoSeconds, $0.client) < ($1.agoSeconds, $1.client) }
    }
}

extension Snapshot {
    /// The tenant of a NAT gateway or load balancer.
    func tenant(of resource: ResourceID) -> UInt64? {
        natGateways.first { $0.id == resource }?.tenant
            ?? loadBalancers.first { $0.id == resource }?.tenant
    }
}

extension NodeAPI.GatewayPorts {
    fileprivate init(_ id: ResourceID, ports: Int, _ snapshot: Snapshot?) {
        let entry = snapshot?.natGateways.first { $0.id == id }
        let open = entry?.eips.filter { $0.state == .available } ?? []
        self.init(
            natGateway: Identifier(id, .natGateway).description,
            tenant: entry.map { Identifier(.tenant, $0.tenant).description } ?? "",
            portsPerEIP: ports, eips: open.map(\.address.description))
    }
}

extension NodeAPI.PortUse {
    fileprivate init(_ place: PortPlace, _ tally: PortTally) {
        self.init(
            natGateway: Identifier(place.gateway, .natGateway).description,
            subject: place.subject?.description, used: tally.used, quiet: tally.quiet,
            onLoan: tally.onLoan)
        destination = place.target?.remote.description
        destinationPort = place.target.map { Int($0.remotePort.rawValue) }
        ipProtocol = place.target?.ipProtocol.text
    }
}

extension NodeAPI.FlowRefusal {
    fileprivate init(_ refusal: FlowRefusal, _ snapshot: Snapshot?, at now: Tick) {
        let tenant = snapshot?.tenant(of: refusal.resource)
        self.init(
            resource: Identifier(refusal.resource, refusal.kind).description,
            tenant: tenant.map { Identifier(.tenant, $0).description } ?? "",
            client: refusal.client.description, destination: refusal.destination.description,
            destinationPort: Int(refusal.destinationPort.rawValue),
            ipProtocol: refusal.ipProtocol.text, reason: refusal.reason.description,
            count: refusal.count,
            agoSeconds: now < refusal.last ? 0 : Double(now - refusal.last) / 1e9)
    }
}
