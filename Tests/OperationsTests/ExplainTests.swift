// Explanations through a whole engine: what is asked is what would be sent, and what nobody can
// know is said kindly.

import Configuration
import ControlClient
import Operations
import Testing
import Wire

struct ExplainTests {
    private func question(
        _ resource: ResourceID, _ direction: String = "outbound", vni: UInt32 = 100,
        _ ipProtocol: String = "tcp", from source: (String, Int), to destination: (String, Int)
    ) -> NodeAPI.ExplainRequest {
        let kind: IdentifierKind = resource == Snapshot.gateway ? .natGateway : .loadBalancer
        return NodeAPI.ExplainRequest(
            resource: Identifier(kind, resource.rawValue).description, direction: direction,
            vni: vni, ipProtocol: ipProtocol, source: source.0, sourcePort: source.1,
            destination: destination.0, destinationPort: destination.1)
    }

    @Test(arguments: [(80, "10.0.8.1"), (443, "10.0.8.2")])
    func `a client outside is explained by the edge, to the listener that it speaks to`(
        port: Int, target: String
    ) async throws {
        try await withNode { node in
            let asked = question(
                Snapshot.balancer, vni: 0, from: ("192.0.2.55", 5000), to: ("203.0.113.80", port))
            let answer = try await node.operations.explain(asked)
            #expect(answer.verdict == "forward", "\(answer)")
            #expect(answer.rewrite?.destination == target)
            #expect(answer.rewrite?.destinationPort == port)
        }
    }

    @Test(arguments: [UInt32(0), 100], [(80, "10.0.8.1"), (443, "10.0.8.2")])
    func `a reply is explained as of the flow that it belongs to`(
        vni: UInt32, listener: (port: Int, target: String)
    ) async throws {
        try await withNode { node in
            let client = (vni == 0 ? "192.0.2.55" : "10.0.2.7", 5001)
            let address = vni == 0 ? "203.0.113.80" : "10.0.9.10"
            let asked = question(
                Snapshot.balancer, vni: vni, from: client, to: (address, listener.port))
            #expect(await node.send(try DescribedPacket(asked, .sample)) == 1)
            let there = try await node.operations.explain(asked)
            #expect(there.knownFlow == true)
            let reply = question(
                Snapshot.balancer, "inbound", from: (listener.target, listener.port), to: client)
            let back = try await node.operations.explain(reply)
            #expect(back.verdict == "forward" && back.knownFlow == true, "\(back)")
            #expect(back.bucket == there.bucket)
            #expect(back.rewrite?.source == address)
        }
    }

    @Test func `where a client is can be said, and makes another flow`() async throws {
        try await withNode { node in
            var reply = question(
                Snapshot.balancer, "inbound", from: ("10.0.8.1", 80), to: ("10.0.2.7", 5001))
            let inside = try await node.operations.explain(reply)
            reply.clientVNI = 0
            let outside = try await node.operations.explain(reply)
            #expect(inside.bucket != outside.bucket)
            #expect(outside.dropReason == "unknownFlow", "\(outside)")
        }
    }

    @Test func `a target that serves two listeners must be asked by one of them`() async throws {
        var snapshot = Snapshot.sample
        snapshot.loadBalancers[0].listeners[1].targetGroup = 1
        try await withNode(snapshot) { node in
            var reply = question(
                Snapshot.balancer, "inbound", from: ("10.0.8.1", 80), to: ("192.0.2.55", 5001))
            let error = await #expect(throws: FlowQueryError.self) {
                try await node.operations.explain(reply)
            }
            #expect(error?.detail.contains("tcp/80, tcp/443") == true)
            reply.listenerPort = 443
            let answer1 = try await node.operations.explain(reply)
            #expect(answer1.dropReason == "unknownFlow")
            reply.listenerPort = 81
            await #expect(throws: FlowQueryError.self) {
                try await node.operations.explain(reply)
            }
        }
    }

    @Test(
        arguments: [
            (["syn"], nil), (nil, nil), (["ack"], "notASYN"), (["syn", "ack"], "notASYN"),
        ] as [([String]?, String?)])
    func `flags decide whether a packet begins a flow`(
        flags: [String]?, drop: String?
    ) async throws {
        try await withNode { node in
            var asked = question(
                Snapshot.gateway, from: ("10.0.1.5", 4000), to: ("198.51.100.1", 443))
            asked.tcpFlags = flags
            let answer = try await node.operations.explain(asked)
            #expect(answer.verdict == (drop == nil ? "forward" : "drop"))
            #expect(answer.dropReason == drop)
        }
    }

    @Test func `ICMP queries are explained by type, errors and wrong words refused`() async throws {
        try await withNode { node in
            var asked = question(
                Snapshot.gateway, "outbound", "icmp", from: ("10.0.1.5", 77),
                to: ("198.51.100.1", 0))
            let answer2 = try await node.operations.explain(asked)
            #expect(answer2.verdict == "forward")
            asked.icmpType = 13
            let answer3 = try await node.operations.explain(asked)
            #expect(answer3.verdict == "forward")
            asked.icmpType = 0
            let answer4 = try await node.operations.explain(asked)
            #expect(answer4.dropReason == "answerToNothing")
            for type in [3, 11, 12, 256, -1] {
                asked.icmpType = type
                await #expect(throws: FlowQueryError.self) {
                    try await node.operations.explain(asked)
                }
            }
            var tcp = question(
                Snapshot.gateway, from: ("10.0.1.5", 4000), to: ("198.51.100.1", 443))
            tcp.tcpFlags = ["sin"]
            await #expect(throws: FlowQueryError.self) { try await node.operations.explain(tcp) }
        }
    }

    @Test func `a node without a snapshot says so, and what to look at`() async throws {
        try await withNode(nil) { node in
            let error = await #expect(throws: FlowQueryError.self) {
                try await node.operations.explain(
                    question(
                        Snapshot.gateway, from: ("10.0.1.5", 4000), to: ("198.51.100.1", 443)))
            }
            #expect(error?.status == .notServing)
            #expect(error?.detail.contains("node1 can't say: no snapshot yet") == true)
            #expect(error?.hint?.contains("hyperplane status") == true)
        }
    }

    @Test func `a node that doesn't serve the resource or its tenant says so`() async throws {
        let asked = question(
            ResourceID(rawValue: 0x77), from: ("10.0.1.5", 4000), to: ("198.51.100.1", 443))
        try await withNode { node in
            let error = await #expect(throws: FlowQueryError.self) {
                try await node.operations.explain(asked)
            }
            #expect(error?.status == .unknown)
            #expect(error?.detail.contains("node1 doesn't know lb-0") == true)
        }
        var elsewhere = Snapshot.sample
        elsewhere.groups[0].members = [NodeID(rawValue: 2)]
        elsewhere.nodes.append(
            NodeEntry(
                id: NodeID(rawValue: 2), name: "node2", zone: "b",
                address: IPAddress("192.0.2.2")!, operations: "192.0.2.2:8480"))
        try await withNode(elsewhere) { node in
            let error = await #expect(throws: FlowQueryError.self) {
                try await node.operations.explain(
                    question(
                        Snapshot.gateway, from: ("10.0.1.5", 4000), to: ("198.51.100.1", 443)))
            }
            #expect(error?.status == .unknown)
            #expect(error?.detail.contains("doesn't serve the tenant") == true)
        }
    }
}
