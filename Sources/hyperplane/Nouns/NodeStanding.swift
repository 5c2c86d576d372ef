// A node's part in its groups, as the node itself tells it, beside what the placement service knows of
// the node.

import ControlClient

/// A node as it is registered, and as it answers.
struct NodeStanding: Encodable {
    let node: API.Node
    let status: NodeAPI.Status?
    let failure: String?

    init(_ answer: NodeAnswer<NodeAPI.Status>) {
        node = answer.node
        status = answer.value
        failure = answer.failure?.message
    }

    private enum Key: String, CodingKey { case health, status }

    /// The registered node's fields, and two more.
    func encode(to encoder: any Encoder) throws {
        try node.encode(to: encoder)
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(health, forKey: .health)
        try container.encodeIfPresent(status, forKey: .status)
    }

    /// `ready`, `draining`, `drained`, `not ready` or `unreachable`.
    var health: String {
        guard let status else { return "unreachable" }
        if status.ready == false { return "not ready" }
        switch status.drain {
        case .draining: return "draining"
        case .drained: return "drained"
        case .serving, nil: return "ready"
        }
    }

    /// Whether its copies are full, and how many are not.
    private var copies: Cell {
        guard let status, let follows = status.follows else { return Cell(nil) }
        let filling = status.filling ?? 0
        let waiting = status.waiting ?? 0
        if waiting > 0 { return Cell("\(waiting) wait for a full member", .bad) }
        return filling > 0
            ? Cell("\(follows) full, \(filling) filling", .warning)
            : Cell(follows > 0 ? "\(follows) full" : "-")
    }

    private var ports: Cell {
        guard let rest = status?.portsRestSeconds else { return Cell(nil) }
        return rest > 0
            ? Cell("rest for \(Quantity.duration(seconds: rest)) yet", .warning) : Cell("in use")
    }

    static let columns: [Column] = [
        Column("name"), Column("id"), Column("zone"), Column("address"), Column("health"),
        .number("leads"), Column("copies"), Column("ports"), Column("operations", shrinks: true),
    ]

    var cells: [Cell] {
        [
            Cell(node.name), Cell(node.id.description), Cell(node.zone), Cell(node.address),
            .state(health), Cell(status?.leads.map(String.init)), copies, ports,
            Cell(node.operations),
        ]
    }

    func add(to details: inout Details) {
        details.add("Health", Cell(failure ?? status?.detail ?? health, Tone(state: health)))
        guard let status else { return }
        details.addIfPresent("Leads", status.leads.map { "\($0) buckets" })
        details.add("Copies", copies)
        details.addIfPresent("View changes", status.viewChanges.map { "\($0) since its start" })
        details.add("Ports", ports)
        details.addIfPresent("Up", status.uptimeSeconds.map(Quantity.duration(seconds:)))
    }
}
