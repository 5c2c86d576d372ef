// The configuration that a node, router or edge runs by. Nodes fetch the whole of it every second,
// changed or not, and keep the last good one on disk. It names members and addresses, never
// mappings of instances.

public import Wire

/// Everything that the data plane must know, at one version.
///
/// Lists are ordered by id, so that equal configurations have equal encodings.
public struct Snapshot: Hashable, Sendable {
    /// Grows with every change; a holder never goes back to a lower one.
    public var version: UInt64
    public var cluster: ClusterSettings
    public var nodes: [NodeEntry]
    public var hosts: [HostEntry]
    public var edges: [EdgeEntry]
    public var groups: [GroupEntry]
    public var tenants: [TenantEntry]
    public var vpcs: [VPCEntry]
    public var natGateways: [NATGatewayEntry]
    public var loadBalancers: [LoadBalancerEntry]
    public var targetGroups: [TargetGroupEntry]

    public init(version: UInt64, cluster: ClusterSettings) {
        self.version = version
        self.cluster = cluster
        nodes = []
        hosts = []
        edges = []
        groups = []
        tenants = []
        vpcs = []
        natGateways = []
        loadBalancers = []
        targetGroups = []
    }
}

/// What is fixed when a cluster is initialised.
public struct ClusterSettings: Hashable, Sendable {
    /// Random, so that packets and snapshots of another cluster are refused.
    public var id: UInt64
    /// B: the parts that every resource's flow space is cut into.
    public var bucketCount: Int
    /// The external ports that NAT gateways translate to, first and last included. `bucketCount`
    /// divides their number.
    public var portRange: ClosedRange<UInt16>
    /// Longest inner packet that the machines' network carries with all outer headers, in bytes:
    /// what hosts and nodes can send each other.
    // RFC 8926 §4.4.1 (options): it leaves room for them.
    public var overlayMTU: UInt16
    /// How long a port stays unused toward the same destination after its flow's end.
    // DESIGN part 5, rule 16: longer than a lease and the longest life of a packet.
    public var quietSeconds: UInt32
    /// The same for all ports of a node that lost what it knew of them.
    // RFC 6888 §3 REQ-8.
    public var lossQuietSeconds: UInt32
    /// The secrets of the channels between nodes. Only in snapshots of nodes; nil in those of routers
    /// and edges, and where nothing is sealed: in simulations.
    public var keys: ChannelKeys?
    /// R, the copies of a decision; 0: what suits each group's size.
    public var copies = 0
    /// How often nodes tell each other that they live.
    // DESIGN part 5, rules 12 to 14, for this and the next three.
    public var heartbeatMilliseconds: UInt32 = 10
    /// How long a grant runs from the heartbeat that it answers.
    public var leaseMilliseconds: UInt32 = 50
    /// A peer that has been silent for so long is taken for dead.
    public var suspectMilliseconds: UInt32 = 70
    /// By how much the rates of two machines' clocks differ at most.
    public var driftPartsPerMillion: UInt32 = 200

    public init(
        // RFC 4787 §4.2.1 REQ-3 (a): well-known ports are never given.
        id: UInt64, bucketCount: Int = 64, portRange: ClosedRange<UInt16> = 1024...65535,
        overlayMTU: UInt16 = 8500, quietSeconds: UInt32 = 2, lossQuietSeconds: UInt32 = 120
    ) {
        self.id = id
        self.bucketCount = bucketCount
        self.portRange = portRange
        self.overlayMTU = overlayMTU
        self.quietSeconds = quietSeconds
        self.lossQuietSeconds = lossQuietSeconds
    }

    /// Whether what is fixed for a cluster's life is the same.
    public func isSameCluster(as other: ClusterSettings) -> Bool {
        var same = other
        same.overlayMTU = overlayMTU
        same.quietSeconds = quietSeconds
        same.lossQuietSeconds = lossQuietSeconds
        same.keys = keys
        return self == same
    }

    /// The numbers of a group of `members`, at least one. A group that is smaller than a whole shard
    /// keeps as many copies as a majority of it at most: more would be more than any quorum holds.
    public func quorum(members: Int) -> Quorum {
        Quorum(members: members, copies: copies == 0 ? nil : copies)
    }

    /// Ports in one bucket's port set, for one EIP.
    public var portsPerBucket: Int { portRange.count / bucketCount }
}

/// A machine of the cluster.
public struct NodeEntry: Hashable, Sendable {
    public var id: NodeID
    public var name: String
    public var zone: String
    /// Outer address on which it takes encapsulated packets, at UDP port 6081.
    public var address: IPAddress
    /// `host:port` of its local endpoint for metrics, health, flow list and explain.
    public var operations: String

    public init(id: NodeID, name: String, zone: String, address: IPAddress, operations: String) {
        self.id = id
        self.name = name
        self.zone = zone
        self.address = address
        self.operations = operations
    }
}

/// A physical machine whose virtual router attaches instances to their VPCs.
public struct HostEntry: Hashable, Sendable {
    public var id: UInt64
    public var name: String
    public var address: IPAddress

    public init(id: UInt64, name: String, address: IPAddress) {
        self.id = id
        self.name = name
        self.address = address
    }
}

/// A border between the overlay and plain IP networks.
public struct EdgeEntry: Hashable, Sendable {
    public var id: UInt64
    public var name: String
    public var address: IPAddress
    /// Longest packet that the network beyond it takes, in bytes.
    public var mtu: UInt16

    public init(id: UInt64, name: String, address: IPAddress, mtu: UInt16 = 1500) {
        self.id = id
        self.name = name
        self.address = address
        self.mtu = mtu
    }
}

/// A distinct set of nodes that serve the same tenants, and who best leads which bucket among them.
public struct GroupEntry: Hashable, Sendable {
    public var id: UInt64
    /// Number of the configuration that these members are; 1 is the first, and each differs from
    /// the one before by one member.
    // DESIGN part 5, rule 18.
    public var configuration: UInt32
    /// In the group's rendezvous order.
    public var members: [NodeID]
    /// For each bucket the index in `members` of the one that leads it while all live and are full;
    /// `bucketCount` entries. Who really leads is said by the view, which no snapshot names.
    public var leaders: [UInt8]

    public init(id: UInt64, members: [NodeID], leaders: [UInt8], configuration: UInt32 = 1) {
        self.id = id
        self.configuration = configuration
        self.members = members
        self.leaders = leaders
    }

    /// The preferred leader.
    public func leader(of bucket: BucketIndex) -> NodeID {
        members[Int(leaders[Int(bucket.rawValue)])]
    }
}

/// A customer, and the group that serves it.
public struct TenantEntry: Hashable, Sendable {
    public var id: UInt64
    public var name: String
    public var group: UInt64
    /// Of all its resources together.
    public var quota: Quota

    public init(id: UInt64, name: String, group: UInt64, quota: Quota = .unlimited) {
        self.id = id
        self.name = name
        self.group = group
        self.quota = quota
    }
}

/// A virtual network of a tenant.
public struct VPCEntry: Hashable, Sendable {
    public var id: UInt64
    public var tenant: UInt64
    public var vni: VNI
    /// The addresses inside.
    public var prefix: IPPrefix

    public init(id: UInt64, tenant: UInt64, vni: VNI, prefix: IPPrefix) {
        self.id = id
        self.tenant = tenant
        self.vni = vni
        self.prefix = prefix
    }
}
