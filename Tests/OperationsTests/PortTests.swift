// Ports in use as a node tells them: through a whole engine, in metrics and in its log.

import Configuration
import ControlClient
import Logging
import Operations
import Synchronization
import Testing
import Wire

/// Lines of a log, as text.
private final class LogLines: Sendable {
    private let lines = Mutex<[String]>([])

    struct Handler: LogHandler {
        let book: LogLines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.MetadataValue? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let words = (event.metadata ?? [:]).map { "\($0.key)=\($0.value)" }.sorted()
            book.append("\(event.level): \(event.message) \(words.joined(separator: " "))")
        }
    }

    private func append(_ line: String) { lines.withLock { $0.append(line) } }

    func take() -> [String] {
        lines.withLock { lines in
            defer { lines = [] }
            return lines
        }
    }

    var logger: Logger { Logger(label: "test") { _ in Handler(book: self) } }
}

struct PortTests {
    /// One EIP of 64 ports.
    private static let small: Snapshot = {
        var snapshot = Snapshot.sample
        snapshot.cluster.portRange = 1024...1087
        snapshot.cluster.bucketCount = 4
        snapshot.groups[0].leaders = [0, 0, 0, 0]
        return snapshot
    }()

    private func begin(
        _ range: Range<Int>, on node: ServedNode, to destination: String = "198.51.100.7"
    ) async throws {
        for number in range {
            let asked = NodeAPI.ExplainRequest(
                resource: Identifier(.natGateway, Snapshot.gateway.rawValue).description,
                direction: "outbound", vni: 100, ipProtocol: "tcp",
                source: "10.0.1.\(1 + number % 2)", sourcePort: 4000 + number,
                destination: destination, destinationPort: 443)
            _ = await node.send(try DescribedPacket(asked, Self.small))
        }
    }

    @Test func `used ports are told by destination, by client and by EIP`() async throws {
        try await withNode(Self.small) { node in
            try await begin(0..<40, on: node)
            try await begin(40..<50, on: node, to: "198.51.100.8")
            let byDestination = try await node.operations.ports(PortQuery())
            #expect(byDestination.uses.map(\.used) == [40, 10])
            #expect(byDestination.uses.map(\.destination) == ["198.51.100.7", "198.51.100.8"])
            #expect(byDestination.gateways.map(\.portsPerEIP) == [64])
            #expect(byDestination.gateways.map(\.eips) == [["203.0.113.1"]])
            #expect(byDestination.unlisted == 0)
            let byClient = try await node.operations.ports(PortQuery(by: "client"))
            #expect(byClient.uses.map(\.used) == [20, 20, 5, 5, 25, 25])
            #expect(byClient.uses.map(\.subject).suffix(2) == ["10.0.1.1", "10.0.1.2"])
            let byEIP = try await node.operations.ports(PortQuery(by: "eip"))
            #expect(byEIP.uses.map(\.used) == [40, 10, 50])
            #expect(byEIP.uses.allSatisfy { $0.subject == "203.0.113.1" })
            let limited = try await node.operations.ports(PortQuery(limit: 1))
            #expect(limited.uses.count == 1 && limited.unlisted == 10)
            let foreign = PortQuery(natGateway: "nat-00000000000000077")
            #expect(try await node.operations.ports(foreign).uses.isEmpty)
            for wrong in [PortQuery(by: "port"), PortQuery(natGateway: "main")] {
                await #expect(throws: FlowQueryError.self) {
                    try await node.operations.ports(wrong)
                }
            }
        }
    }

    @Test func `a destination near exhaustion is warned of once, and refused flows are named`()
        async throws
    {
        try await withNode(Self.small) { node in
            let lines = LogLines()
            func watched(_ body: () async throws -> Void) async throws -> [String] {
                let watch = Task { await node.operations.watchPorts(lines.logger) }
                try await body()
                try await Task.sleep(for: .milliseconds(1200))
                watch.cancel()
                await watch.value
                return lines.take()
            }
            try await begin(0..<50, on: node)
            #expect(try await watched {} == [])
            try await begin(50..<56, on: node)
            #expect(
                try await watched {} == [
                    "warning: 87 % of this node's ports toward a destination are in use "
                        + "destination=198.51.100.7:443/tcp natGateway=main of=64 tenant=acme used=56"
                ])
            try await begin(56..<70, on: node)
            let said = try await watched {}
            let refusals = said.filter { $0.contains("flows refused: portsExhausted") }
            #expect(refusals.count == 2, "one for each client: \(said)")
            #expect(
                refusals.first?.contains(
                    "destination=198.51.100.7:443/tcp packets=3 resource=main tenant=acme") == true,
                "\(said)")
            let page = await node.operations.metrics()
            let gateway = Identifier(.natGateway, Snapshot.gateway.rawValue).description
            for line in [
                "hyperplane_ports_used_ratio{nat_gateway=\"\(gateway)\"} 1.0",
                "hyperplane_ports_used_max{nat_gateway=\"\(gateway)\"} 64",
                "hyperplane_ports_destinations_near_exhaustion{nat_gateway=\"\(gateway)\"} 1",
                "hyperplane_node_loans_taken_total{lender=\"other_node\"} 0",
                "hyperplane_node_loans_given_total{outcome=\"returned\"} 0",
                "hyperplane_node_fragments_refused_total{cause=\"overlap\"} 0",
                "hyperplane_node_batches_total{outcome=\"sent\"} 0",
                "hyperplane_node_answers_total{outcome=\"suppressed\"} 0",
                "hyperplane_node_packets_fragmented_total 0",
            ] {
                #expect(page.contains("\n" + line + "\n"), "\(line)")
            }
            let refused = try await node.operations.ports(PortQuery()).refusals
            #expect(refused.map(\.client).sorted() == ["10.0.1.1", "10.0.1.2"])
            #expect(refused.allSatisfy { $0.reason == "portsExhausted" && $0.count == 3 })
        }
    }

    @Test func `every metric has help, a type and one family`() async throws {
        try await withNode(Self.small) { node in
            try await begin(0..<3, on: node)
            let page = await node.operations.metrics()
            let lines = page.split(separator: "\n")
            let types = lines.filter { $0.hasPrefix("# TYPE ") }.map { $0.split(separator: " ")[2] }
            #expect(Set(types).count == types.count, "a family twice")
            for line in lines where !line.hasPrefix("#") {
                let name = line.prefix { $0 != "{" && $0 != " " }
                #expect(types.contains(name), "\(name) has no type")
            }
        }
    }
}
