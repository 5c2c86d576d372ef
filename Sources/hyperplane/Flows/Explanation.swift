// `POST /v1/explain` of a node: a packet that is described, not sent, and what would become of it.

import ControlClient

/// The packet.
struct ExplainRequest: Codable, Sendable {
    /// Identifier of the NAT gateway or load balancer.
    var resource: String
    /// `outbound`, or `inbound`: a packet of the way back.
    var direction: String
    /// Of the VPC that the packet comes from, 0 from outside: it is part of a client's identity.
    var vni: UInt32
    /// `tcp`, `udp` or `icmp`.
    var ipProtocol: String
    var source: String
    /// The identifier of an ICMP query.
    var sourcePort: Int
    var destination: String
    var destinationPort: Int

    enum CodingKeys: String, CodingKey {
        case resource, direction, vni
        case ipProtocol = "protocol"
        case source, sourcePort, destination, destinationPort
    }
}

/// The answer.
struct Explanation: Codable, Sendable {
    /// The node that leads the bucket: the one asked, or the one to ask.
    var node: String
    var bucket: Int
    var engine: Int?
    var verdict: String
    var rewrite: Rewrite?
    var dropReason: String?
    var why: [String]

    struct Rewrite: Codable, Sendable {
        var source: String
        var sourcePort: Int
        var destination: String
        var destinationPort: Int
    }
}

extension Explanation {
    func details(of packet: String, via resource: String, node: API.Node?) -> Details {
        var details = Details()
        details.add("Packet", packet)
        details.add("Resource", resource)
        details.add("Node", node.map { "\($0.name) (\($0.id))" } ?? self.node)
        details.add("Bucket", "\(bucket)" + (engine.map { ", engine \($0)" } ?? ""))
        details.add("Verdict", .state(verdict))
        if let rewrite {
            let source = Flow.endpoint(rewrite.source, rewrite.sourcePort) ?? "-"
            let destination = Flow.endpoint(rewrite.destination, rewrite.destinationPort) ?? "-"
            details.add("Becomes", "\(source) > \(destination)")
        }
        if let dropReason { details.add("Dropped as", Cell(dropReason, .bad)) }
        details.add("Why", why.map { Cell($0) })
        return details
    }
}
