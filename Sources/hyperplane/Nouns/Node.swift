// `hyperplane node`.

import ArgumentParser
import ControlClient
import Wire

extension API.Node: Noun {
    typealias Scope = ClusterScope
    static let words = NounWords("a", "node", "nodes")
    static let named: [any Noun.Type] = []
    static let columns: [Column] = [
        Column("name"), Column("id"), Column("state"), Column("zone"), Column("address"),
        Column("operations"),
    ]

    func cells(_ names: NameBook) -> [Cell] {
        [
            Cell(name), Cell(id.description), .state(state.rawValue), Cell(zone), Cell(address),
            Cell(operations),
        ]
    }

    func details(_ names: NameBook) -> Details {
        var details = commonDetails(names)
        details.add("Zone", zone)
        details.add("Address", address)
        details.add("Operations", operations)
        details.addIfPresent("Closed", closedVersion.map { "configuration \($0)" })
        details.add("Created", createdAt)
        return details
    }

    /// What the node says of itself.
    func appendix(_ session: Session, _ names: NameBook) async throws -> [String] {
        let answers = await session.askNodes([self]) {
            try await $0.get("/v1/status", as: NodeAPI.Status.self)
        }
        var details = Details()
        for answer in answers { NodeStanding(answer).add(to: &details) }
        return details.lines(coloured: session.printer.terminal.isColoured)
    }
}

struct NodeCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "node", abstract: "Machines of the cluster; they register themselves.",
        subcommands: [
            Create.self, List.self, ShowCommand<API.Node>.self, DeleteCommand<API.Node>.self,
            Drain.self, Undrain.self,
        ])

    struct Create: CreatingCommand {
        static let configuration = CommandConfiguration(
            abstract: "Announce a node, before it registers itself.")

        @Argument(help: "Unique in the cluster.")
        var name: String

        @Option(help: "The failure domain that it is in.")
        var zone: String

        @Option(help: "Where it takes encapsulated packets.", transform: AddressArgument.address)
        var address: IPAddress

        @Option(help: "HOST:PORT of its endpoint for metrics, flows and explain.")
        var operations: String

        @OptionGroup var change: ChangeOptions
        @OptionGroup var options: GlobalOptions

        func run(_ session: Session) async throws {
            let creation = API.Node.Creation(
                name: name, zone: zone, address: address.description, operations: operations)
            try await session.create(API.Node.self, creation, change)
        }
    }
}
