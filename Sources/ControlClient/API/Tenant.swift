// A customer; owns VPCs and resources.

extension API {
    public struct Tenant: APIResource {
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
        /// RFC 3339.
        public var createdAt: String
        public var revision: UInt64

        public init(
            id: Identifier, name: String, state: State, stateReason: String? = nil,
            group: Identifier? = nil, nodes: [Identifier] = [], createdAt: String, revision: UInt64
        ) {
            self.id = id
            self.name = name
            self.state = state
            self.stateReason = stateReason
            self.group = group
            self.nodes = nodes
            self.createdAt = createdAt
            self.revision = revision
        }

        public struct Creation: Codable, Sendable, Hashable {
            public var name: String

            public init(name: String) { self.name = name }
        }
    }
}
