// A NAT gateway of a VPC, and the actions on its EIPs.

extension API {
    public struct NATGateway: ChangeableResource {
        public static let collection = "nat-gateways"
        public static let noun = "nat-gateway"
        public static let kind = IdentifierKind.natGateway

        public var id: Identifier
        public var tenant: Identifier
        public var vpc: Identifier
        public var name: String
        public var state: State
        public var stateReason: String?
        /// Primary first.
        public var eips: [Address]
        public var timeouts: IdleTimeouts
        public var timerRules: [TimerRule]
        public var onExpiry: ExpiryAction
        public var quota: Quota
        /// Flows, and so ports, that one inside interface may have at once; 0: no limit.
        public var portsPerAddress: Int
        /// RFC 3339.
        public var createdAt: String
        public var revision: UInt64

        public init(
            id: Identifier, tenant: Identifier, vpc: Identifier, name: String, state: State,
            stateReason: String? = nil, eips: [Address], timeouts: IdleTimeouts,
            timerRules: [TimerRule] = [], onExpiry: ExpiryAction = .reset,
            quota: Quota = .unlimited, portsPerAddress: Int = 0, createdAt: String,
            revision: UInt64
        ) {
            self.id = id
            self.tenant = tenant
            self.vpc = vpc
            self.name = name
            self.state = state
            self.stateReason = stateReason
            self.eips = eips
            self.timeouts = timeouts
            self.timerRules = timerRules
            self.onExpiry = onExpiry
            self.quota = quota
            self.portsPerAddress = portsPerAddress
            self.createdAt = createdAt
            self.revision = revision
        }

        /// An EIP as the gateway has it.
        public struct Address: Codable, Sendable, Hashable {
            public var id: Identifier
            public var address: String
            /// `associated`, `draining` or `releasing`.
            public var state: State

            public init(id: Identifier, address: String, state: State) {
                self.id = id
                self.address = address
                self.state = state
            }
        }

        public struct Creation: Codable, Sendable, Hashable {
            public var vpc: Identifier
            public var name: String
            /// Free EIPs of the same tenant, primary first; at least one.
            public var eips: [Identifier]
            public var timeouts: TimeoutSettings?
            public var timerRules: [TimerRule]?
            public var onExpiry: ExpiryAction?
            public var quota: QuotaSettings?
            public var portsPerAddress: Int?

            public init(
                vpc: Identifier, name: String, eips: [Identifier], settings: Settings = Settings()
            ) {
                self.vpc = vpc
                self.name = name
                self.eips = eips
                timeouts = settings.timeouts
                timerRules = settings.timerRules
                onExpiry = settings.onExpiry
                quota = settings.quota
                portsPerAddress = settings.portsPerAddress
            }
        }

        public struct Settings: Codable, Sendable, Hashable {
            public var timeouts: TimeoutSettings?
            /// Each takes the place of the rule of its prefix.
            public var timerRules: [TimerRule]?
            public var onExpiry: ExpiryAction?
            public var quota: QuotaSettings?
            public var portsPerAddress: Int?

            public init(
                timeouts: TimeoutSettings? = nil, timerRules: [TimerRule]? = nil,
                onExpiry: ExpiryAction? = nil, quota: QuotaSettings? = nil,
                portsPerAddress: Int? = nil
            ) {
                self.timeouts = timeouts
                self.timerRules = timerRules
                self.onExpiry = onExpiry
                self.quota = quota
                self.portsPerAddress = portsPerAddress
            }
        }

        /// The body of `POST /v1/nat-gateways/{id}/eips`.
        public struct EIPAddition: Codable, Sendable, Hashable {
            public var eip: Identifier

            public init(eip: Identifier) { self.eip = eip }
        }

        /// The body of `POST /v1/nat-gateways/{id}/eips/{eip}/drain`; may be empty.
        public struct EIPDrain: Codable, Sendable, Hashable {
            /// Flows may go on for this long, then they end; 0 to 86,400, default 350.
            public var maxDrainSeconds: Int?

            public init(maxDrainSeconds: Int? = nil) { self.maxDrainSeconds = maxDrainSeconds }
        }
    }
}
