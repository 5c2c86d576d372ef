// A border between the overlay and plain IP networks.

extension API {
    public struct Edge: APIResource {
        public static let collection = "edges"
        public static let noun = "edge"
        public static let kind = IdentifierKind.edge

        public var id: Identifier
        public var name: String
        public var state: State
        /// Outer address from which and at which it speaks Geneve.
        public var address: String
        /// RFC 3339.
        public var createdAt: String
        public var revision: UInt64

        public init(
            id: Identifier, name: String, state: State, address: String, createdAt: String,
            revision: UInt64
        ) {
            self.id = id
            self.name = name
            self.state = state
            self.address = address
            self.createdAt = createdAt
            self.revision = revision
        }

        public struct Creation: Codable, Sendable, Hashable {
            public var name: String
            public var address: String

            public init(name: String, address: String) {
                self.name = name
                self.address = address
            }
        }
    }
}
