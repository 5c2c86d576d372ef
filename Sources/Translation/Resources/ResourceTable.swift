// A snapshot, compiled for the packet path: flat arrays of plain values, found by flat maps. Built
// off the engine's thread, applied whole between two turns.

public import Configuration
public import Steering
public import Wire

/// What kind of resource a slot holds.
public enum ResourceKind: UInt8, Sendable, BitwiseCopyable {
    case natGateway
    case loadBalancer
}

/// One resource. Ranges index the table's flat arrays.
public struct Resource: Sendable {
    public var id: ResourceID
    public var kind: ResourceKind
    public var tenant: UInt64
    public var vni: VNI
    /// Slot of its group.
    public var group: Int
    public var buckets: BucketHash
    /// Secret from which ports and targets are drawn.
    public var hashKey: HashKey
    public var timeouts: IdleTimeouts
    /// Other timeouts toward some places: indices into `timeoutRules`, longest prefix first.
    public var rules = 0..<0
    /// An RST goes to both ends when an established TCP flow expires.
    public var resetsOnExpiry = true
    public var quota = Quota.unlimited
    /// Of its tenant, shared with the tenant's other resources: an index into `tenants`.
    public var tenantSlot = 0
    public var portsPerAddress: UInt32 = 0
    /// A load balancer's address in its VPC.
    public var address: IPAddress
    public var publicAddress: IPv4Address?
    /// The addresses inside its VPC; nil if that isn't there.
    var inside: AddressRange?
    /// NAT gateway: indices into `eips`; load balancer: into `listeners`.
    public var parts: Range<Int>
    /// Those EIPs that take new flows; they stand first among the parts.
    public var openEIPs = 0..<0
    /// A load balancer's: some listener keeps clients at their targets, so that all flows of a
    /// client fall in one bucket.
    public var isSticky = false
    /// A load balancer's: flows of some target are to be ended.
    public var hasTerminatedTargets = false
    /// False once the resource is gone from the snapshot: flows live on, none begins.
    public var isLive: Bool
}

/// An EIP and the resource that owns it.
public struct EIPSlot: Sendable {
    public var entry: EIPEntry
    /// Keyed hash of its id: what inside addresses are paired by.
    public var pairingKey: UInt64
}

/// A listener and its targets: indices into `targets`.
public struct ListenerSlot: Sendable {
    public var entry: ListenerEntry
    public var targets: Range<Int>
    /// Of those, the ones whose flows are to be ended: indices into `terminated`.
    var terminated = 0..<0
    public var targetVNI: VNI
    public var preservesClientAddress: Bool
    public var algorithm: TargetAlgorithm
    public var isSticky: Bool
}

/// A rule for idle times, as packets are held against it.
public struct TimeoutRuleSlot: Sendable, BitwiseCopyable {
    var range: AddressRange
    var timeouts: IdleTimeouts
}

/// A tenant, for what its resources share.
public struct TenantSlot: Sendable {
    public var id: UInt64
    public var quota: Quota
}

/// A VPC as packets are checked against it.
public struct VPCSlot: Sendable, BitwiseCopyable {
    public var tenant: UInt64
    var inside: AddressRange
}

/// A prefix as a mask, so that a look at an address costs four instructions. Mapped addresses make
/// one shape of both families: no IPv6 packet has one (RFC 4291 §2.5.5.2), the parser sees to it.
package struct AddressRange: Sendable, BitwiseCopyable {
    let first: IPv6Address
    let mask: IPv6Address
    let isIPv4: Bool

    package init(_ prefix: IPPrefix) {
        first = prefix.address.mapped
        isIPv4 = prefix.address.isIPv4
        let bits = prefix.length + (isIPv4 ? 96 : 0)
        mask = IPv6Address(
            high: bits >= 64 ? .max : ~(UInt64.max >> UInt64(bits)),
            low: bits >= 128 ? .max : bits <= 64 ? 0 : ~(UInt64.max >> UInt64(bits - 64)))
    }

    package func contains(_ address: IPAddress) -> Bool {
        let mapped = address.mapped
        return address.isIPv4 == isIPv4 && mapped.high & mask.high == first.high
            && mapped.low & mask.low == first.low
    }
}

/// Who sent a packet, by its outer source address.
public enum Sender: Sendable, Equatable, BitwiseCopyable {
    case host
    case edge(Int)
    case node(Int)
}

/// The compiled snapshot of one engine.
public struct ResourceTable: Sendable {
    public var snapshot: Snapshot
    public var resources: [Resource] = []
    public var eips: [EIPSlot] = []
    /// A resource is gone, or an EIP is to be: what stands on it must end.
    public private(set) var hasGivenUp = false
    public var listeners: [ListenerSlot] = []
    public var targets: [TargetEntry] = []
    var terminated: [TargetEntry] = []
    public var timeoutRules: [TimeoutRuleSlot] = []
    /// By slot; a tenant keeps its slot as resources do.
    public var tenants: [TenantSlot] = []
    public let portSets: PortSets
    /// By group slot: its members in rendezvous order, as indices into the snapshot's nodes.
    public var groupMembers: [[Int]] = []
    /// By slot, whether the group is in this snapshot.
    public var groupCount = 0
    public var nodeAddresses: [IPAddress] = []
    public var edgeAddresses: [IPAddress] = []

    var slots = FlatMap<ResourceID, Int>()
    /// Flows are chained by their group's slot, so a group keeps it for as long as it is known.
    var groupSlots = FlatMap<UInt64, Int>()
    /// By slot.
    public var groupIDs: [UInt64] = []
    var tenantSlots = FlatMap<UInt64, Int>()
    /// By outer address, mapped.
    var senders = FlatMap<IPv6Address, Sender>()
    var vpcs = FlatMap<VNI, VPCSlot>()

    /// Compiles `snapshot`. Slots of resources that `previous` knew stay, so that records, which
    /// name a slot, go on meaning the same; a resource that is gone keeps its slot, not live.
    public init(_ snapshot: Snapshot, previous: ResourceTable? = nil) {
        self.snapshot = snapshot
        guard
            let portSets = PortSets(
                range: snapshot.cluster.portRange, bucketCount: snapshot.cluster.bucketCount)
        else { preconditionFailure("problems() is empty, so buckets divide the ports") }
        self.portSets = portSets
        if let previous {
            slots = previous.slots
            groupSlots = previous.groupSlots
            groupCount = previous.groupCount
            groupIDs = previous.groupIDs
            tenantSlots = previous.tenantSlots
            tenants = previous.tenants
            resources = previous.resources
            for slot in resources.indices {
                resources[slot].isLive = false
                resources[slot].parts = 0..<0
                resources[slot].openEIPs = 0..<0
                resources[slot].rules = 0..<0
            }
        }
        compilePlaces()
        compileResources()
        hasGivenUp =
            resources.contains { !$0.isLive } || eips.contains { $0.entry.state == .releasing }
    }

    /// A node's place in the snapshot. Linear.
    public func nodeIndex(of node: NodeID) -> Int? {
        snapshot.nodes.firstIndex { $0.id == node }
    }

    /// The chain of flow records of a resource's bucket: group-major.
    @inlinable
    func chain(of resource: Int, _ bucket: BucketIndex) -> Int {
        resources[resource].group * portSets.bucketCount + Int(bucket.rawValue)
    }

    /// Whether a resource has an address of the outside, one that isn't to be given away.
    public func owns(_ external: IPv6Address, _ scope: ResourceID) -> Bool {
        guard let slot = slot(of: scope), resources[slot].isLive else { return false }
        return resources[slot].parts.contains {
            eips[$0].entry.state != .releasing
                && IPAddress.v4(eips[$0].entry.address).mapped == external
        }
    }

    // RFC 6888 §3 REQ-8 (c).
    /// How long a record may idle before its time is over, in hundredths of a second.
    func idleCentiseconds<Record: FlowRecord>(of record: Record) -> UInt32 {
        record.state == .quiet
            ? snapshot.cluster.quietSeconds * 100
            : record.state.timeoutCentiseconds(timeouts(of: record))
    }

    /// The idle times of a flow: of the longest rule that its destination, or client, matches.
    @inlinable
    public func timeouts<Record: FlowRecord>(of record: Record) -> IdleTimeouts {
        let resource = record.scope.resourceSlot
        guard !resources[resource].rules.isEmpty else { return resources[resource].timeouts }
        return ruled(resource, record.outbound)
    }

    // RFC 4787 §4.3 REQ-5 (b), RFC 5508 §3.2 REQ-2 (a): set by gateway and destination.
    @usableFromInline
    func ruled(_ slot: Int, _ outbound: FlowTuple) -> IdleTimeouts {
        let resource = resources[slot]
        let place = resource.kind == .natGateway ? outbound.destination : outbound.source
        let rule = resource.rules.first { timeoutRules[$0].range.contains(place) }
        return rule.map { timeoutRules[$0].timeouts } ?? resource.timeouts
    }

    /// The bucket of a load balancer's flow, by its client.
    func balancerBucket(
        _ slot: Int, _ ipProtocol: IPProtocol, _ clientVNI: VNI, _ client: IPAddress, _ port: Port
    ) -> BucketIndex {
        resources[slot].buckets.loadBalancer(
            ipProtocol: ipProtocol, clientVNI: clientVNI, client: client,
            clientPort: resources[slot].isSticky ? Port(0) : port)
    }

    /// The listener of a load balancer that a client's packet is for: an index into `listeners`.
    public func listener(of slot: Int, for outbound: FlowTuple) -> Int? {
        resources[slot].parts.first { listeners[$0].entry.matches(outbound) }
    }

    public func slot(of id: ResourceID) -> Int? { slots[id] }
    public func groupSlot(of id: UInt64) -> Int? { groupSlots[id] }
    public func sender(_ address: IPAddress) -> Sender? { senders[address.mapped] }
    public func vpc(_ vni: VNI) -> VPCSlot? { vpcs[vni] }
}
