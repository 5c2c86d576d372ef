// The nodes' own counters, asked at their endpoints after a run.

import Configuration
import ControlClient
import Traffic
import Wire

enum NodeCounters {
    /// What each node counted; those that don't answer are left to a note.
    static func read(_ nodes: [NodeEntry]) async -> (balance: [NodeBalance], silent: [String]) {
        var balance: [NodeBalance] = []
        var silent: [String] = []
        // By name, and node2 before node10.
        let ordered = nodes.sorted { ($0.name.utf8.count, $0.name) < ($1.name.utf8.count, $1.name) }
        for node in ordered {
            let status = try? await ControlClient(url: "http://\(node.operations)").nodeStatus()
            if let status, let counters = status.counters {
                balance.append(NodeBalance(node.name, counters, status.resources ?? []))
            } else {
                silent.append(node.name)
            }
        }
        return (balance, silent)
    }
}

extension NodeBalance {
    fileprivate init(
        _ name: String, _ counters: NodeAPI.Counters, _ resources: [NodeAPI.ResourceCounters]
    ) {
        self.init(
            node: name, packetsIn: counters.packetsIn,
            packetsOut: counters.packetsForwarded + counters.packetsPassedOn
                + counters.packetsHandedOver,
            packetsParked: counters.packetsParked, packetsDropped: counters.packetsDropped,
            drops: Drop.list(counters.drops), resources: resources.map(ResourceBalance.init))
    }
}

extension ResourceBalance {
    fileprivate init(_ counters: NodeAPI.ResourceCounters) {
        self.init(
            resource: counters.resource, packetsIn: counters.packetsIn,
            packetsOut: counters.packetsOutbound + counters.packetsInbound,
            packetsDropped: counters.packetsDropped, drops: NodeBalance.Drop.list(counters.drops))
    }
}

extension NodeBalance.Drop {
    fileprivate static func list(_ drops: [String: UInt64]) -> [NodeBalance.Drop] {
        drops.sorted { $0.key < $1.key }.map { NodeBalance.Drop(reason: $0.key, packets: $0.value) }
    }
}

extension RunReport {
    /// Asks the nodes of a run and adds what they say.
    mutating func addCounters(of topology: Topology) async {
        let (balance, silent) = await NodeCounters.read(topology.nodes)
        add(balance)
        for service in topology.services {
            let kind: IdentifierKind =
                service.kind == .natGateway ? .natGateway : .loadBalancer
            name("\(Identifier(kind, service.id.rawValue))", "\(service.tenant)/\(service.name)")
        }
        if !silent.isEmpty {
            notes.append("no counters from \(silent.joined(separator: ", "))")
        }
    }
}
