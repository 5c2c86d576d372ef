// `GET /v1/ports` of a node: which ports of NAT gateways are in use, toward what and by whom, as far as
// this node knows. The sums over all nodes are the cluster's: every port is counted by one of them.

extension NodeAPI {
    /// What uses are added up by: `by` of the query.
    public enum PortGrouping: String, Codable, Sendable, CaseIterable {
        case destination, client, eip
    }

    /// One node's part.
    public struct PortAnswer: Codable, Sendable {
        public var node: String
        public var gateways: [GatewayPorts]
        /// The greatest uses, in descending order, then the totals.
        public var uses: [PortUse]
        /// Nothing that isn't listed has more ports in use on this node.
        public var unlisted: Int
        /// The last flows that the node refused, the newest first.
        public var refusals: [FlowRefusal]

        public init(
            node: String, gateways: [GatewayPorts], uses: [PortUse], unlisted: Int,
            refusals: [FlowRefusal]
        ) {
            self.node = node
            self.gateways = gateways
            self.uses = uses
            self.unlisted = unlisted
            self.refusals = refusals
        }
    }

    /// What a node can give of one gateway's ports.
    public struct GatewayPorts: Codable, Hashable, Sendable {
        public var natGateway: String
        public var tenant: String
        /// Ports of each EIP in the buckets that the node leads.
        public var portsPerEIP: Int
        /// Those that take new flows.
        public var eips: [String]

        public init(natGateway: String, tenant: String, portsPerEIP: Int, eips: [String]) {
            self.natGateway = natGateway
            self.tenant = tenant
            self.portsPerEIP = portsPerEIP
            self.eips = eips
        }
    }

    /// Ports in use.
    public struct PortUse: Codable, Hashable, Sendable {
        public var natGateway: String
        /// The client or EIP whose they are; nil by destination.
        public var subject: String?
        /// Toward where; nil for all that the subject uses, wherever.
        public var destination: String?
        public var destinationPort: Int?
        public var ipProtocol: String?
        public var used: Int
        /// Of those: of flows that have ended, until their quiet time is over.
        public var quiet: Int
        /// Of those: used by another bucket than the one whose ports they are.
        public var onLoan: Int

        enum CodingKeys: String, CodingKey {
            case natGateway, subject, destination, destinationPort
            case ipProtocol = "protocol"
            case used, quiet, onLoan
        }

        public init(natGateway: String, subject: String?, used: Int, quiet: Int, onLoan: Int) {
            self.natGateway = natGateway
            self.subject = subject
            self.used = used
            self.quiet = quiet
            self.onLoan = onLoan
        }
    }

    /// Flows of one client toward one destination that were refused for one reason.
    public struct FlowRefusal: Codable, Hashable, Sendable {
        /// A NAT gateway or a load balancer.
        public var resource: String
        public var tenant: String
        public var client: String
        public var destination: String
        public var destinationPort: Int
        public var ipProtocol: String
        public var reason: String
        /// Packets: who tries again is refused again.
        public var count: UInt64
        /// Since the last of them.
        public var agoSeconds: Double

        enum CodingKeys: String, CodingKey {
            case resource, tenant, client, destination, destinationPort
            case ipProtocol = "protocol"
            case reason, count, agoSeconds
        }

        public init(
            resource: String, tenant: String, client: String, destination: String,
            destinationPort: Int, ipProtocol: String, reason: String, count: UInt64,
            agoSeconds: Double
        ) {
            self.resource = resource
            self.tenant = tenant
            self.client = client
            self.destination = destination
            self.destinationPort = destinationPort
            self.ipProtocol = ipProtocol
            self.reason = reason
            self.count = count
            self.agoSeconds = agoSeconds
        }
    }
}
