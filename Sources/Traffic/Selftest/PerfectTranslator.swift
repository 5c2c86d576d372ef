// A tiny cluster without a network: translates at once, loses nothing and makes no mistakes but the
// one that it is asked for. It stands in the nodes' place to show what the generator itself can do.

public import Wire

/// Stands between the engine's outbox and its input.
///
/// It keeps every flow that it sees: capacity is fixed at `init`, and flows beyond it are dropped.
/// About 120 bytes for each.
public struct PerfectTranslator: ~Copyable {
    let topology: Topology
    let capacity: Int
    var flows: [TranslatedFlow] = []
    /// Outbound tuples in their VPC, and inbound tuples where the other end is.
    var outbound: TupleTable
    var inbound: TupleTable
    /// For each bucket of each resource where the search for a port goes on.
    var cursors: [Int]
    var fault: Fault?
    public private(set) var forwarded: UInt64 = 0
    public private(set) var dropped: UInt64 = 0
    public internal(set) var faultIsPlanted = false
    /// A target that answers nothing from some time on.
    private var silenced: (target: IPv4Address, after: Tick)?
    /// Nodes that are dead: what is sent to them is lost.
    private var dead: [IPAddress] = []
    /// Until then no bucket gives its last ports: they come late, as ports on loan do.
    var holdsBackUntil = Tick(rawValue: 0)
    /// Only for these.
    public var now = Tick(rawValue: 0)

    public init(_ topology: Topology, capacity: Int, fault: Fault? = nil) {
        self.topology = topology
        self.capacity = capacity
        self.fault = fault
        flows.reserveCapacity(capacity)
        outbound = TupleTable(capacity: capacity)
        inbound = TupleTable(capacity: capacity)
        cursors = Array(repeating: 0, count: topology.services.count * topology.bucketCount)
    }

    /// From `after` on, nothing comes back from a target.
    public mutating func silence(_ target: IPv4Address, after: Tick) {
        silenced = (target, after)
    }

    /// From now on nothing sent to this node arrives.
    public mutating func killNode(at address: IPAddress) { dead.append(address) }

    /// Until then every bucket refuses to give the last port of its port set.
    public mutating func holdBack(until end: Tick) { holdsBackUntil = end }

    /// Takes an endpoint's batch; translated packets go to the inbox of the endpoint that they are
    /// for, as if from the node that they were sent to.
    public mutating func forward(
        _ packets: [Packet], from endpoint: Int, pool: inout FramePool,
        into inboxes: inout [[Packet]]
    ) {
        for packet in packets {
            if let to = forward(packet, from: endpoint, pool: &pool) {
                inboxes[to].append(packet)
            } else {
                pool.give(packet.frame)
            }
        }
    }

    /// Translates one packet in its frame. The endpoint that it is for, or nil if it is dropped.
    public mutating func forward(
        _ packet: Packet, from endpoint: Int, pool: inout FramePool
    ) -> Int? {
        let to = translate(packet, from: endpoint, &pool)
        if to == nil { dropped += 1 } else { forwarded += 1 }
        return to
    }

    private mutating func translate(
        _ packet: Packet, from endpoint: Int, _ pool: inout FramePool
    ) -> Int? {
        guard !dead.contains(packet.remote), let received = try? Received(pool.bytes(of: packet)),
            let service = topology.services.firstIndex(where: {
                $0.id == received.header.resource
            })
        else { return nil }
        if let silenced, silenced.after <= now, received.source == .v4(silenced.target) {
            return nil
        }
        let rewrite =
            received.header.marks.contains(.inbound)
            ? inboundRewrite(received, service)
            : outboundRewrite(received, service, endpoint)
        guard let rewrite else { return nil }
        var bytes = pool.mutableBytes(of: packet)
        rewrite.apply(received, to: &bytes)
        if fault == .badChecksum, plantHere() {
            let last = received.innerOffset + received.summary.totalBytes - 1
            bytes.store(bytes.uint8(at: last) ^ 0xFF, at: last)
        }
        return rewrite.endpoint
    }
}

/// A flow as the translator knows it.
struct TranslatedFlow: Sendable {
    var service: Int
    var home: Int
    var eni: ENI
    var vni: VNI
    var client: IPAddress
    var clientPort: Port
    /// What the client sends to.
    var server: IPAddress
    var serverPort: Port
    var seenSource: IPAddress
    var seenSourcePort: Port
    var seenDestination: IPAddress
    var seenDestinationPort: Port
    var ipProtocol: IPProtocol
    var bucket: BucketIndex

    /// Its answers, as they come in from a server or target.
    func inboundKey(_ vni: VNI) -> TupleKey {
        TupleKey(
            ipProtocol, vni, source: seenDestination, sourcePort: seenDestinationPort,
            destination: seenSource, destinationPort: seenSourcePort)
    }
}
