// A node's metrics for Prometheus. Names begin with `hyperplane_node_`; those of one resource with
// `hyperplane_resource_`, those of a gateway's ports with `hyperplane_ports_`.

import ControlClient

extension NodeOperations {
    // RFC 6888 §3 REQ-10.
    package func metrics() async -> String {
        let reports = await reports()
        let status = status(reports)
        var page = PrometheusText()
        page.add(
            "hyperplane_node_ready", .gauge, help: "1 if the node serves.",
            value: status.ready == true ? 1 : 0)
        page.add(
            "hyperplane_node_snapshot_version", .gauge,
            help: "Version of the configuration in force.", value: status.snapshotVersion ?? 0)
        page.add(
            "hyperplane_node_flows", .gauge, help: "Flows that live now.",
            value: status.flows ?? 0)
        page.add(
            "hyperplane_node_flow_capacity", .gauge, help: "Flows that the node can hold.",
            value: status.flowCapacity ?? 0)
        page.add(
            "hyperplane_node_memory_backed_ratio", .gauge,
            help: "Share of the tables' memory that has pages, 0 to 1.",
            fraction: status.memoryFraction ?? 0)
        page.add(
            "hyperplane_node_closed_version", .gauge,
            help: "The newest configuration that no flow outlives.",
            value: status.closedVersion ?? 0)
        page.add(
            "hyperplane_node_snapshot_age_seconds", .gauge,
            help: "Since the placement service last answered with a snapshot; -1 if it never did.",
            fraction: status.snapshotAgeSeconds ?? -1)
        page.add(
            "hyperplane_node_uptime_seconds", .gauge, help: "Since the node's start.",
            fraction: status.uptimeSeconds ?? 0)
        page.add(
            "hyperplane_node_ports_rest_seconds", .gauge,
            help: "Until ports of this node are given again after a loss of memory; 0: they are.",
            fraction: status.portsRestSeconds ?? 0)
        addConfiguration(to: &page)
        addPackets(status.counters ?? NodeAPI.Counters(), to: &page)
        addMade(reports, to: &page)
        addFragments(reports, to: &page)
        addLoans(reports, to: &page)
        addBatches(reports, to: &page)
        addConsensus(reports, to: &page)
        addResources(status.resources ?? [], to: &page)
        addNames(to: &page)
        addPorts(to: &page)
        return page.text
    }

    private func addPackets(_ counters: NodeAPI.Counters, to page: inout PrometheusText) {
        page.add(
            "hyperplane_node_packets_total", .counter,
            help: "Packets by what became of them; in = all others together.",
            samples: [
                ([("outcome", "in")], counters.packetsIn),
                ([("outcome", "forwarded")], counters.packetsForwarded),
                ([("outcome", "passed_on")], counters.packetsPassedOn),
                ([("outcome", "handed_over")], counters.packetsHandedOver),
                ([("outcome", "parked")], counters.packetsParked),
                ([("outcome", "dropped")], counters.packetsDropped),
            ])
        page.add(
            "hyperplane_node_drops_total", .counter, help: "Dropped packets by reason.",
            samples: counters.drops.sorted { $0.key < $1.key }
                .map { ([("reason", $0.key)], $0.value) })
        page.add(
            "hyperplane_node_socket_losses_total", .counter,
            help: "Packets lost at the sockets, by reason.",
            samples: counters.sockets.sorted { $0.key < $1.key }
                .map { ([("reason", $0.key)], $0.value) })
    }

    private func addResources(
        _ resources: [NodeAPI.ResourceCounters], to page: inout PrometheusText
    ) {
        typealias Field = KeyPath<NodeAPI.ResourceCounters, UInt64>
        let fields: [(name: String, help: String, field: Field)] = [
            ("flows_created_total", "Flows begun.", \.flowsCreated),
            ("flows_ended_total", "Flows ended.", \.flowsEnded),
            ("packets_outbound_total", "Packets sent outbound.", \.packetsOutbound),
            ("packets_inbound_total", "Packets sent inbound.", \.packetsInbound),
            ("bytes_outbound_total", "Bytes of IP packets sent outbound.", \.bytesOutbound),
            ("bytes_inbound_total", "Bytes of IP packets sent inbound.", \.bytesInbound),
            ("packets_dropped_total", "Packets dropped.", \.packetsDropped),
        ]
        for entry in fields {
            page.add(
                "hyperplane_resource_" + entry.name, .counter, help: entry.help,
                samples: resources.map {
                    ([("resource", $0.resource)], $0[keyPath: entry.field])
                })
        }
        page.add(
            "hyperplane_resource_drops_total", .counter,
            help: "Dropped packets by resource and reason.",
            samples: resources.flatMap { resource in
                resource.drops.sorted { $0.key < $1.key }.map {
                    ([("resource", resource.resource), ("reason", $0.key)], $0.value)
                }
            })
    }
}
