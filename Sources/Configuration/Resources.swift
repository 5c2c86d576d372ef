// NAT gateways and load balancers, as the data plane knows them.

public import Wire

/// The secret of a resource's keyed hashes: which bucket a flow falls in. Fixed for its life.
public struct HashKey: Hashable, Sendable, BitwiseCopyable {
    public var first: UInt64
    public var second: UInt64

    public init(first: UInt64, second: UInt64) {
        self.first = first
        self.second = second
    }
}

/// The life of an elastic IP on a resource.
public enum EIPState: UInt8, Hashable, Sendable {
    /// Takes new flows.
    case available = 0
    /// Keeps its flows, begins none.
    case draining = 1
    /// Given up once every bucket has closed it (design, part 5, rule 20).
    case releasing = 2
}

/// A public address that a NAT gateway translates to.
public struct EIPEntry: Hashable, Sendable {
    public var id: UInt64
    public var address: IPv4Address
    public var state: EIPState

    public init(id: UInt64, address: IPv4Address, state: EIPState) {
        self.id = id
        self.address = address
        self.state = state
    }
}

/// A NAT gateway of a VPC.
public struct NATGatewayEntry: Hashable, Sendable {
    public var id: ResourceID
    public var tenant: UInt64
    public var name: String
    public var vni: VNI
    public var hashKey: HashKey
    /// Primary first.
    public var eips: [EIPEntry]
    public var timers: FlowTimers
    public var quota: Quota
    /// Flows, and so ports, that one inside interface may have at once; 0: no limit. RFC 6888 §3
    /// REQ-4 (a).
    public var portsPerAddress: UInt32

    public init(
        id: ResourceID, tenant: UInt64, name: String, vni: VNI, hashKey: HashKey,
        eips: [EIPEntry], timers: FlowTimers = FlowTimers(), quota: Quota = .unlimited,
        portsPerAddress: UInt32 = 0
    ) {
        self.id = id
        self.tenant = tenant
        self.name = name
        self.vni = vni
        self.hashKey = hashKey
        self.eips = eips
        self.timers = timers
        self.quota = quota
        self.portsPerAddress = portsPerAddress
    }
}

/// A network load balancer, reached at `address` inside its VPC and, if it has one, at a public
/// address through the edges.
public struct LoadBalancerEntry: Hashable, Sendable {
    public var id: ResourceID
    public var tenant: UInt64
    public var name: String
    public var vni: VNI
    public var hashKey: HashKey
    public var address: IPAddress
    public var publicAddress: IPv4Address?
    public var listeners: [ListenerEntry]
    public var timers: FlowTimers
    public var quota: Quota

    public init(
        id: ResourceID, tenant: UInt64, name: String, vni: VNI, hashKey: HashKey,
        address: IPAddress, publicAddress: IPv4Address? = nil, listeners: [ListenerEntry] = [],
        timers: FlowTimers = FlowTimers(IdleTimeouts(udpSeconds: 120)), quota: Quota = .unlimited
    ) {
        self.id = id
        self.tenant = tenant
        self.name = name
        self.vni = vni
        self.hashKey = hashKey
        self.address = address
        self.publicAddress = publicAddress
        self.listeners = listeners
        self.timers = timers
        self.quota = quota
    }
}

/// A (protocol, port) of a load balancer and where its flows go.
public struct ListenerEntry: Hashable, Sendable {
    public var id: UInt64
    /// Unique within the load balancer, never used twice; the number in the Geneve option.
    public var index: UInt16
    public var ipProtocol: IPProtocol
    public var port: Port
    public var targetGroup: UInt64

    public init(
        id: UInt64, index: UInt16, ipProtocol: IPProtocol, port: Port, targetGroup: UInt64
    ) {
        self.id = id
        self.index = index
        self.ipProtocol = ipProtocol
        self.port = port
        self.targetGroup = targetGroup
    }
}

/// Targets that share their settings.
public struct TargetGroupEntry: Hashable, Sendable {
    public var id: UInt64
    public var name: String
    public var vni: VNI
    /// Targets see the client's own address; else the load balancer's, with a port of the
    /// bucket's port set.
    public var preservesClientAddress: Bool
    public var algorithm: TargetAlgorithm
    /// All flows of a client's address, whatever its port, go to one target.
    public var isSticky: Bool
    public var targets: [TargetEntry]

    public init(
        id: UInt64, name: String, vni: VNI, preservesClientAddress: Bool,
        algorithm: TargetAlgorithm = .flowHash, isSticky: Bool = false,
        targets: [TargetEntry] = []
    ) {
        self.id = id
        self.name = name
        self.vni = vni
        self.preservesClientAddress = preservesClientAddress
        self.algorithm = algorithm
        self.isSticky = isSticky
        self.targets = targets
    }
}

/// How a new flow's target is chosen.
public enum TargetAlgorithm: UInt8, Hashable, Sendable {
    /// Weighted rendezvous over a hash of the flow: the same everywhere, nothing is remembered.
    case flowHash = 0
    /// The target with the fewest flows for its weight, as far as each bucket's leader knows.
    case leastFlows = 1
}

/// The life of a target in its group.
public enum TargetState: UInt8, Hashable, Sendable {
    case healthy = 0
    /// Deregistered: keeps its flows, gets no new one.
    case draining = 1
    /// Its drain time is over: flows that are left are ended, by RST to both ends. Once every
    /// node has done so the entry goes from the snapshot. A target that goes without it keeps
    /// its flows until they end by themselves.
    case terminated = 2
}

/// One (address, port) that takes flows.
public struct TargetEntry: Hashable, Sendable {
    public var id: UInt64
    public var address: IPAddress
    public var port: Port
    /// Share of new flows beside the others' weights, 0 to 999; 0 gets none.
    public var weight: UInt16
    public var state: TargetState

    public init(
        id: UInt64, address: IPAddress, port: Port, weight: UInt16 = 100,
        state: TargetState = .healthy
    ) {
        self.id = id
        self.address = address
        self.port = port
        self.weight = weight
        self.state = state
    }
}
