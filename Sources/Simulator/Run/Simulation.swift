// One run of a plan with a seed: the loop over its events. Everything that happens is drawn from
// the seed, so the same seed gives the same run, to the bit.

import Configuration
import Wire

/// A run. Make it, `run()` it once.
public final class Simulation {
    let plan: Plan
    let seed: UInt64
    let world: World
    var now = Moment.start
    var queue = EventQueue()
    var network: Network
    var nodes: [SimulatedNode] = []
    var control: ControlPlane
    var checks: Checks
    var log = RunLog()
    var figures = Figures()
    var violation: Violation?
    var watched: FlowWatch?
    var phase = Phase.faults

    var flows: [WorkloadFlow] = []
    var flowPlaces: [FlowPlace: Int] = [:]
    /// Live flows, by workload.
    var openFlows: [Int]
    /// By service: the next port of a client, so that no two flows have the same addresses.
    var nextPorts: [UInt16]
    var beliefs: LeaderBeliefs

    var nodeRandom: SeededRandom
    var workloadRandom: SeededRandom
    var faultRandom: SeededRandom
    var changeRandom: SeededRandom
    /// Called before each datagram that leaves a node is looked at: tests tamper with the wire by it,
    /// and make datagrams vanish, to see that the checkers see.
    var tamper: ((inout Datagram) -> Void)?
    var swallow: ((Datagram) -> Bool)?
    /// R, of which the checkers must find as many copies.
    var requiredCopies: Int

    /// Where a run stands: faults come; nothing new comes and the cluster settles; every request
    /// must be answered; only what was asked is awaited.
    enum Phase: UInt8, Comparable {
        case faults, calm, demand, quiet
        static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    public init(_ plan: Plan, seed: UInt64) {
        self.plan = plan
        self.seed = seed
        let world = World(plan, seed: seed)
        self.world = world
        network = Network(plan, machines: world.machineCount, seed: seed)
        control = ControlPlane(world)
        checks = Checks(copies: plan.cluster.copies)
        requiredCopies = plan.cluster.copies
        openFlows = Array(repeating: 0, count: plan.workloads.count)
        nextPorts = Array(repeating: 20_000, count: world.services.count)
        beliefs = LeaderBeliefs(world)
        nodeRandom = SeededRandom(seed: seed, stream: .nodes)
        workloadRandom = SeededRandom(seed: seed, stream: .workload)
        faultRandom = SeededRandom(seed: seed, stream: .faults)
        changeRandom = SeededRandom(seed: seed, stream: .changes)
        for index in 0..<world.nodeCount { addNode(index) }
    }

    private func addNode(_ index: Int) {
        let drift = plan.cluster.driftPerMillion
        let clock = NodeClock(
            startNanoseconds: 1_000_000_000_000 + nodeRandom.nanoseconds(0...1_000_000_000_000),
            driftPerMillion: Int64(nodeRandom.below(2 * drift + 1) - drift))
        nodes.append(
            SimulatedNode(
                index: index, id: world.nodeID(index), clock: clock, snapshot: world.snapshot))
    }

    /// Lines of the log go there as they happen.
    public func writeLog(to sink: @escaping (String) -> Void) { log.sink = sink }

    /// Plays the plan.
    public func run() -> Outcome {
        begin()
        while violation == nil, let event = queue.next() {
            now = Moment(nanoseconds: event.time)
            guard event.kind != .end else {
                finish()
                break
            }
            happen(event)
            lookAtWatched()
        }
        var outcome = Outcome(
            plan: plan.name, seed: seed, hash: log.hash, events: log.events,
            simulatedNanoseconds: now.nanoseconds, violation: violation)
        if violation != nil {
            let groups = nodes.flatMap { $0.groupLines(control.snapshot.groups) }
            outcome.lastLines = log.lastLines(world) + nodes.map(\.dropLine) + groups
        }
        figures.loans += nodes.reduce(0) { $0 + $1.loansTaken }
        outcome.figures = figures
        return outcome
    }

    private func begin() {
        for node in nodes { startNode(node) }
        // Nodes greet each other before the first flow.
        let first = Moment.start + 200_000_000
        for index in plan.workloads.indices { queue.plan(.arrivals, at: first, index) }
        for (index, fault) in plan.faults.enumerated() {
            let wait = faultRandom.around(fault.everyNanoseconds)
            queue.plan(.fault, at: Moment.start + (fault.afterNanoseconds + wait), index)
        }
        for (index, change) in plan.changes.enumerated() {
            let wait = changeRandom.around(change.everyNanoseconds)
            queue.plan(.change, at: Moment.start + (change.afterNanoseconds + wait), index)
        }
        queue.plan(.control, at: first)
        queue.plan(.audit, at: first)
        for machine in world.nodeCount..<world.machineCount {
            queue.plan(
                .subscribe, at: Moment.start + nodeRandom.nanoseconds(1...100_000_000), machine)
        }
        let calm = Moment.start + plan.time.faultsNanoseconds
        let end = calm + plan.time.settleNanoseconds
        queue.plan(.calm, at: calm)
        queue.plan(.demand, at: calm + plan.time.settleNanoseconds / 2)
        // What was asked last still has half a second to be answered.
        queue.plan(.end, at: end + 500_000_000)
        queue.plan(.demand, at: end, 1)
    }

    private func happen(_ event: Event) {
        let first = Int(event.first)
        switch event.kind {
        case .deliver: arrive(network.take(first))
        case .turn: turn(first, Int(event.second), start: event.third)
        case .tick: tick(first, Int(event.second), start: event.third)
        case .client: step(of: first, timer: event.third)
        case .arrivals: openFlow(first)
        case .reply: send(network.take(first))
        case .fault: inflict(first)
        case .relief: relieve(first, start: event.third)
        case .fetch: fetch(first, start: event.third)
        case .subscribe: subscribe(first)
        case .change: change(first)
        case .control: controlStep()
        case .audit: audit()
        case .calm: calm()
        case .demand: demand(isOver: first == 1)
        case .end: break
        }
    }

    // MARK: Log and judgement

    func note(_ kind: LogKind, from: Int = -1, to: Int = -1, _ value: UInt64 = 0) {
        log.add(
            LogEntry(at: now, kind: kind, from: from, to: to, bytes: [], value: value), world)
    }

    func note(_ kind: LogKind, _ datagram: Datagram) {
        log.add(
            LogEntry(
                at: now, kind: kind, from: datagram.from, to: datagram.to,
                bytes: datagram.bytes, value: 0), world)
    }

    /// The first violation ends the run.
    func judge(_ invariant: Int, _ message: String?) {
        guard let message, violation == nil else { return }
        violation = Violation(invariant: invariant, at: now, message: message)
    }

    /// Looks ten times a second at what is stored.
    private func audit() {
        queue.plan(.audit, at: now + 100_000_000)
        if let (invariant, message) = checks.audit(in: self) { judge(invariant, message) }
    }

    // MARK: The wire

    /// Puts a datagram on the wire.
    func send(_ datagram: Datagram) {
        switch network.fate(from: datagram.from, to: datagram.to, at: now) {
        case .lost: note(.lost, datagram)
        case .cut: note(.cut, datagram)
        case .once(let arrival):
            note(.sent, datagram)
            queue.plan(.deliver, at: arrival, network.store(datagram))
        case .twice(let arrival, let second):
            note(.doubled, datagram)
            queue.plan(.deliver, at: arrival, network.store(datagram))
            queue.plan(.deliver, at: second, network.store(datagram))
        }
    }

    private func arrive(_ datagram: Datagram) {
        if datagram.to < world.nodeCount {
            arriveAtNode(datagram)
        } else if datagram.isBatch {
            arriveAnnouncement(datagram)
        } else if let packet = ReadPacket(datagram.bytes.rawSpan) {
            arriveAtMachine(datagram, packet)
        }
    }
}
