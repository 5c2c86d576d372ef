// The generator's engine: it begins flows, plays both of their ends, and checks what comes back.
// It never reads a clock or a socket: packets and time are given to it.

public import Configuration
import Steering
public import Wire

/// Emulates hosts, edges, instances, servers and targets around real nodes.
///
/// Inputs: `handle` for packets from nodes, in the order of their arrival; `tick` for the passing of
/// time, after them. Output: `outbox`, one batch for each endpoint, to be sent from its outer
/// address in order, and emptied with `clearOutbox`, before the next input. All frames are of the
/// one pool that every call is given; a packet in the outbox owns its frame, and one that was
/// handed in is the engine's.
/// Time never decreases from call to call.
/// Memory: about 400 bytes for each flow that is open at once, reserved at `init`.
public struct TrafficEngine: ~Copyable {
    public internal(set) var topology: Topology
    let workload: Workload
    let start: Tick

    var flows: [FlowRecord]
    var wheel: TimerWheel
    /// Clients' tuples of live flows, and tuples as servers and targets see them.
    var clients: TupleTable
    var translations: TupleTable
    var arrivals: ArrivalClock
    var nextNumber: UInt32 = 0
    /// When the last flow began, and when it should have.
    var lastOpened: Tick
    var lastIntended: Tick
    public internal(set) var liveFlows = 0
    /// Those of them that wait for their first answer.
    var openingFlows = 0
    /// Only in a run that fills one destination's ports.
    var exhaustion: Exhaustion?
    /// Ports that were given back in it, by bucket.
    var freedPorts: [Int] = []
    /// In the order in which they were first seen.
    var targets: [TargetCounts] = []
    var eips: [EIPCounts] = []
    /// By ordinal of the topology's services.
    var resources: [ResourceReport]
    /// What the emulated routers and edges know of who leads.
    var views: RouterViews
    /// Only in a run that holds flows under faults.
    var faults: FaultWatch?

    public internal(set) var counters = TrafficCounters()
    public internal(set) var nodeCounters: [NodeCounters]
    var measures = Measures()
    var outages: OutageTracker
    var timeline: [ReportSample] = []
    var sampled = TrafficCounters()
    /// The counts when the last flow was begun: what the rates are made of.
    var opened: TrafficCounters?

    /// For each endpoint of the topology the packets that it sends now.
    public internal(set) var outbox: [[Packet]]

    /// Throws if the plan and the topology don't fit each other.
    public init(_ plan: RunPlan, _ topology: Topology, start: Tick) throws(TopologyError) {
        let workload = try Workload(plan, topology)
        let capacity = Self.slots(for: plan)
        self.topology = topology
        self.workload = workload
        self.start = start
        flows = Array(repeating: FlowRecord(), count: capacity)
        wheel = TimerWheel(capacity: capacity, start: start)
        clients = TupleTable(capacity: capacity)
        translations = TupleTable(capacity: capacity)
        arrivals = ArrivalClock(plan, start: start)
        resources = topology.services.map {
            ResourceReport(resource: "\($0.tenant)/\($0.name)", tenant: $0.tenant)
        }
        lastOpened = start
        lastIntended = start
        views = RouterViews(topology, start: start)
        faults = plan.newcomers.map { _ in FaultWatch() }
        nodeCounters = Array(repeating: NodeCounters(), count: topology.nodes.count)
        // The last track is of flows to another destination than the one that is used up.
        outages = OutageTracker(
            trackCount: topology.services.count * topology.bucketCount + 1)
        outbox = Array(repeating: [], count: topology.endpoints.count)
        if let destination = plan.exhausts {
            exhaustion = Exhaustion(
                bucketCount: topology.bucketCount, destination, start: start)
            exhaustion?.bystanders.flows = destination.bystanders
        }
    }

    /// A power of two that holds the flows open at once, with half as many again for chance; at
    /// most one for each flow of the run.
    private static func slots(for plan: RunPlan) -> Int {
        let mean = plan.profile.lifetime.meanMilliseconds / 1000
        let patience = plan.profile.patience
        let longest =
            mean * (plan.profile.lifetime.distribution == .fixed ? 1 : 3)
            + patience.retryMilliseconds / 1000 * Double(patience.attempts)
        // What begins while the others are held has room for half a minute's numbers.
        let newcomers = (plan.newcomers?.flowsPerSecond ?? 0) * 30
        let wanted =
            min(Double(plan.flows), plan.flowsPerSecond * longest * 1.5 + 1024) + newcomers
        var slots = 1024
        while Double(slots) < wanted { slots *= 2 }
        return slots
    }

    /// All flows were begun, and each has come to an end.
    public var isDone: Bool {
        arrivals.remaining == 0 && liveFlows == 0 && !(faults?.isYetToHold ?? false)
    }

    /// Whether flows are still to begin.
    public var isOpening: Bool { arrivals.remaining > 0 }

    /// Takes up a newer snapshot: who leads which bucket, new EIPs, targets and nodes.
    public mutating func update(_ snapshot: Snapshot) {
        topology.update(snapshot)
        views.table.use(topology.groups)
        for group in topology.groups { steer(group.id) }
        while nodeCounters.count < topology.nodes.count { nodeCounters.append(NodeCounters()) }
    }

    /// Begins no more flows; those that live run on to their ends.
    public mutating func stopOpening() {
        if isOpening { opened = counters }
        arrivals.stop()
    }

    /// When `tick` is wanted next, at most `limit` after `now`.
    public func nextDue(after now: Tick, limitNanoseconds limit: UInt64) -> Tick {
        let timer = min(
            wheel.nextDue(after: now, limitNanoseconds: limit), max(views.nextAsking, now))
        guard let arrival = nextArrival else { return timer }
        return min(timer, arrival)
    }

    /// Empties an endpoint's batch after it was sent.
    public mutating func clearOutbox(_ endpoint: Int) {
        outbox[endpoint].removeAll(keepingCapacity: true)
    }

    func slot(of number: UInt32) -> Int { Int(number) & (flows.count - 1) }
}
