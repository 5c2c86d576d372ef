// A packet that leaves a node towards a host or an edge: what the checkers look at.

import Wire

/// One such packet.
struct Departure: Sendable {
    var packet: ReadPacket
    var node: Int
    var engine: Int
    /// Where it goes.
    var machine: Machine
    var at: Moment

    /// Towards a server or a target.
    var isOutbound: Bool { !packet.overlay.marks.contains(.inbound) }
}

/// The checkers that look at each packet, one an invariant.
struct Checks {
    var shared = NoSharedTranslation()
    var stable = StableTranslation()
    var committed = CommittedBeforeRelease()
    var tenants = TenantIsolation()
    var convergence = Convergence()
    var views: WitnessedViews
    var generations = Generations()

    init(copies: Int) { views = WitnessedViews(copies: copies) }

    /// A packet leaves; the invariant that it breaks, and how.
    mutating func departed(_ departure: Departure, in run: Simulation) -> (Int, String)? {
        if let message = tenants.check(departure, in: run) { return (5, message) }
        guard let flow = departure.packet.flow else { return nil }
        guard flow < run.flows.count else {
            return (5, "\(departure.packet.summary.tuple) is of no flow that anyone sent")
        }
        if let message = stable.check(departure, flow, in: run) { return (2, message) }
        let translated = stable[flow].translated ?? departure.packet.summary.tuple
        let isVoid = stable.isVoid(flow, translated, at: departure.at, in: run)
        if let message = shared.check(departure, flow, isVoid: isVoid, in: run) {
            return (1, message)
        }
        if let message = committed.check(departure, flow, in: run) { return (3, message) }
        stable.refresh(departure, flow)
        if !departure.isOutbound {
            shared.answerLeft(departure, flow, as: stable[flow].translated)
        }
        return nil
    }

    /// A batch leaves; a view that becomes active by it is looked at at once.
    mutating func batchLeft(_ bytes: RawSpan, in run: Simulation) -> (Int, String)? {
        for news in views.left(bytes) {
            switch news {
            case .newView(let group): committed.viewSent(group, in: run)
            case .active(let group):
                if let finding = generationBegan(group, in: run) { return finding }
                if let finding = bucketsBegan(group, in: run) { return finding }
                if let finding = FullHolders.check(stable, views, group: group, in: run) {
                    return finding
                }
            }
        }
        return nil
    }

    /// A group's view became active: is it of a new generation, and may it be?
    private mutating func generationBegan(_ group: UInt64, in run: Simulation) -> (Int, String)? {
        guard let view = views.groups[group]?.active else { return nil }
        switch generations.isVoid(group, view) {
        case nil: return (4, "group \(group) began anew, and enough members remembered")
        case false?: break
        case true?:
            for flow in stable.void(group, in: run) {
                shared.lost(flow, as: stable[flow].translated)
            }
        }
        stable.undecided = generations.undecided
        return nil
    }

    /// Some of its buckets began anew: had all that were full of them lost their memory?
    private mutating func bucketsBegan(_ group: UInt64, in run: Simulation) -> (Int, String)? {
        for (bucket, full) in views.groups[group]?.begun ?? [] {
            let index = BucketIndex(bucket)
            for (id, start) in full {
                guard let node = run.world.node(id), run.nodes[node].runs(start),
                    run.isMember(id, of: group)
                else { continue }
                return (4, "bucket \(bucket) began anew, and node\(node + 1) was full of it")
            }
            for flow in stable.void(group, index, in: run) {
                shared.lost(flow, as: stable[flow].translated)
            }
        }
        return nil
    }

    /// Looks at all that is stored.
    func audit(in run: Simulation) -> (Int, String)? {
        FullHolders.check(stable, views, in: run)
    }

    /// A node is about to lose its memory.
    mutating func crashed(_ node: Int, in run: Simulation) {
        for flow in stable.crashed(node, views, in: run) {
            shared.lost(flow, as: stable[flow].translated)
        }
        committed.crashed(node, in: run)
        generations.crashed(node, views, in: run)
        stable.undecided = generations.undecided
    }
}
