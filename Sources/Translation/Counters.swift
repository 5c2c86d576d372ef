// What is counted for each resource: flows, packets, bytes, and drops by reason. In = out + parked
// + dropped holds for the sums of these at the end of every turn.

public import Wire

/// The counts of one resource in one engine.
public struct ResourceCounts: Sendable, BitwiseCopyable {
    public var flowsCreated: UInt64 = 0
    public var flowsEnded: UInt64 = 0
    public var packetsIn: UInt64 = 0
    public var packetsOutbound: UInt64 = 0
    public var packetsInbound: UInt64 = 0
    public var bytesOutbound: UInt64 = 0
    public var bytesInbound: UInt64 = 0
    public var packetsDropped: UInt64 = 0

    public init() {}

    public static func += (left: inout Self, right: Self) {
        left.flowsCreated += right.flowsCreated
        left.flowsEnded += right.flowsEnded
        left.packetsIn += right.packetsIn
        left.packetsOutbound += right.packetsOutbound
        left.packetsInbound += right.packetsInbound
        left.bytesOutbound += right.bytesOutbound
        left.bytesInbound += right.bytesInbound
        left.packetsDropped += right.packetsDropped
    }
}

/// Counters of every resource slot below the capacity. What slots beyond it would count goes to one
/// place that is no resource's, so that no tenant is ever charged for another.
public struct ResourceCounters: Sendable {
    public let capacity: Int
    private var counts: [ResourceCounts]
    private var drops: [UInt64]

    public init(capacity: Int) {
        self.capacity = capacity
        counts = Array(repeating: ResourceCounts(), count: capacity + 1)
        drops = Array(repeating: 0, count: (capacity + 1) * DropReason.count)
    }

    private func slot(_ resource: Int) -> Int { min(resource, capacity) }

    /// The counts of a resource; nil if it has none of its own.
    public func counts(_ resource: Int) -> ResourceCounts? {
        resource < capacity ? counts[resource] : nil
    }

    public mutating func countArrival(_ resource: Int) {
        counts[slot(resource)].packetsIn += 1
    }

    public mutating func countDrop(_ resource: Int, _ reason: DropReason) {
        let slot = slot(resource)
        counts[slot].packetsDropped += 1
        drops[slot * DropReason.count + Int(reason.rawValue)] += 1
    }

    public mutating func countDeparture(_ resource: Int, _ direction: FlowDirection, bytes: Int) {
        let slot = slot(resource)
        if direction == .outbound {
            counts[slot].packetsOutbound += 1
            counts[slot].bytesOutbound += UInt64(bytes)
        } else {
            counts[slot].packetsInbound += 1
            counts[slot].bytesInbound += UInt64(bytes)
        }
    }

    public mutating func countFlowCreated(_ resource: Int) {
        counts[slot(resource)].flowsCreated += 1
    }

    public mutating func countFlowEnded(_ resource: Int) {
        counts[slot(resource)].flowsEnded += 1
    }

    /// Drops of one resource for one reason.
    public func drops(_ resource: Int, _ reason: DropReason) -> UInt64 {
        drops[slot(resource) * DropReason.count + Int(reason.rawValue)]
    }
}
