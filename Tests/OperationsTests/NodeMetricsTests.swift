// Metrics of the configuration and of a node that lost its memory.

import Configuration
import ControlClient
import Foundation
import Operations
import Testing
import Wire

struct NodeMetricsTests {
    @Test func `names of resources and of their tenants can be joined with their metrics`()
        async throws
    {
        try await withNode { node in
            let page = await node.operations.metrics()
            let gateway = Identifier(.natGateway, Snapshot.gateway.rawValue).description
            let balancer = Identifier(.loadBalancer, Snapshot.balancer.rawValue).description
            for (resource, kind, name) in [
                (gateway, "nat-gateway", "main"), (balancer, "load-balancer", "web"),
            ] {
                let labels =
                    "resource=\"\(resource)\",kind=\"\(kind)\",tenant=\"acme\",name=\"\(name)\""
                #expect(page.contains("\nhyperplane_resource_info{\(labels)} 1\n"))
                #expect(
                    page.contains(
                        "\nhyperplane_resource_flows_created_total{resource=\"\(resource)\"} "))
            }
        }
    }

    @Test func `how long a node's own ports rest is in its status and its metrics`() async throws {
        try await withNode { node in
            #expect(await node.operations.status().portsRestSeconds == 57.5)
            let page = await node.operations.metrics()
            #expect(page.contains("\nhyperplane_node_ports_rest_seconds 57.5\n"))
        }
    }

    @Test func `snapshots that are not run by are counted by reason`() async throws {
        let directory = FileManager.default.temporaryDirectory
            .appending(path: "hyperplane-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        try Data(repeating: 0x20, count: 100).write(to: directory.appending(path: "snapshot"))
        let fetcher = SnapshotFetcher(
            client: try ControlClient(url: "http://127.0.0.1:1"),
            reader: .node(Identifier(.node, 1)), directory: directory.path)
        _ = await fetcher.loadFromDisk()
        try await withNode { node in
            node.operations.setSnapshotCounters(await fetcher.counters)
            let page = await node.operations.metrics()
            for (reason, count) in [("notASnapshot", 1), ("torn", 0), ("unfit", 0)] {
                let name = "hyperplane_node_snapshots_refused_total"
                #expect(page.contains("\n\(name){reason=\"\(reason)\"} \(count)\n"))
            }
        }
    }
}
