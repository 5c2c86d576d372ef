// A flow of a node's answer, as text.

import ControlClient

extension NodeAPI.Flow {
    /// `address:port`, with brackets around IPv6. An ICMP query has a port at one end only: its
    /// identifier; the other's is zero, and left out.
    static func endpoint(_ address: String, _ port: Int) -> String {
        if port == 0 { return address }
        return address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)"
    }

    var clientText: String { Self.endpoint(client, clientPort) }

    var destinationText: String { Self.endpoint(destination, destinationPort) }

    /// What of the flow is rewritten, on the way out: the source, the destination, or
    /// `source > destination`.
    var translationText: String? {
        let source = Self.endpoint(translatedSource, translatedSourcePort)
        let destination = Self.endpoint(translatedDestination, translatedDestinationPort)
        let changed = [
            source == clientText ? nil : source,
            destination == destinationText ? nil : destination,
        ].compactMap(\.self)
        return changed.isEmpty ? nil : changed.joined(separator: " > ")
    }

    private static func endpoint(_ address: String?, _ port: Int?) -> String? {
        guard let address, let port else { return nil }
        return endpoint(address, port)
    }
}

/// One row of the merged list: a flow and the node that has it.
struct LocatedFlow: Encodable, Sendable {
    var node: String
    var flow: NodeAPI.Flow

    enum CodingKeys: String, CodingKey { case node }

    func encode(to encoder: any Encoder) throws {
        try flow.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(node, forKey: .node)
    }
}
