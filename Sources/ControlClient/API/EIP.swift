// An elastic IP: a public address that a tenant holds and a resource of its uses.

extension API {
    public struct EIP: APIResource {
        public static let collection = "eips"
        public static let noun = "eip"
        public static let kind = IdentifierKind.eip

        public var id: Identifier
        public var tenant: Identifier
        /// The address, unless another was asked for.
        public var name: String
        /// `available` (free), `associated`, `draining` or `releasing`.
        public var state: State
        public var stateReason: String?
        /// An IPv4 address, of no other EIP.
        public var address: String
        /// The NAT gateway or load balancer that uses it.
        public var resource: Identifier?
        /// While it is `releasing`: the nodes that have not yet said that no flow of theirs is on
        /// it. Empty when only the quiet time remains.
        public var awaitedNodes: [Identifier]?
        /// RFC 3339.
        public var createdAt: String
        public var revision: UInt64

        public init(
            id: Identifier, tenant: Identifier, name: String, state: State,
            stateReason: String? = nil, address: String, resource: Identifier? = nil,
            awaitedNodes: [Identifier]? = nil, createdAt: String, revision: UInt64
        ) {
            self.id = id
            self.tenant = tenant
            self.name = name
            self.state = state
            self.stateReason = stateReason
            self.address = address
            self.resource = resource
            self.awaitedNodes = awaitedNodes
            self.createdAt = createdAt
            self.revision = revision
        }

        public struct Creation: Codable, Sendable, Hashable {
            public var tenant: Identifier
            public var address: String
            public var name: String?

            public init(tenant: Identifier, address: String, name: String? = nil) {
                self.tenant = tenant
                self.address = address
                self.name = name
            }
        }
    }
}
