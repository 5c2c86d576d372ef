// What holds for a cluster as a whole, the groups that serve its tenants, and its history.

extension API {
    /// `GET /v1/cluster`.
    public struct Cluster: Codable, Sendable, Hashable {
        public var id: Identifier
        /// B: the parts that every resource's flow space is cut into.
        public var bucketCount: Int
        /// The external ports that NAT gateways translate to, first and last included.
        public var firstPort: Int
        public var lastPort: Int
        /// k: nodes that serve one tenant, where there are as many.
        public var shardSize: Int
        /// R: copies of a decision, in a shard of that size.
        public var copies: Int
        /// Longest inner packet that the machines' network carries with all outer headers, in
        /// bytes: what hosts and nodes can send each other.
        public var overlayMTU: Int
        /// Seconds for which a port stays unused toward the same destination after its flow's end.
        public var quietSeconds: Int
        /// The same for all ports of a node that began anew and lost what it knew of them.
        public var lossQuietSeconds: Int
        /// How often nodes tell each other that they live; how long a lease runs; after what silence
        /// a node is taken for dead; by how much clocks' rates differ at most.
        public var heartbeatMilliseconds: Int?
        public var leaseMilliseconds: Int?
        public var suspectMilliseconds: Int?
        public var driftPartsPerMillion: Int?
        /// The epoch of the keys of the channels between nodes, and since when it is (RFC 3339).
        public var keyEpoch: UInt32?
        public var keysChangedAt: String?
        /// The registry's newest revision, the version of a snapshot made now.
        public var revision: UInt64

        public init(
            id: Identifier, bucketCount: Int, firstPort: Int, lastPort: Int, shardSize: Int,
            copies: Int, overlayMTU: Int, quietSeconds: Int, lossQuietSeconds: Int, revision: UInt64
        ) {
            self.id = id
            self.bucketCount = bucketCount
            self.firstPort = firstPort
            self.lastPort = lastPort
            self.shardSize = shardSize
            self.copies = copies
            self.overlayMTU = overlayMTU
            self.quietSeconds = quietSeconds
            self.lossQuietSeconds = lossQuietSeconds
            self.revision = revision
        }

        /// The body of `PATCH /v1/cluster`. All else is fixed for the cluster's life.
        public struct Settings: Codable, Sendable, Hashable {
            /// 1,280 to 9,216, default 8,500.
            public var overlayMTU: Int?
            /// 2 to 3,600, default 2.
            public var quietSeconds: Int?
            /// 0 to 3,600, default 120.
            public var lossQuietSeconds: Int?

            public init(
                overlayMTU: Int? = nil, quietSeconds: Int? = nil, lossQuietSeconds: Int? = nil
            ) {
                self.overlayMTU = overlayMTU
                self.quietSeconds = quietSeconds
                self.lossQuietSeconds = lossQuietSeconds
            }
        }
    }

    /// `GET /v1/history`: one change of one thing.
    public struct Change: Codable, Sendable, Hashable {
        public var revision: UInt64
        /// RFC 3339.
        public var time: String
        public var actor: String
        public var reason: String?
        /// What changed: an identifier, or `cluster`.
        public var subject: String
        /// JSON text before, absent if it was created.
        public var before: String?
        /// JSON text after, absent if it was deleted.
        public var after: String?

        public init(
            revision: UInt64, time: String, actor: String, reason: String?, subject: String,
            before: String?, after: String?
        ) {
            self.revision = revision
            self.time = time
            self.actor = actor
            self.reason = reason
            self.subject = subject
            self.before = before
            self.after = after
        }

        /// What can have changed.
        public enum Subject: Hashable, Sendable, LosslessStringConvertible {
            case thing(Identifier)
            /// What holds for all of it.
            case cluster

            public init?(_ text: String) {
                if text == "cluster" {
                    self = .cluster
                } else if let id = Identifier(text) {
                    self = .thing(id)
                } else {
                    return nil
                }
            }

            public var description: String {
                switch self {
                case .thing(let id): id.description
                case .cluster: "cluster"
                }
            }
        }
    }
}
