// A virtual network of a tenant.

extension API {
    public struct VPC: APIResource {
        public static let collection = "vpcs"
        public static let noun = "vpc"
        public static let kind = IdentifierKind.vpc

        public var id: Identifier
        public var tenant: Identifier
        public var name: String
        public var state: State
        public var stateReason: String?
        /// The addresses inside, in CIDR notation. Prefixes of different VPCs may overlap.
        public var prefix: String
        /// Its number in the encapsulation, 1 to 16,777,215; never used twice.
        public var vni: UInt32
        /// RFC 3339.
        public var createdAt: String
        public var revision: UInt64

        public init(
            id: Identifier, tenant: Identifier, name: String, state: State,
            stateReason: String? = nil, prefix: String, vni: UInt32, createdAt: String,
            revision: UInt64
        ) {
            self.id = id
            self.tenant = tenant
            self.name = name
            self.state = state
            self.stateReason = stateReason
            self.prefix = prefix
            self.vni = vni
            self.createdAt = createdAt
            self.revision = revision
        }

        public struct Creation: Codable, Sendable, Hashable {
            public var tenant: Identifier
            public var name: String
            public var prefix: String

            public init(tenant: Identifier, name: String, prefix: String) {
                self.tenant = tenant
                self.name = name
                self.prefix = prefix
            }
        }
    }
}
