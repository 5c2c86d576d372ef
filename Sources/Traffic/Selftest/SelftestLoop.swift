// Engine and translator joined without sockets.

public import Wire

/// The engine with the perfect translator in the cluster's place. `step` at rising times until
/// `engine.isDone`.
public struct SelftestLoop: ~Copyable {
    public var engine: TrafficEngine
    public var translator: PerfectTranslator
    public var pool: FramePool
    private var inboxes: [[Packet]]

    public init(
        _ plan: RunPlan, _ topology: Topology, fault: Fault? = nil, start: Tick, frames: Int = 4096
    ) throws(TopologyError) {
        engine = try TrafficEngine(plan, topology, start: start)
        translator = PerfectTranslator(
            topology, capacity: plan.flows + (plan.newcomers?.flows ?? 0) + 16, fault: fault)
        pool = FramePool(count: frames, frameBytes: 10_240)
        inboxes = Array(repeating: [], count: topology.endpoints.count)
    }

    /// Sends what is due, and delivers until nothing is on the way. True if more is due.
    public mutating func step(_ now: Tick) -> Bool {
        let more = engine.tick(now, pool: &pool)
        while exchange(now) {}
        return more
    }

    /// Delivers all that is in the outbox. False if there was nothing.
    private mutating func exchange(_ now: Tick) -> Bool {
        var moved = false
        for endpoint in inboxes.indices where !engine.outbox[endpoint].isEmpty {
            moved = true
            translator.forward(
                engine.outbox[endpoint], from: endpoint, pool: &pool, into: &inboxes)
            engine.clearOutbox(endpoint)
        }
        for endpoint in inboxes.indices where !inboxes[endpoint].isEmpty {
            engine.handle(inboxes[endpoint], at: endpoint, now, pool: &pool)
            inboxes[endpoint].removeAll(keepingCapacity: true)
        }
        return moved
    }
}
