// `hyperplane edge`.

import ArgumentParser
import ControlClient
import Wire

extension API.Edge: Noun {
    typealias Scope = ClusterScope
    static let words = NounWords("an", "edge", "edges")
    static let named: [any Noun.Type] = []
    static let columns: [Column] = [
        Column("name"), Column("id"), Column("state"), Column("address"),
    ]

    func cells(_ names: NameBook) -> [Cell] {
        [Cell(name), Cell(id.description), .state(state.rawValue), Cell(address)]
    }

    func details(_ names: NameBook) -> Details {
        var details = commonDetails(names)
        details.add("Address", address)
        details.add("Created", createdAt)
        return details
    }
}

struct EdgeCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "edge", abstract: "Borders between the overlay and plain IP networks.",
        subcommands: [
            Create.self, ListCommand<API.Edge>.self, ShowCommand<API.Edge>.self,
            DeleteCommand<API.Edge>.self,
        ])

    struct Create: CreatingCommand {
        static let configuration = CommandConfiguration(abstract: "Create an edge.")

        @Argument(help: "Unique in the cluster.")
        var name: String

        @Option(
            help: "From which and at which it speaks Geneve.",
            transform: AddressArgument.address)
        var address: IPAddress

        @OptionGroup var change: ChangeOptions
        @OptionGroup var options: GlobalOptions

        func run(_ session: Session) async throws {
            let creation = API.Edge.Creation(name: name, address: address.description)
            try await session.create(API.Edge.self, creation, change)
        }
    }
}
