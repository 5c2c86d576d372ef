// The flow list: each engine is asked piece by piece, so that a long table delays no packet by
// more than one piece.

import Configuration
import ControlClient
import Node
import Translation
import Wire

/// The filters of `GET /v1/flows`, as text.
struct FlowQuery: Sendable {
    var tenant: String?
    var resource: String?
    var address: String?
    var port: String?
    var state: String?
    var limit = 1000
}

/// A question that can't be understood, or not be answered here.
package struct FlowQueryError: Error, Hashable {
    /// Of the HTTP answer.
    package enum Status: Int, Sendable {
        case bad = 400
        /// The node doesn't know what is asked about.
        case unknown = 404
        /// Not yet.
        case notServing = 503
    }

    package var status = Status.bad
    package var detail: String
    package var hint: String?

    init(status: Status = .bad, detail: String, hint: String? = nil) {
        self.status = status
        self.detail = detail
        self.hint = hint
    }
}

extension FlowQuery {
    func filter() throws(FlowQueryError) -> FlowFilter {
        var filter = FlowFilter()
        if let tenant {
            filter.tenant = try Self.identifier(tenant, [.tenant]).rawValue
        }
        if let resource {
            filter.resource = ResourceID(
                rawValue: try Self.identifier(resource, [.natGateway, .loadBalancer]).rawValue)
        }
        if let address {
            guard let parsed = IPAddress(address) else {
                throw FlowQueryError(detail: "address: \"\(address)\" is no IP address")
            }
            filter.address = parsed
        }
        if let port {
            guard let number = UInt16(port) else {
                throw FlowQueryError(detail: "port: \"\(port)\" is not from 0 to 65535")
            }
            filter.port = Port(number)
        }
        if let state {
            guard let parsed = FlowState.allCases.first(where: { "\($0)" == state }) else {
                let known = FlowState.allCases.map { "\($0)" }.joined(separator: ", ")
                throw FlowQueryError(detail: "state: \"\(state)\" is none of \(known)")
            }
            filter.state = parsed
        }
        return filter
    }

    static func identifier(
        _ text: String, _ kinds: [IdentifierKind]
    ) throws(FlowQueryError) -> Identifier {
        guard let parsed = Identifier(text), kinds.contains(parsed.kind) else {
            let known = kinds.map { $0.rawValue + "-…" }.joined(separator: " or ")
            throw FlowQueryError(detail: "\"\(text)\" is no identifier of the form \(known)")
        }
        return parsed
    }
}

extension NodeOperations {
    /// Slots that are visited, and flows that are copied, between two turns.
    private static let slotsPerPiece = 16384
    private static let flowsPerPiece = 1024

    func flows(_ query: FlowQuery) async throws(FlowQueryError) -> NodeAPI.FlowAnswer {
        let filter = try query.filter()
        var answer = NodeAPI.FlowAnswer(node: identity.text, flows: [], truncated: false)
        for mailbox in current.mailboxes {
            var cursor: FlowCursor? = FlowCursor()
            while let from = cursor, !answer.truncated {
                let piece = await mailbox.ask { engine, now in
                    FlowPiece(of: engine, filter, from: from, at: now)
                }
                cursor = piece.next
                // Texts are made here, not on the engine's thread.
                answer.flows += piece.flows.map(NodeAPI.Flow.init)
                answer.truncated = answer.flows.count > query.limit
            }
        }
        if answer.truncated { answer.flows.removeLast(answer.flows.count - query.limit) }
        return answer
    }

    private struct FlowPiece: Sendable {
        var flows: [FlowDescription] = []
        var next: FlowCursor?

        init(
            of engine: borrowing Engine, _ filter: FlowFilter, from: FlowCursor, at now: Tick
        ) {
            next = engine.flows(
                matching: filter, from: from, slots: slotsPerPiece, limit: flowsPerPiece, at: now,
                into: &flows)
        }
    }
}

extension NodeAPI.Flow {
    init(_ flow: FlowDescription) {
        self.init(
            resource: Identifier(flow.resource, flow.kind).description,
            ipProtocol: flow.outbound.ipProtocol.text,
            client: flow.outbound.source.description,
            clientPort: Int(flow.outbound.sourcePort.rawValue),
            destination: flow.outbound.destination.description,
            destinationPort: Int(flow.outbound.destinationPort.rawValue),
            translatedSource: flow.translated.source.description,
            translatedSourcePort: Int(flow.translated.sourcePort.rawValue),
            translatedDestination: flow.translated.destination.description,
            translatedDestinationPort: Int(flow.translated.destinationPort.rawValue),
            state: "\(flow.state)", bucket: Int(flow.bucket.rawValue),
            ageSeconds: Double(flow.ageCentiseconds) / 100,
            idleSeconds: Double(flow.idleCentiseconds) / 100,
            packetsOutbound: flow.packetsOutbound, packetsInbound: flow.packetsInbound,
            bytesOutbound: flow.bytesOutbound, bytesInbound: flow.bytesInbound)
    }
}

extension IPProtocol {
    var text: String {
        switch self {
        case .tcp: "tcp"
        case .udp: "udp"
        case .icmp: "icmp"
        case .icmpv6: "icmpv6"
        default: "\(rawValue)"
        }
    }
}

extension Identifier {
    init(_ resource: ResourceID, _ kind: ResourceKind) {
        self.init(kind == .natGateway ? .natGateway : .loadBalancer, resource.rawValue)
    }
}
