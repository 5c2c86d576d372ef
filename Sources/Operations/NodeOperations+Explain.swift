// `explain` at the node: the packet that is described is built, byte by byte, and rehearsed by the
// engine that owns its bucket.

import Configuration
import ControlClient
import Node
import Steering
import Translation
import Wire

extension NodeOperations {
    func explain(
        _ request: NodeAPI.ExplainRequest
    ) async throws(FlowQueryError) -> NodeAPI.Explanation {
        guard let snapshot = current.snapshot, let first = current.mailboxes.first else {
            throw FlowQueryError(detail: notReady ?? "the node is not ready")
        }
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
