// `explain` at the node: the packet that is described is built, byte by byte, and rehearsed by the
// engine that owns its bucket.

import Configuration
package import ControlClient
import Node
import Steering
import Translation
import Wire

extension NodeOperations {
    /// `POST /v1/explain`.
    package func explain(
        _ request: NodeAPI.ExplainRequest
    ) async throws(FlowQueryError) -> NodeAPI.Explanation {
        guard let snapshot = current.snapshot, let first = current.mailboxes.first else {
            throw FlowQueryError(
                status: .notServing,
                detail: "\(identity.name) can't say: \(notReady ?? "it is starting")",
                hint: "See what it waits for: hyperplane status")
        }
        try checkServes(request, snapshot)
        let described = try DescribedPacket(request, snapshot)
        var answer = await first.ask { engine, _ in
            engine.explain(described.bytes.rawSpan, from: described.machine)
        }
        if let engine = answer.engine, engine != 0, answer.isHere,
            current.mailboxes.indices.contains(engine)
        {
            answer = await current.mailboxes[engine].ask { engine, _ in
                engine.explain(described.bytes.rawSpan, from: described.machine)
            }
        }
        return NodeAPI.Explanation(answer, own: identity.id)
    }

    /// Throws, for people, if the node can't know the resource.
    private func checkServes(
        _ request: NodeAPI.ExplainRequest, _ snapshot: Snapshot
    ) throws(FlowQueryError) {
        guard let id = Identifier(request.resource) else {
            throw FlowQueryError(detail: "resource: \"\(request.resource)\" is no identifier")
        }
        let tenant =
            snapshot.natGateways.first { $0.id.rawValue == id.rawValue }?.tenant
            ?? snapshot.loadBalancers.first { $0.id.rawValue == id.rawValue }?.tenant
        guard let tenant else {
            throw FlowQueryError(
                status: .unknown,
                detail: "\(identity.name) doesn't know \(id): it serves another tenant's, or is "
                    + "younger than configuration \(snapshot.version), by which the node runs",
                hint: "See which nodes serve the tenant: hyperplane tenant show NAME")
        }
        let group = snapshot.tenants.first { $0.id == tenant }?.group
        let members = snapshot.groups.first { $0.id == group }?.members ?? []
        guard members.contains(identity.id) else {
            throw FlowQueryError(
                status: .unknown, detail: "\(identity.name) doesn't serve the tenant of \(id)",
                hint: "See which nodes do: hyperplane tenant show NAME")
        }
    }
}

extension NodeAPI.Explanation {
    init(_ answer: Node.Explanation, own: NodeID) {
        self.init(
            node: Identifier(.node, (answer.leader ?? own).rawValue).description,
            verdict: "drop", why: answer.why)
        bucket = answer.bucket.map { Int($0.rawValue) }
        engine = answer.engine
        knownFlow = answer.isKnownFlow
        if answer.leader != nil, !answer.isHere {
            verdict = "elsewhere"
            return
        }
        switch answer.outcome {
        case .drop(let reason):
            dropReason = reason.description
        case .wantsLoan:
            // Whether one comes only asking tells.
            dropReason = DropReason(.portsExhausted).description
        case .forward(let tuple, let machine, _):
            verdict = "forward"
            self.machine = machine?.description
            rewrite = NodeAPI.Rewrite(
                source: tuple.source.description, sourcePort: Int(tuple.sourcePort.rawValue),
                destination: tuple.destination.description,
                destinationPort: Int(tuple.destinationPort.rawValue))
        }
    }
}
