// A customer; owns VPCs and resources.

extension API {
    public struct Tenant: ChangeableResource {
        public static let collection = "tenants"
        public static let noun = "tenant"
        public static let kind = IdentifierKind.tenant

        public var id: Identifier
        public var name: String
        /// `pending` until there is a node to serve it.
        public var state: State
        public var stateReason: String?
        /// The group that serves it; absent while pending.
        public var group: Identifier?
        /// The group's nodes: the tenant's shard, in the group's rendezvous order.
        public var nodes: [Identifier]
        /// Of all its resources together.
        public var quota: Quota
        /// Most EIPs that one NAT gateway of its can have.
        public var eipsPerGateway: Int
        /// RFC 3339.
        public var createdAt: String
        public var revision: UInt64

        public init(
            id: Identifier, name: String, state: State, stateReason: String? = nil,
            group: Identifier? = nil, nodes: [Identifier] = [], quota: Quota = .unlimited,
            eipsPerGateway: Int, createdAt: String, revision: UInt64
        ) {
            self.id = id
            self.name = name
            self.state = state
            self.stateReason = stateReason
            self.group = group
            self.nodes = nodes
            self.quota = quota
            self.eipsPerGateway = eipsPerGateway
            self.createdAt = createdAt
            self.revision = revision
        }

        public struct Creation: Codable, Sendable, Hashable {
            public var name: String
            public var quota: QuotaSettings?
            public var eipsPerGateway: Int?

            public init(name: String, settings: Settings = Settings()) {
                self.name = name
                quota = settings.quota
                eipsPerGateway = settings.eipsPerGateway
            }
        }

        public struct Settings: Codable, Sendable, Hashable {
            public var quota: QuotaSettings?
            /// 1 to 1,024, default 8.
            public var eipsPerGateway: Int?

            public init(quota: QuotaSettings? = nil, eipsPerGateway: Int? = nil) {
                self.quota = quota
                self.eipsPerGateway = eipsPerGateway
            }
        }
    }
}
