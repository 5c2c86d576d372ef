// `GET /v1/flows` of a node, as it stands on the wire.

/// The flows of one node that pass the filters, at most as many as were asked for.
struct FlowAnswer: Codable, Sendable {
    var node: String
    var flows: [Flow]
    /// There are more than were sent.
    var truncated: Bool
}

/// A flow as its leader has it. A NAT gateway's has no translated destination, a load balancer's
/// that preserves the client's address no translated source.
struct Flow: Codable, Sendable {
    var resource: String
    var ipProtocol: String
    var client: String
    var clientPort: Int
    var destination: String
    var destinationPort: Int
    var translatedSource: String?
    var translatedSourcePort: Int?
    var translatedDestination: String?
    var translatedDestinationPort: Int?
    var state: String
    var bucket: Int
    var ageSeconds: Double
    var idleSeconds: Double
    var packetsOutbound: UInt64
    var packetsInbound: UInt64
    var bytesOutbound: UInt64
    var bytesInbound: UInt64

    enum CodingKeys: String, CodingKey {
        case resource
        case ipProtocol = "protocol"
        case client, clientPort, destination, destinationPort
        case translatedSource, translatedSourcePort
        case translatedDestination, translatedDestinationPort
        case state, bucket, ageSeconds, idleSeconds
        case packetsOutbound, packetsInbound, bytesOutbound, bytesInbound
    }
}

extension Flow {
    /// `address:port`, with brackets around IPv6.
    static func endpoint(_ address: String?, _ port: Int?) -> String? {
        guard let address else { return nil }
        let shown = address.contains(":") ? "[\(address)]" : address
        return port.map { "\(shown):\($0)" } ?? address
    }

    /// What of the flow is rewritten, on the way out: `source > destination`, or the one of them
    /// that changes.
    var translation: String? {
        let source = Self.endpoint(translatedSource, translatedSourcePort)
        let destination = Self.endpoint(translatedDestination, translatedDestinationPort)
        let keepsSource = source == Self.endpoint(client, clientPort)
        let keepsDestination = destination == Self.endpoint(self.destination, destinationPort)
        let parts = [keepsSource ? nil : source, keepsDestination ? nil : destination]
        return parts.allSatisfy { $0 == nil } ? nil
            : parts.compactMap(\.self).joined(separator: " > ")
    }
}

/// One row of the merged list: a flow and the node that has it.
struct LocatedFlow: Encodable, Sendable {
    var node: String
    var flow: Flow

    enum CodingKeys: String, CodingKey { case node }

    func encode(to encoder: any Encoder) throws {
        try flow.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(node, forKey: .node)
    }
}
