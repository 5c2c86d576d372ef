// What a tenant, or one resource, may use at most.

extension API {
    /// Limits; 0 is none. Nodes hold to them bucket by bucket, so a limit of fewer than a few
    /// hundred is coarse.
    public struct Quota: Codable, Sendable, Hashable {
        /// At one time.
        public var flows: Int
        public var newFlowsPerSecond: Int
        /// In both directions together, counted as they come in.
        public var packetsPerSecond: Int
        /// Of inner packets, in both directions together.
        public var bitsPerSecond: Int

        public init(
            flows: Int = 0, newFlowsPerSecond: Int = 0, packetsPerSecond: Int = 0,
            bitsPerSecond: Int = 0
        ) {
            self.flows = flows
            self.newFlowsPerSecond = newFlowsPerSecond
            self.packetsPerSecond = packetsPerSecond
            self.bitsPerSecond = bitsPerSecond
        }

        public static let unlimited = Quota()

        /// Bandwidth is sold in steps of so much.
        public static let bitsPerSecondOfUnit = 5_000_000_000
    }

    /// Limits that are set: what is absent stays as it is, at a creation without limit.
    public struct QuotaSettings: Codable, Sendable, Hashable {
        public var flows: Int?
        public var newFlowsPerSecond: Int?
        public var packetsPerSecond: Int?
        public var bitsPerSecond: Int?

        public init(
            flows: Int? = nil, newFlowsPerSecond: Int? = nil, packetsPerSecond: Int? = nil,
            bitsPerSecond: Int? = nil
        ) {
            self.flows = flows
            self.newFlowsPerSecond = newFlowsPerSecond
            self.packetsPerSecond = packetsPerSecond
            self.bitsPerSecond = bitsPerSecond
        }

        public func applied(to quota: Quota) -> Quota {
            Quota(
                flows: flows ?? quota.flows,
                newFlowsPerSecond: newFlowsPerSecond ?? quota.newFlowsPerSecond,
                packetsPerSecond: packetsPerSecond ?? quota.packetsPerSecond,
                bitsPerSecond: bitsPerSecond ?? quota.bitsPerSecond)
        }
    }
}
