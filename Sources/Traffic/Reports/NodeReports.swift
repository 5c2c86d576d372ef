// The traffic of each node, for reports.

import Configuration
import Wire

extension NodeCounters {
    /// Each node's share, by name, and node2 before node10.
    static func reports(
        _ counters: [NodeCounters], _ topology: Topology, seconds: Double
    ) -> [RunReport.Node] {
        let total = max(counters.reduce(0) { $0 + $1.received }, 1)
        var reports: [RunReport.Node] = []
        for (index, node) in topology.nodes.enumerated() {
            let counts = counters[index]
            reports.append(
                RunReport.Node(
                    name: node.name, address: node.address.description,
                    packetsSent: counts.sent, packetsReceived: counts.received,
                    bitsPerSecond: Double(counts.receivedBytes) * 8 / seconds,
                    share: Double(counts.received) / Double(total),
                    roundTripMicroseconds: RunReport.Latency(counts.roundTrip)))
        }
        return reports.sorted { ($0.name.utf8.count, $0.name) < ($1.name.utf8.count, $1.name) }
    }
}
