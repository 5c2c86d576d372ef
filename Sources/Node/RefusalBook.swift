// Flows that were refused, and whose they were: what an operator wants to know of a tenant that
// complains. The last ones only; how many there were in all is counted under the drop's name.

public import Translation
public import Wire

/// A client's flows toward one destination that were refused for one reason.
public struct FlowRefusal: Sendable, BitwiseCopyable {
    public var resource: ResourceID
    public var kind: ResourceKind
    public var client: IPAddress
    public var destination: IPAddress
    public var destinationPort: Port
    public var ipProtocol: IPProtocol
    public var reason: DropReason
    /// Packets: a client that tries again is refused again.
    public var count: UInt64
    public var last: Tick

    public init(
        resource: ResourceID, kind: ResourceKind, client: IPAddress, destination: IPAddress,
        destinationPort: Port, ipProtocol: IPProtocol, reason: DropReason, count: UInt64 = 1,
        last: Tick
    ) {
        self.resource = resource
        self.kind = kind
        self.client = client
        self.destination = destination
        self.destinationPort = destinationPort
        self.ipProtocol = ipProtocol
        self.reason = reason
        self.count = count
        self.last = last
    }

    fileprivate func isSame(as other: FlowRefusal) -> Bool {
        resource == other.resource && client == other.client && destination == other.destination
            && destinationPort == other.destinationPort && ipProtocol == other.ipProtocol
            && reason == other.reason
    }

    fileprivate var hash: UInt64 {
        var hash = SipHash13(key0: resource.rawValue, key1: UInt64(reason.rawValue))
        hash.combine(client.mapped.low)
        hash.combine(destination.mapped.low)
        hash.combine(UInt64(destinationPort.rawValue) << 8 | UInt64(ipProtocol.rawValue))
        return hash.finish()
    }
}

/// The last refusals. A place is one of four that its hash names, the oldest of them gives way: so a
/// flood of one client's neither costs more than a look nor hides the others'.
public struct RefusalBook: Sendable {
    private static let ways = 4
    private var places: [FlowRefusal?]
    /// Since the start.
    public private(set) var total: UInt64 = 0

    /// - Parameter capacity: a multiple of four. All memory is reserved now.
    public init(capacity: Int) {
        precondition(capacity > 0 && capacity % Self.ways == 0)
        places = Array(repeating: nil, count: capacity)
    }

    /// In no order.
    public var refusals: [FlowRefusal] { places.compactMap(\.self) }

    public mutating func note(_ refusal: FlowRefusal) {
        total += 1
        let sets = UInt64(places.count / Self.ways)
        let first = Int(refusal.hash % sets) * Self.ways
        var oldest = first
        for place in first..<first + Self.ways {
            guard let there = places[place] else {
                oldest = place
                continue
            }
            guard !there.isSame(as: refusal) else {
                places[place]?.count += refusal.count
                places[place]?.last = refusal.last
                return
            }
            if let candidate = places[oldest], there.last < candidate.last { oldest = place }
        }
        places[oldest] = refusal
    }
}
