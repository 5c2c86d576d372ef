// One (address, port) that takes flows. Creation is registration, deletion deregistration.

extension API {
    public struct Target: ChangeableResource {
        public static let collection = "targets"
        public static let noun = "target"
        public static let kind = IdentifierKind.target

        public var id: Identifier
        public var tenant: Identifier
        public var targetGroup: Identifier
        /// `<address>:<port>`, e.g. `10.0.8.1:80` or `[fd00::1]:80`.
        public var name: String
        /// `healthy`, `draining`, `terminating`, or `unused` while no listener uses its group.
        public var state: State
        public var stateReason: String?
        public var address: String
        public var port: Int
        /// Share of new flows beside the others' weights.
        public var weight: Int
        /// It has given up its name, and goes when its flows are over or their time is.
        public var isDeregistered: Bool
        /// RFC 3339.
        public var createdAt: String
        public var revision: UInt64

        public init(
            id: Identifier, tenant: Identifier, targetGroup: Identifier, name: String,
            state: State, stateReason: String? = nil, address: String, port: Int, weight: Int,
            isDeregistered: Bool = false, createdAt: String, revision: UInt64
        ) {
            self.id = id
            self.tenant = tenant
            self.targetGroup = targetGroup
            self.name = name
            self.state = state
            self.stateReason = stateReason
            self.address = address
            self.port = port
            self.weight = weight
            self.isDeregistered = isDeregistered
            self.createdAt = createdAt
            self.revision = revision
        }

        public struct Creation: Codable, Sendable, Hashable {
            public var targetGroup: Identifier
            /// Inside the VPC's prefix.
            public var address: String
            public var port: Int
            /// 0 to 999, default 100; 0 gets no new flow.
            public var weight: Int?

            public init(
                targetGroup: Identifier, address: String, port: Int, weight: Int? = nil
            ) {
                self.targetGroup = targetGroup
                self.address = address
                self.port = port
                self.weight = weight
            }
        }

        public struct Settings: Codable, Sendable, Hashable {
            /// 0 to 999; 0 gets no new flow. Flows that stand keep their target.
            public var weight: Int?
            /// Whether it gets no new flow until this is taken back.
            public var isDraining: Bool?

            public init(weight: Int? = nil, isDraining: Bool? = nil) {
                self.weight = weight
                self.isDraining = isDraining
            }
        }
    }
}
