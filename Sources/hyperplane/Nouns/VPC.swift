// `hyperplane vpc`.

import ArgumentParser
import ControlClient
import Wire

extension API.VPC: Noun {
    static let words = NounWords("a", "VPC", "VPCs")
    static let columns: [Column] = [
        Column("name"), Column("id"), Column("state"), Column("tenant"), Column("prefix"),
        .number("VNI"),
    ]
    var owner: Identifier? { tenant }

    func cells(_ names: NameBook) -> [Cell] {
        [
            Cell(name), Cell(id.description), .state(state.rawValue), Cell(names[tenant]),
            Cell(prefix), Cell(vni),
        ]
    }

    func details(_ names: NameBook) -> Details {
        var details = commonDetails(names)
        details.add("Prefix", prefix)
        details.add("VNI", Cell(vni))
        details.add("Created", createdAt)
        return details
    }
}

struct VPCCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vpc", abstract: "Virtual networks of tenants.",
        subcommands: [
            Create.self, ListCommand<API.VPC>.self, ShowCommand<API.VPC>.self,
            DeleteCommand<API.VPC>.self,
        ])

    struct Create: CreatingCommand {
        static let configuration = CommandConfiguration(abstract: "Create a VPC.")

        @Argument(help: "Unique within the tenant.")
        var name: String

        @Option(
            help: "The addresses inside, such as 10.0.0.0/16.", transform: AddressArgument.prefix)
        var prefix: IPPrefix

        @OptionGroup var change: ChangeOptions
        @OptionGroup var options: GlobalOptions

        func run(_ session: Session) async throws {
            let creation = API.VPC.Creation(
                tenant: try await session.tenant(), name: name, prefix: prefix.description)
            try await session.create(API.VPC.self, creation, change)
        }
    }
}
