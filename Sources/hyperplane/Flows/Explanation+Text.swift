// A node's explanation of a packet, for people.

import ControlClient

extension NodeAPI.Explanation {
    /// Whether `node` is the one that this answer comes from, or points at.
    func isLed(by node: API.Node) -> Bool {
        self.node == node.id.description || self.node == node.name
    }

    func details(of subject: ExplainSubject, node: API.Node?) -> Details {
        var details = Details()
        details.add("Packet", subject.packet)
        details.add("Through", subject.title)
        details.add("Node", node.map { "\($0.name) (\($0.id))" } ?? self.node)
        details.addIfPresent("Bucket", place)
        details.add("Verdict", .state(verdict))
        if let rewrite {
            let source = NodeAPI.Flow.endpoint(rewrite.source, rewrite.sourcePort)
            let destination = NodeAPI.Flow.endpoint(rewrite.destination, rewrite.destinationPort)
            details.add("Becomes", "\(source) > \(destination)")
        }
        details.addIfPresent("Sent to", machine)
        if let dropReason { details.add("Dropped as", Cell(dropReason, .bad)) }
        if let knownFlow, verdict == "forward" {
            details.add("Flow", knownFlow ? "known" : "would be new")
        }
        details.add("Why", why.map { Cell($0) })
        return details
    }

    private var place: String? {
        bucket.map { "\($0)" + (engine.map { ", engine \($0)" } ?? "") }
    }
}
