// A network load balancer, reached at an address inside its VPC and, if it has one, at an EIP.

extension API {
    public struct LoadBalancer: ChangeableResource {
        public static let collection = "load-balancers"
        public static let noun = "load-balancer"
        public static let kind = IdentifierKind.loadBalancer

        public var id: Identifier
        public var tenant: Identifier
        public var vpc: Identifier
        public var name: String
        public var state: State
        public var stateReason: String?
        /// Inside the VPC's prefix.
        public var address: String
        /// The EIP by which it is reached through the edges.
        public var eip: Identifier?
        public var publicAddress: String?
        public var timeouts: IdleTimeouts
        public var timerRules: [TimerRule]
        public var onExpiry: ExpiryAction
        public var quota: Quota
        /// RFC 3339.
        public var createdAt: String
        public var revision: UInt64

        public init(
            id: Identifier, tenant: Identifier, vpc: Identifier, name: String, state: State,
            stateReason: String? = nil, address: String, eip: Identifier? = nil,
            publicAddress: String? = nil, timeouts: IdleTimeouts, timerRules: [TimerRule] = [],
            onExpiry: ExpiryAction = .reset, quota: Quota = .unlimited, createdAt: String,
            revision: UInt64
        ) {
            self.id = id
            self.tenant = tenant
            self.vpc = vpc
            self.name = name
            self.state = state
            self.stateReason = stateReason
            self.address = address
            self.eip = eip
            self.publicAddress = publicAddress
            self.timeouts = timeouts
            self.timerRules = timerRules
            self.onExpiry = onExpiry
            self.quota = quota
            self.createdAt = createdAt
            self.revision = revision
        }

        public struct Creation: Codable, Sendable, Hashable {
            public var vpc: Identifier
            public var name: String
            public var address: String
            /// A free EIP of the same tenant.
            public var eip: Identifier?
            public var timeouts: TimeoutSettings?
            public var timerRules: [TimerRule]?
            public var onExpiry: ExpiryAction?
            public var quota: QuotaSettings?

            public init(
                vpc: Identifier, name: String, address: String, eip: Identifier? = nil,
                settings: Settings = Settings()
            ) {
                self.vpc = vpc
                self.name = name
                self.address = address
                self.eip = eip
                timeouts = settings.timeouts
                timerRules = settings.timerRules
                onExpiry = settings.onExpiry
                quota = settings.quota
            }
        }

        public struct Settings: Codable, Sendable, Hashable {
            public var timeouts: TimeoutSettings?
            /// Each takes the place of the rule of its prefix.
            public var timerRules: [TimerRule]?
            public var onExpiry: ExpiryAction?
            public var quota: QuotaSettings?

            public init(
                timeouts: TimeoutSettings? = nil, timerRules: [TimerRule]? = nil,
                onExpiry: ExpiryAction? = nil, quota: QuotaSettings? = nil
            ) {
                self.timeouts = timeouts
                self.timerRules = timerRules
                self.onExpiry = onExpiry
                self.quota = quota
            }
        }
    }
}
