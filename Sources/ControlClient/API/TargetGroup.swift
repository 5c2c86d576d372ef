// Targets that share their settings.

extension API {
    public struct TargetGroup: APIResource {
        public static let collection = "target-groups"
        public static let noun = "target-group"
        public static let kind = IdentifierKind.targetGroup

        public var id: Identifier
        public var tenant: Identifier
        public var vpc: Identifier
        public var name: String
        public var state: State
        public var stateReason: String?
        /// Targets see the client's own address; else the load balancer's.
        public var preservesClientAddress: Bool
        /// A deregistered target keeps its flows for this long.
        public var deregistrationDelaySeconds: Int
        /// RFC 3339.
        public var createdAt: String
        public var revision: UInt64

        public init(
            id: Identifier, tenant: Identifier, vpc: Identifier, name: String, state: State,
            stateReason: String? = nil, preservesClientAddress: Bool,
            deregistrationDelaySeconds: Int, createdAt: String, revision: UInt64
        ) {
            self.id = id
            self.tenant = tenant
            self.vpc = vpc
            self.name = name
            self.state = state
            self.stateReason = stateReason
            self.preservesClientAddress = preservesClientAddress
            self.deregistrationDelaySeconds = deregistrationDelaySeconds
            self.createdAt = createdAt
            self.revision = revision
        }

        public struct Creation: Codable, Sendable, Hashable {
            public var vpc: Identifier
            public var name: String
            /// Default true.
            public var preservesClientAddress: Bool?
            /// 0 to 3,600, default 300.
            public var deregistrationDelaySeconds: Int?

            public init(
                vpc: Identifier, name: String, preservesClientAddress: Bool? = nil,
                deregistrationDelaySeconds: Int? = nil
            ) {
                self.vpc = vpc
                self.name = name
                self.preservesClientAddress = preservesClientAddress
                self.deregistrationDelaySeconds = deregistrationDelaySeconds
            }
        }
    }
}
