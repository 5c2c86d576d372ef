// What the server counts of the requests it answers, and the page that shows it.

import ControlClient
import Synchronization

/// Requests by method and status. Shared by all connections.
final class ServerMetrics: Sendable {
    private struct Key: Hashable {
        var method: String
        var status: Int
    }

    private let requests = Mutex<[Key: UInt64]>([:])
    /// Methods that have a count of their own; others can't grow the table.
    private static let methods: Set<String> = ["GET", "POST", "PUT", "PATCH", "DELETE"]

    func count(method: String, status: Int) {
        let key = Key(
            method: Self.methods.contains(method) ? method : "unknown", status: status)
        requests.withLock { $0[key, default: 0] += 1 }
    }

    func page(of service: ControlService) async -> Answer {
        var page = PrometheusText()
        let counts = requests.withLock { $0 }
            .sorted { ($0.key.method, $0.key.status) < ($1.key.method, $1.key.status) }
        page.add(
            "hyperplane_placement_http_requests_total", .counter, help: "Requests answered.",
            samples: counts.map {
                ([("method", $0.key.method), ("status", "\($0.key.status)")], $0.value)
            })
        let counters = await service.counters
        page.add(
            "hyperplane_placement_changes_total", .counter, help: "Transactions committed.",
            value: counters.changes)
        page.add(
            "hyperplane_placement_change_conflicts_total", .counter,
            help: "Transactions lost to another service's change.", value: counters.conflicts)
        page.add(
            "hyperplane_placement_store_failures_total", .counter,
            help: "Transactions that the store could not carry out.",
            value: counters.storeFailures)
        page.add(
            "hyperplane_placement_snapshot_fetches_total", .counter,
            help: "Snapshots asked for by nodes, routers and edges.",
            value: counters.snapshotFetches)
        page.add(
            "hyperplane_placement_snapshot_bytes", .gauge,
            help: "Bytes of the longest snapshot of the newest version: a size class.",
            value: counters.longestSnapshotBytes)
        let registry = await service.current
        page.add(
            "hyperplane_placement_awaited_nodes", .gauge,
            help: "Nodes whose word a released address or deleted resource waits for.",
            value: UInt64(registry.awaitedNodes.count))
        page.add(
            "hyperplane_placement_registry_version", .gauge,
            help: "The registry's newest version.", value: registry.version)
        page.add(
            "hyperplane_placement_registry_size", .gauge, help: "Things in the registry.",
            samples: registry.sizes.map { ([("noun", $0.noun)], UInt64($0.count)) })
        return Answer(
            status: 200, contentType: PrometheusText.contentType, body: Array(page.text.utf8))
    }
}

extension Registry {
    var sizes: [(noun: String, count: Int)] {
        [
            ("tenant", tenants.count), ("group", groups.count), ("node", nodes.count),
            ("vpc", vpcs.count), ("host", hosts.count), ("edge", edges.count),
            ("eip", eips.count), ("nat-gateway", natGateways.count),
            ("load-balancer", loadBalancers.count), ("listener", listeners.count),
            ("target-group", targetGroups.count), ("target", targets.count),
        ]
    }
}
