// A newer snapshot while a run goes on: routers and edges take it up every second, so the emulated
// ones do too.

import Configuration
public import Wire

extension Topology {
    /// Takes up leaders, EIPs, targets and nodes of a newer snapshot.
    ///
    /// Hosts and edges stay as they were, since their sockets are open, and so do the resources
    /// that are driven. What a resource gave up is still its own in this run: flows that began
    /// before keep it.
    mutating func update(_ snapshot: Snapshot) {
        for node in snapshot.nodes {
            if let known = nodes.firstIndex(where: { $0.id == node.id }) {
                nodes[known] = node
            } else {
                nodes.append(node)
            }
        }
        nodeOrdinals = AddressOrdinals(nodes.map(\.address))
        // Only resources that can be read whole count; a gap shows in a later snapshot.
        var reader = ServiceReader(snapshot, Selection())
        guard let read = try? reader.read(nodes) else { return }
        for index in services.indices {
            if let newer = read.first(where: { $0.id == services[index].id }) {
                services[index].update(newer)
            }
        }
        groups = Self.groups(snapshot, of: services)
    }
}

extension TrafficEngine {
    /// A target that is about to be registered with the first resource: nodes may know of it
    /// before a snapshot says so here.
    public mutating func expect(_ target: IPv4Address, port: Port) {
        let target = ServiceTarget(address: .v4(target), port: port)
        for index in topology.services[0].listeners.indices
        where !topology.services[0].listeners[index].targets.contains(target) {
            topology.services[0].listeners[index].targets.append(target)
        }
    }
}

extension Service {
    mutating func update(_ newer: Service) {
        leaders = newer.leaders
        isSticky = newer.isSticky
        eips += newer.eips.filter { !eips.contains($0) }
        for listener in newer.listeners {
            guard let index = listeners.firstIndex(where: { $0.index == listener.index }) else {
                continue
            }
            let known = listeners[index].targets
            listeners[index].targets += listener.targets.filter { !known.contains($0) }
        }
    }
}
