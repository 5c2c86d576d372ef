// `hyperplane status`: the cluster at a glance.

import ArgumentParser
import ControlClient

struct StatusCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "The cluster at a glance.")

    @OptionGroup var options: GlobalOptions

    func run(_ session: Session) async throws {
        let cluster = try await session.ask { client throws(ControlError) in
            try await client.cluster()
        }
        let nodes = try await session.list(API.Node.self, where: [:])
        let answers = await session.askNodes(nodes) {
            try await $0.get("/v1/status", as: NodeAPI.Status.self)
        }
        let status = ClusterStatus(
            url: session.cluster.url, context: session.cluster.context,
            cluster: cluster, counts: try await Counts(session),
            nodes: answers.map(NodeLine.init))
        try await session.printer.show(status) { printer in
            status.details().lines(coloured: printer.terminal.isColoured) + [""]
                + printer.lines(of: status.table())
        }
        try session.requireAll(answers)
    }
}

/// What there is, by collection.
private struct Counts: Encodable {
    var tenants: Int
    var vpcs: Int
    var natGateways: Int
    var loadBalancers: Int
    var targets: Int

    init(_ session: Session) async throws {
        tenants = try await session.list(API.Tenant.self, where: [:]).count
        vpcs = try await session.list(API.VPC.self, where: [:]).count
        natGateways = try await session.list(API.NATGateway.self, where: [:]).count
        loadBalancers = try await session.list(API.LoadBalancer.self, where: [:]).count
        targets = try await session.list(API.Target.self, where: [:]).count
    }
}

/// A node as the placement service and the node itself have it.
private struct NodeLine: Encodable {
    var name: String
    var id: Identifier
    var zone: String
    var address: String
    /// `ready`, `not ready` or `unreachable`.
    var health: String
    var status: NodeAPI.Status?

    init(_ answer: NodeAnswer<NodeAPI.Status>) {
        name = answer.node.name
        id = answer.node.id
        zone = answer.node.zone
        address = answer.node.address
        status = answer.value
        switch status?.ready {
        case nil: health = status == nil ? "unreachable" : "ready"
        case true?: health = "ready"
        case false?: health = "not ready"
        }
    }
}

extension NodeLine {
    fileprivate var healthCell: Cell {
        if status?.ready != false, let rest = status?.portsRestSeconds, rest > 0 {
            let seconds = Quantity.duration(seconds: rest)
            return Cell("\(health): its own ports rest for \(seconds) yet", .warning)
        }
        guard let detail = status?.detail else { return .state(health) }
        return Cell("\(health): \(detail)", Tone(state: health))
    }
}

private struct ClusterStatus: Encodable {
    var url: String
    var context: String?
    var cluster: API.Cluster
    var counts: Counts
    var nodes: [NodeLine]

    func details() -> Details {
        var details = Details()
        details.add("Cluster", url + (context.map { " (context '\($0)')" } ?? ""))
        details.add("Configuration", "version \(cluster.revision)")
        let ready = nodes.count { $0.health == "ready" }
        details.add(
            "Nodes",
            Cell("\(ready) of \(nodes.count) ready", ready == nodes.count ? .good : .bad))
        details.add("Tenants", Cell(counts.tenants))
        details.add("VPCs", Cell(counts.vpcs))
        details.add("NAT gateways", Cell(counts.natGateways))
        details.add("Load balancers", Cell(counts.loadBalancers))
        details.add("Targets", Cell(counts.targets))
        return details
    }

    func table() -> Table {
        var table = Table([
            Column("node"), Column("zone"), Column("address"), Column("health"),
            .number("configuration"), .number("engines"), .number("flows"), .number("up"),
        ])
        for node in nodes {
            table.append([
                Cell(node.name), Cell(node.zone), Cell(node.address), node.healthCell,
                Cell(node.status?.snapshotVersion.map(String.init)),
                Cell(node.status?.engines.map(String.init)),
                Cell(node.status?.flows.map(String.init)),
                Cell(node.status?.uptimeSeconds.map(Quantity.duration(seconds:))),
            ])
        }
        return table
    }
}
