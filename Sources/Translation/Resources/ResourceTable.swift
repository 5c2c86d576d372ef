// A snapshot, compiled for the packet path: flat arrays of plain values, found by flat maps. Built off the engine's thread, applied whole between two turns.

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
    public var group: Int
    public var buckets: BucketHash
    /// Secret from which ports and targets are drawn.
    public var hashKey: HashKey
    public var timeouts: IdleTimeouts
    /// A load balancer's address in its VPC.
    public var address: IPAddress
    public var publicAddress: IPv4Address?
    /// The addresses inside its VPC; nil if that isn't there.
    var inside: AddressRange?
    /// NAT gateway: indices into `eips`; load balancer: into `listeners`.
    public var parts: Range<Int>
    /// False once the resource is gone from the snapshot: flows live on, none begins.
    public var isLive: Bool
}

/// An EIP and the resource that owns it.
public struct EIPSlot: Sendable {
    public var entry: EIPEntry
    public var resource: Int
}

/// A listener and its targets: indices into `targets`.
public struct ListenerSlot: Sendable {
    public var entry: ListenerEntry
    public var targets: Range<Int>
    public var targetVNI: VNI
    public var preservesClientAddress: Bool
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
    public var listeners: [ListenerSlot] = []
    public var targets: [TargetEntry] = []
    public let portSets: PortSets
    /// Leader of each bucket, as an index into the snapshot's nodes: group-major, B a group.
    public var leaders: [UInt16] = []
    public var nodeAddresses: [IPAddress] = []
    public var edgeAddresses: [IPAddress] = []

    var slots = FlatMap<ResourceID, Int>()
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
            resources = previous.resources
            for slot in resources.indices {
                resources[slot].isLive = false
                resources[slot].parts = 0..<0
            }
        }
        compilePlaces()
        compileResources()
    }

    @inlinable
    public func leader(group: Int, bucket: BucketIndex) -> Int {
        Int(leaders[group * portSets.bucketCount + Int(bucket.rawValue)])
    }

    public func slot(of id: ResourceID) -> Int? { slots[id] }
    public func sender(_ address: IPAddress) -> Sender? { senders[address.mapped] }
    public func vpc(_ vni: VNI) -> VPCSlot? { vpcs[vni] }
}
