// `POST /v1/explain` of a node: a packet that is described, not sent, and what would become of it.

extension NodeAPI {
    /// The packet.
    public struct ExplainRequest: Codable, Sendable {
        /// Identifier of the NAT gateway or load balancer.
        public var resource: String
        /// `outbound`, or `inbound`: a packet of the way back.
        public var direction: String
        /// Of the VPC that the packet comes from, 0 from outside: it is part of a client's
        /// identity.
        public var vni: UInt32
        /// `tcp`, `udp` or `icmp`.
        public var ipProtocol: String
        public var source: String
        /// The identifier of an ICMP query.
        public var sourcePort: Int
        public var destination: String
        public var destinationPort: Int

        enum CodingKeys: String, CodingKey {
            case resource, direction, vni
            case ipProtocol = "protocol"
            case source, sourcePort, destination, destinationPort
        }

        public init(
            resource: String, direction: String, vni: UInt32, ipProtocol: String, source: String,
            sourcePort: Int, destination: String, destinationPort: Int
        ) {
            self.resource = resource
            self.direction = direction
            self.vni = vni
            self.ipProtocol = ipProtocol
            self.source = source
            self.sourcePort = sourcePort
            self.destination = destination
            self.destinationPort = destinationPort
        }
    }

    /// The answer.
    public struct Explanation: Codable, Sendable {
        /// The node that leads the bucket: the one asked, or the one to ask.
        public var node: String
        public var bucket: Int?
        public var engine: Int?
        /// `forward`, `drop`, or `elsewhere` if another node leads the bucket.
        public var verdict: String
        public var rewrite: Rewrite?
        /// Outer address that it is sent to.
        public var machine: String?
        public var dropReason: String?
        public var knownFlow: Bool?
        public var why: [String]

        public init(node: String, verdict: String, why: [String]) {
            self.node = node
            self.verdict = verdict
            self.why = why
        }
    }

    /// What the inner packet's addresses and ports become.
    public struct Rewrite: Codable, Sendable {
        public var source: String
        public var sourcePort: Int
        public var destination: String
        public var destinationPort: Int

        public init(source: String, sourcePort: Int, destination: String, destinationPort: Int) {
            self.source = source
            self.sourcePort = sourcePort
            self.destination = destination
            self.destinationPort = destinationPort
        }
    }
}
