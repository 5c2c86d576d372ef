// Metrics of the configuration: what its resources are called, and snapshots that were not run by.

import Configuration
import ControlClient
import Translation
import Wire

extension NodeOperations {
    func addConfiguration(to page: inout PrometheusText) {
        let counters = current.snapshots
        page.add(
            "hyperplane_node_snapshots_refused_total", .counter,
            help: "Snapshots that came or lay on disk and are not run by, by reason.",
            samples: SnapshotRefusal.allCases.map {
                ([("reason", $0.rawValue)], counters.refused[$0] ?? 0)
            })
        page.add(
            "hyperplane_node_snapshot_disk_failures_total", .counter,
            help: "Snapshots in force that the disk did not take.", value: counters.diskFailures)
    }

    /// What the resources of the snapshot in force are called, to be joined with their metrics.
    func addNames(to page: inout PrometheusText) {
        guard let snapshot = current.snapshot else { return }
        let tenants = Dictionary(
            snapshot.tenants.map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
        func labels(
            _ id: ResourceID, _ kind: ResourceKind, _ tenant: UInt64, _ name: String
        ) -> [(String, String)] {
            [
                ("resource", Identifier(id, kind).description),
                ("kind", kind == .natGateway ? "nat-gateway" : "load-balancer"),
                ("tenant", tenants[tenant] ?? Identifier(.tenant, tenant).description),
                ("name", name),
            ]
        }
        let gateways = snapshot.natGateways.map {
            labels($0.id, .natGateway, $0.tenant, $0.name)
        }
        let balancers = snapshot.loadBalancers.map {
            labels($0.id, .loadBalancer, $0.tenant, $0.name)
        }
        page.add(
            "hyperplane_resource_info", .gauge,
            help: "1 for each resource that this node knows, with its names.",
            samples: (gateways + balancers).map { ($0, 1) })
    }
}
