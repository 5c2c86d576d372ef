// `hyperplane tenant`.

import ArgumentParser
import ControlClient

extension API.Tenant: Noun {
    typealias Scope = ClusterScope
    static let words = NounWords("a", "tenant", "tenants")
    static let named: [any Noun.Type] = [API.Node.self]
    static let columns: [Column] = [
        Column("name"), Column("id"), Column("state"), Column("nodes", shrinks: true),
    ]

    func cells(_ names: NameBook) -> [Cell] {
        [
            Cell(name), Cell(id.description), .state(state.rawValue),
            Cell(nodes.map { names[$0] }.joined(separator: ",")),
        ]
    }

    func details(_ names: NameBook) -> Details {
        var details = commonDetails(names)
        details.addIfPresent("Group", group?.description)
        details.add("Nodes", nodes.map { Cell(names.full($0)) })
        details.add("Created", createdAt)
        return details
    }
}

struct TenantCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tenant", abstract: "Customers, who own VPCs and resources.",
        subcommands: [
            Create.self, ListCommand<API.Tenant>.self, ShowCommand<API.Tenant>.self,
            DeleteCommand<API.Tenant>.self,
        ])

    struct Create: CreatingCommand {
        static let configuration = CommandConfiguration(abstract: "Create a tenant.")

        @Argument(help: "Unique in the cluster.")
        var name: String

        @OptionGroup var change: ChangeOptions
        @OptionGroup var options: GlobalOptions

        func run(_ session: Session) async throws {
            try await session.create(API.Tenant.self, .init(name: name), change)
        }
    }
}
