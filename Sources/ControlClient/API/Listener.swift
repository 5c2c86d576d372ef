// A (protocol, port) of a load balancer and where its flows go.

extension API {
    public struct Listener: APIResource {
        public static let collection = "listeners"
        public static let noun = "listener"
        public static let kind = IdentifierKind.listener

        public var id: Identifier
        public var tenant: Identifier
        public var loadBalancer: Identifier
        /// `<protocol>/<port>`, e.g. `tcp/80`; unique within the load balancer.
        public var name: String
        public var state: State
        public var stateReason: String?
        public var ipProtocol: TransportProtocol
        public var port: Int
        public var targetGroup: Identifier
        /// Unique within the load balancer, never used twice; the number in the Geneve option.
        public var index: Int
        /// RFC 3339.
        public var createdAt: String
        public var revision: UInt64

        enum CodingKeys: String, CodingKey {
            case id, tenant, loadBalancer, name, state, stateReason
            case ipProtocol = "protocol"
            case port, targetGroup, index, createdAt, revision
        }

        public init(
            id: Identifier, tenant: Identifier, loadBalancer: Identifier, name: String,
            state: State, stateReason: String? = nil, ipProtocol: TransportProtocol, port: Int,
            targetGroup: Identifier, index: Int, createdAt: String, revision: UInt64
        ) {
            self.id = id
            self.tenant = tenant
            self.loadBalancer = loadBalancer
            self.name = name
            self.state = state
            self.stateReason = stateReason
            self.ipProtocol = ipProtocol
            self.port = port
            self.targetGroup = targetGroup
            self.index = index
            self.createdAt = createdAt
            self.revision = revision
        }

        public struct Creation: Codable, Sendable, Hashable {
            public var loadBalancer: Identifier
            public var ipProtocol: TransportProtocol
            /// 1 to 65,535; one listener for each (protocol, port).
            public var port: Int
            /// Of the same VPC.
            public var targetGroup: Identifier

            enum CodingKeys: String, CodingKey {
                case loadBalancer
                case ipProtocol = "protocol"
                case port, targetGroup
            }

            public init(
                loadBalancer: Identifier, ipProtocol: TransportProtocol, port: Int,
                targetGroup: Identifier
            ) {
                self.loadBalancer = loadBalancer
                self.ipProtocol = ipProtocol
                self.port = port
                self.targetGroup = targetGroup
            }
        }
    }

    /// What a listener can speak.
    public enum TransportProtocol: String, Codable, Sendable, Hashable, CaseIterable {
        case tcp
        case udp
    }
}
