// What a node answers at its own endpoint: status, flows, explanations. The daemon and the command
// line share these types. Fields may be added, and all but the first may be absent, so that two
// releases understand each other.

/// Namespace of the node endpoint's types.
public enum NodeAPI {}

extension NodeAPI {
    /// `GET /v1/status`: what a node says of itself.
    public struct Status: Codable, Sendable {
        public var node: String?
        public var ready: Bool?
        /// What is missing, if it isn't ready.
        public var detail: String?
        /// Of the snapshot that the node runs by.
        public var snapshotVersion: UInt64?
        /// Since the snapshot was last fetched, changed or not.
        public var snapshotAgeSeconds: Double?
        /// `service`, or `disk` while the placement service has not answered since the start.
        public var snapshotSource: String?
        public var engines: Int?
        public var flows: UInt64?
        public var flowCapacity: UInt64?
        /// How much of the tables' memory has pages, 0 to 1: below 1 the node takes no part yet.
        public var memoryFraction: Double?
        /// Until it gives ports of its own again after a loss of memory; 0 if it does.
        public var portsRestSeconds: Double?
        /// The newest configuration that no flow outlives.
        public var closedVersion: UInt64?
        /// Buckets that it leads, those of which it keeps a full copy for another, those whose copy
        /// is being filled, and those that wait for a full member.
        public var leads: UInt64?
        public var follows: UInt64?
        public var filling: UInt64?
        public var waiting: UInt64?
        /// Views that took the place of another since the node's start.
        public var viewChanges: UInt64?
        /// Whether it is to lead nothing.
        public var drain: Drain?
        public var uptimeSeconds: Double?
        public var isNeeded: Bool?
        public var counters: Counters?
        public var resources: [ResourceCounters]?

        public init() {}
    }

    /// How far a node is with handing its buckets over.
    public enum Drain: String, Codable, Sendable {
        /// It isn't asked to.
        case serving
        case draining
        /// It leads nothing, and every bucket has a full copy elsewhere.
        case drained
    }

    /// `POST /v1/drain` and `POST /v1/undrain`: how far it is after that.
    public struct DrainAnswer: Codable, Sendable {
        public var drain: Drain
        /// Buckets that it leads yet.
        public var leads: UInt64
        /// A bucket would, or may, have no full copy left without the node.
        public var isNeeded: Bool?

        public init(drain: Drain, leads: UInt64, isNeeded: Bool?) {
            self.drain = drain
            self.leads = leads
            self.isNeeded = isNeeded
        }
    }

    /// Packets of all engines since the node's start: in = out + parked + dropped.
    public struct Counters: Codable, Sendable {
        public var packetsIn: UInt64 = 0
        public var packetsForwarded: UInt64 = 0
        public var packetsPassedOn: UInt64 = 0
        public var packetsHandedOver: UInt64 = 0
        public var packetsParked: UInt64 = 0
        public var packetsDropped: UInt64 = 0
        /// By name; only those that happened.
        public var drops: [String: UInt64] = [:]
        /// What the sockets lost before or after the engines, by name.
        public var sockets: [String: UInt64] = [:]

        public init() {}
    }

    /// One resource on one node.
    public struct ResourceCounters: Codable, Sendable {
        public var resource: String
        public var flowsCreated: UInt64 = 0
        public var flowsEnded: UInt64 = 0
        public var packetsIn: UInt64 = 0
        public var packetsOutbound: UInt64 = 0
        public var packetsInbound: UInt64 = 0
        public var bytesOutbound: UInt64 = 0
        public var bytesInbound: UInt64 = 0
        public var packetsDropped: UInt64 = 0
        public var drops: [String: UInt64] = [:]

        public init(resource: String) { self.resource = resource }
    }
}
