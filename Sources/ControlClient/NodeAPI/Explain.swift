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
        /// Names of TCP's flags, e.g. `syn` and `ack`. Default: what begins a connection, or
        /// answers that.
        public var tcpFlags: [String]?
        /// Default: an echo request outbound, an echo reply inbound.
        public var icmpType: Int?
        /// A packet from a target: the port of the listener that its flow came by. May be left out
        /// where the target serves one listener.
        public var listenerPort: Int?
        /// A packet from a target: the VNI of the client that it goes to, 0 outside. Default: the
        /// load balancer's VPC if the client's address is in it, else outside.
        public var clientVNI: UInt32?

        enum CodingKeys: String, CodingKey {
            case resource, direction, vni
            case ipProtocol = "protocol"
            case source, sourcePort, destination, destinationPort
            case tcpFlags, icmpType, listenerPort, clientVNI
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
