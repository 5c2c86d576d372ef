// `hyperplane edge`.

import ArgumentParser
import ControlClient
import Wire

extension API.Edge: Noun {
    typealias Scope = ClusterScope
    static let words = NounWords("an", "edge", "edges")
    static let named: [any Noun.Type] = []
    static let columns: [Column] = [
        Column("name"), Column("id"), Column("state"), Column("address"), .number("MTU"),
    ]

    func cells(_ names: NameBook) -> [Cell] {
        [Cell(name), Cell(id.description), .state(state.rawValue), Cell(address), Cell(mtu)]
    }

    func details(_ names: NameBook) -> Details {
        var details = commonDetails(names)
        details.add("Address", address)
        details.add("MTU", "\(mtu) bytes, of the network beyond it")
        details.add("Created", createdAt)
        return details
    }
}

struct EdgeCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "edge", abstract: "Borders between the overlay and plain IP networks.",
        subcommands: [
            Create.self, ListCommand<API.Edge>.self, ShowCommand<API.Edge>.self,
            Set.self, DeleteCommand<API.Edge>.self,
        ])

    struct Create: CreatingCommand {
        static let configuration = CommandConfiguration(abstract: "Create an edge.")

        @Argument(help: "Unique in the cluster.")
        var name: String

        @Option(
            help: "From which and at which it speaks Geneve.",
            transform: AddressArgument.address)
        var address: IPAddress

        @Option(
            help: ArgumentHelp(
                "Longest packet that the network beyond it takes, 1280 to 9216. Default: 1500.",
                valueName: "bytes"),
            transform: NumberArgument.mtu)
        var mtu: Int?

        @OptionGroup var change: ChangeOptions
        @OptionGroup var options: GlobalOptions

        func run(_ session: Session) async throws {
            let creation = API.Edge.Creation(
                name: name, address: address.description, mtu: mtu)
            try await session.create(API.Edge.self, creation, change)
        }
    }

    struct Set: SettingCommand {
        static let configuration = CommandConfiguration(abstract: "Change an edge's settings.")

        @Argument(help: "Name or id.")
        var name: String

        @Option(
            help: ArgumentHelp(
                "Longest packet that the network beyond it takes, 1280 to 9216.",
                valueName: "bytes"),
            transform: NumberArgument.mtu)
        var mtu: Int?

        @OptionGroup var because: ReasonOptions
        @OptionGroup var options: GlobalOptions

        static let nothing = API.Edge.Settings()
        func settings() -> API.Edge.Settings { .init(mtu: mtu) }

        func run(_ session: Session) async throws {
            try await session.change(
                session.find(API.Edge.self, name, where: [:]), settings())
        }
    }
}
