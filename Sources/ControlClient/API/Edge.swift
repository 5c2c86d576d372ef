// A border between the overlay and plain IP networks.

extension API {
    public struct Edge: ChangeableResource {
        public static let collection = "edges"
        public static let noun = "edge"
        public static let kind = IdentifierKind.edge

        public var id: Identifier
        public var name: String
        public var state: State
        /// Outer address from which and at which it speaks Geneve.
        public var address: String
        /// Longest packet that the network beyond it takes, in bytes.
        public var mtu: Int
        /// RFC 3339.
        public var createdAt: String
        public var revision: UInt64

        public init(
            id: Identifier, name: String, state: State, address: String, mtu: Int,
            createdAt: String, revision: UInt64
        ) {
            self.id = id
            self.name = name
            self.state = state
            self.address = address
            self.mtu = mtu
            self.createdAt = createdAt
            self.revision = revision
        }

        public struct Creation: Codable, Sendable, Hashable {
            public var name: String
            public var address: String
            /// 1,280 to 9,216, default 1,500.
            public var mtu: Int?

            public init(name: String, address: String, mtu: Int? = nil) {
                self.name = name
                self.address = address
                self.mtu = mtu
            }
        }

        public struct Settings: Codable, Sendable, Hashable {
            public var mtu: Int?

            public init(mtu: Int? = nil) { self.mtu = mtu }
        }
    }
}
