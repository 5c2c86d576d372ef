// The stages of a run that uses up ports: open until refused, count, prove, and again.

import Steering
public import Wire

extension TrafficEngine {
    /// Whether every bucket was found full, or all flows were spent, and none is being opened.
    public var isFilled: Bool { !isOpening && openingFlows == 0 }

    /// Whether every flow that had to prove that it is alive did, or is no more.
    public var isProven: Bool { exhaustion?.unproven == 0 }

    /// EIPs of the gateway whose ports are used up.
    public var gatewayEIPs: Int { topology.services[workload.streams[0].service].eips.count }

    /// Begins a stage: up to `flows` flows more, of which `expected` must be established.
    public mutating func beginStage(_ name: String, expected: Int, flows: Int, _ now: Tick) {
        let stage = ExhaustionReport.Stage(name: name, eips: gatewayEIPs, expected: expected)
        exhaustion?.begin(stage, now)
        arrivals.resume(flows, at: now)
    }

    /// Ends `count` flows, for a stage that uses their ports again. TCP closes, others fall silent.
    public mutating func release(_ count: Int, _ now: Tick) {
        var left = count
        var freed = Array(repeating: 0, count: topology.bucketCount)
        for slot in flows.indices where left > 0 && flows[slot].phase == .established {
            guard !isBystander(slot), flows[slot].attempts == 0 else { continue }
            left -= 1
            freed[Int(flows[slot].bucket.rawValue)] += 1
            if flows[slot].ipProtocol == .tcp {
                flows[slot].phase = .closing
                flows[slot].attempts = 0
                wheel.schedule(UInt32(slot), at: now)
            } else {
                end(slot, .completed)
            }
        }
        freedPorts = freed
    }

    /// Opens as many flows in each bucket as were released there.
    public mutating func beginReuse(_ now: Tick) {
        let count = freedPorts.reduce(0, +)
        let stage = ExhaustionReport.Stage(
            name: ExhaustionReport.Stage.reuseName, eips: gatewayEIPs, expected: count)
        exhaustion?.begin(stage, credits: freedPorts, now)
        // Numbers of other buckets are passed over; each flow that is begun takes one credit.
        arrivals.resume(count, at: now)
    }

    /// Lets every live flow send a request that must be answered, spread over `nanoseconds`; after
    /// the answer it ends, or goes on if `keeping`.
    public mutating func proveAll(_ now: Tick, over nanoseconds: UInt64, keeping: Bool = false) {
        let spacing = nanoseconds / UInt64(max(liveFlows, 1))
        var due = now
        exhaustion?.keepsProven = keeping
        exhaustion?.proven = 0
        exhaustion?.unproven = 0
        for slot in flows.indices where flows[slot].isLive && flows[slot].phase != .closing {
            flows[slot].due = TimerWheel.rounded(due)
            flows[slot].lifetimeNanoseconds = flows[slot].due - flows[slot].opened
            flows[slot].attempts = 0
            flows[slot].marks.insert(.unproven)
            exhaustion?.unproven += 1
            wheel.schedule(UInt32(slot), at: due)
            due = due + spacing
        }
    }

    /// A flow's request was answered after `proveAll`. True if the flow goes on.
    mutating func noteProof(_ slot: Int, _ now: Tick) -> Bool {
        guard flows[slot].marks.remove(.unproven) != nil, let keeps = exhaustion?.keepsProven
        else { return false }
        exhaustion?.unproven -= 1
        if !isBystander(slot) { exhaustion?.proven += 1 }
        guard keeps else { return false }
        flows[slot].phase = .established
        flows[slot].lifetimeNanoseconds = UInt64(
            workload.plan.profile.lifetime.meanMilliseconds * 1e6)
        scheduleNext(slot, now)
        return true
    }

    /// A flow has ended: it proves nothing any more.
    mutating func dropProof(_ slot: Int) {
        if flows[slot].marks.remove(.unproven) != nil { exhaustion?.unproven -= 1 }
    }

    /// Closes the stage whose flows have been opened.
    public mutating func closeStage() {
        let held = heldFlows
        exhaustion?.close(held: held)
    }

    /// Notes how many of the stage's flows proved that they are alive.
    public mutating func closeProof() { exhaustion?.noteProven() }

    /// Live flows to the destination. Walks all slots.
    private var heldFlows: Int {
        flows.indices.reduce(0) { $0 + (isHeld($1) ? 1 : 0) }
    }

    private func isHeld(_ slot: Int) -> Bool {
        let record = flows[slot]
        return record.isLive && record.phase != .opening && record.phase != .closing
            && !isBystander(slot)
    }

    func isBystander(_ slot: Int) -> Bool {
        exhaustion?.destination.isBystander(flows[slot].number) ?? false
    }

    /// How many live flows hold a port of each EIP and each bucket. Walks all slots.
    public func census() -> ExhaustionReport {
        let service = topology.services[workload.streams[0].service]
        var eips = Array(repeating: 0, count: service.eips.count)
        var buckets = Array(repeating: 0, count: topology.bucketCount)
        for slot in flows.indices where isHeld(slot) {
            let record = flows[slot]
            if let index = service.eips.firstIndex(where: { .v4($0) == record.seenSource }) {
                eips[index] += 1
            }
            let owner = topology.portSets.bucket(of: record.seenSourcePort) ?? record.bucket
            buckets[Int(owner.rawValue)] += 1
        }
        let destination = exhaustion?.destination
        return ExhaustionReport(
            destination: destination.map(\.name) ?? "",
            expected: service.eips.count * topology.portsPerEIP, held: eips.reduce(0, +),
            proven: 0,
            perEIP: zip(service.eips, eips).map {
                ExhaustionReport.EIP(address: $0.description, ports: $1)
            },
            leastOfABucket: buckets.min() ?? 0, mostOfABucket: buckets.max() ?? 0,
            bystanders: ExhaustionReport.Bystanders())
    }

    mutating func noteRefusal(_ record: FlowRecord, _ refusal: Refusal, _ now: Tick) {
        exhaustion?.refused(record.bucket, refusal, now)
    }

    /// When the next flow should begin: not before a bucket takes any.
    var nextArrival: Tick? {
        guard let arrival = arrivals.next, let exhaustion else { return arrivals.next }
        return max(arrival, exhaustion.nextTry)
    }

    /// Ends the opening when all buckets were refused for long enough.
    mutating func stopIfSpent(_ now: Tick) {
        guard let exhaustion, isOpening, exhaustion.isSpent(now), openingFlows == 0 else { return }
        stopOpening()
    }

    /// Flows that could not be tried in their time are not made up for.
    mutating func forgetDelay(_ now: Tick) {
        if exhaustion?.onlyAsks == true { arrivals.resume(arrivals.remaining, at: now) }
    }

    /// The flows to another destination, for the report.
    func bystanderReport() -> ExhaustionReport.Bystanders? {
        guard var report = exhaustion?.bystanders, let destination = exhaustion?.destination
        else { return nil }
        report.destination = "\(destination.server(of: 0))"
        let outage = outages.longest(of: outages.count - 1)
        report.longestOutageMilliseconds = Double(outage) / 1e6
        return report
    }
}
