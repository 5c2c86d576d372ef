// `hyperplane host`.

import ArgumentParser
import ControlClient
import Wire

extension API.Host: Noun {
    typealias Scope = ClusterScope
    static let words = NounWords("a", "host", "hosts")
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

struct HostCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "host", abstract: "Machines whose virtual routers attach instances.",
        subcommands: [
            Create.self, ListCommand<API.Host>.self, ShowCommand<API.Host>.self,
            DeleteCommand<API.Host>.self,
        ])

    struct Create: CreatingCommand {
        static let configuration = CommandConfiguration(abstract: "Create a host.")

        @Argument(help: "Unique in the cluster.")
        var name: String

        @Option(
            help: "From which and at which its router speaks Geneve.",
            transform: AddressArgument.address)
        var address: IPAddress

        @OptionGroup var change: ChangeOptions
        @OptionGroup var options: GlobalOptions

        func run(_ session: Session) async throws {
            let creation = API.Host.Creation(name: name, address: address.description)
            try await session.create(API.Host.self, creation, change)
        }
    }
}
