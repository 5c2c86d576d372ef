// Who holds one flow's record, for whoever looks into a violation: a line in the log whenever that
// changes. It is no event of the run, so the hash stays as it is.

/// One flow that is watched.
struct FlowWatch {
    let flow: Int
    /// By node: whether it holds the record when last looked.
    var held: [Bool] = []
}

extension Simulation {
    /// Adds a line to the log whenever a node comes to hold the flow's record, or loses it. Costs a look
    /// at every node after every event.
    public func watch(flow: Int) { watched = FlowWatch(flow: flow) }

    func lookAtWatched() {
        guard var watch = watched, flows.indices.contains(watch.flow) else { return }
        let held = nodes.map { $0.holds(flows[watch.flow], in: world) }
        guard held != watch.held else { return }
        watch.held = held
        watched = watch
        let names = held.indices.filter { held[$0] }.map { world.name(of: $0) }
        log.remark("\(now) held     f\(watch.flow) by \(names.joined(separator: " "))")
    }
}
