// Targets that share their settings.

extension API {
    public struct TargetGroup: ChangeableResource {
        public static let collection = "target-groups"
        public static let noun = "target-group"
        public static let kind = IdentifierKind.targetGroup

        public var id: Identifier
        public var tenant: Identifier
        public var vpc: Identifier
        public var name: String
        public var state: State
        public var stateReason: String?
        /// Targets see the client's own address; else the load balancer's.
        public var preservesClientAddress: Bool
        public var algorithm: TargetAlgorithm
        public var stickiness: Stickiness
        /// A deregistered target keeps its flows for this long.
        public var deregistrationDelaySeconds: Int
        /// What then happens to the flows that it still has.
        public var onRemoval: RemovalAction
        /// RFC 3339.
        public var createdAt: String
        public var revision: UInt64

        public init(
            id: Identifier, tenant: Identifier, vpc: Identifier, name: String, state: State,
            stateReason: String? = nil, preservesClientAddress: Bool,
            algorithm: TargetAlgorithm = .flowHash, stickiness: Stickiness = .off,
            deregistrationDelaySeconds: Int, onRemoval: RemovalAction = .keep,
            createdAt: String, revision: UInt64
        ) {
            self.id = id
            self.tenant = tenant
            self.vpc = vpc
            self.name = name
            self.state = state
            self.stateReason = stateReason
            self.preservesClientAddress = preservesClientAddress
            self.algorithm = algorithm
            self.stickiness = stickiness
            self.deregistrationDelaySeconds = deregistrationDelaySeconds
            self.onRemoval = onRemoval
            self.createdAt = createdAt
            self.revision = revision
        }

        public struct Creation: Codable, Sendable, Hashable {
            public var vpc: Identifier
            public var name: String
            /// Default true.
            public var preservesClientAddress: Bool?
            /// Default `flow-hash`.
            public var algorithm: TargetAlgorithm?
            /// Default `none`.
            public var stickiness: Stickiness?
            /// 0 to 3,600, default 300.
            public var deregistrationDelaySeconds: Int?
            /// Default `keep`.
            public var onRemoval: RemovalAction?

            public init(
                vpc: Identifier, name: String, preservesClientAddress: Bool? = nil,
                settings: Settings = Settings()
            ) {
                self.vpc = vpc
                self.name = name
                self.preservesClientAddress = preservesClientAddress
                algorithm = settings.algorithm
                stickiness = settings.stickiness
                deregistrationDelaySeconds = settings.deregistrationDelaySeconds
                onRemoval = settings.onRemoval
            }
        }

        public struct Settings: Codable, Sendable, Hashable {
            public var algorithm: TargetAlgorithm?
            /// Only while no listener's flows would be steered otherwise by it.
            public var stickiness: Stickiness?
            /// Of targets that are deregistered from now on.
            public var deregistrationDelaySeconds: Int?
            public var onRemoval: RemovalAction?

            public init(
                algorithm: TargetAlgorithm? = nil, stickiness: Stickiness? = nil,
                deregistrationDelaySeconds: Int? = nil, onRemoval: RemovalAction? = nil
            ) {
                self.algorithm = algorithm
                self.stickiness = stickiness
                self.deregistrationDelaySeconds = deregistrationDelaySeconds
                self.onRemoval = onRemoval
            }
        }
    }

    /// How a new flow's target is chosen.
    public enum TargetAlgorithm: String, Choice {
        /// By a hash of the flow and the targets' weights.
        case flowHash = "flow-hash"
        /// The target with the fewest flows for its weight.
        case leastFlows = "least-flows"
    }

    /// Which flows go to one target.
    public enum Stickiness: String, Choice {
        /// Each goes its own way.
        case off = "none"
        /// All of a client's address.
        case sourceAddress = "source-address"
    }

    /// What happens to a deregistered target's flows at the end of its delay.
    public enum RemovalAction: String, Choice {
        /// An RST goes to both ends of the TCP flows, and all flows end.
        case reset
        /// They go on until they end by themselves.
        case keep
    }
}
