// A machine of the cluster. Nodes register themselves at every start.

extension API {
    public struct Node: APIResource {
        public static let collection = "nodes"
        public static let noun = "node"
        public static let kind = IdentifierKind.node

        public var id: Identifier
        public var name: String
        public var state: State
        public var stateReason: String?
        /// The failure domain that it is in.
        public var zone: String
        /// Outer address on which it takes encapsulated packets, at UDP port 6081.
        public var address: String
        /// URL or `host:port` of its local endpoint for metrics, health, flow list and explain.
        public var operations: String
        /// The newest configuration that no flow of the node outlives, by its last word; absent
        /// while it has said none to the service that answers.
        public var closedVersion: UInt64?
        /// RFC 3339.
        public var createdAt: String
        public var revision: UInt64

        public init(
            id: Identifier, name: String, state: State, stateReason: String? = nil, zone: String,
            address: String, operations: String, closedVersion: UInt64? = nil,
            createdAt: String, revision: UInt64
        ) {
            self.id = id
            self.name = name
            self.state = state
            self.stateReason = stateReason
            self.zone = zone
            self.address = address
            self.operations = operations
            self.closedVersion = closedVersion
            self.createdAt = createdAt
            self.revision = revision
        }

        /// The body of `PUT /v1/nodes/{id}`, and of a POST, which draws the id.
        public struct Creation: Codable, Sendable, Hashable {
            public var name: String
            public var zone: String
            public var address: String
            public var operations: String

            public init(name: String, zone: String, address: String, operations: String) {
                self.name = name
                self.zone = zone
                self.address = address
                self.operations = operations
            }
        }
    }
}
