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
        details.add("Quota", quota.cells)
        details.add("EIPs", "at most \(eipsPerGateway) on one NAT gateway")
        details.add("Created", createdAt)
        return details
    }
}

struct TenantCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tenant", abstract: "Customers, who own VPCs and resources.",
        subcommands: [
            Create.self, ListCommand<API.Tenant>.self, ShowCommand<API.Tenant>.self,
            Set.self, DeleteCommand<API.Tenant>.self,
        ])

    struct Create: CreatingCommand {
        static let configuration = CommandConfiguration(abstract: "Create a tenant.")

        @Argument(help: "Unique in the cluster.")
        var name: String

        @OptionGroup var limits: TenantOptions
        @OptionGroup var change: ChangeOptions
        @OptionGroup var options: GlobalOptions

        func run(_ session: Session) async throws {
            let creation = API.Tenant.Creation(name: name, settings: limits.settings)
            try await session.create(API.Tenant.self, creation, change)
        }
    }

    struct Set: SettingCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change what a tenant may use.",
            discussion: "What isn't given stays. In force on all nodes within two seconds.")

        @Argument(help: "Name or id.")
        var name: String

        @OptionGroup var limits: TenantOptions
        @OptionGroup var because: ReasonOptions
        @OptionGroup var options: GlobalOptions

        static let nothing = API.Tenant.Settings()
        func settings() -> API.Tenant.Settings { limits.settings }

        func run(_ session: Session) async throws {
            try await session.change(
                session.find(API.Tenant.self, name, where: [:]), limits.settings)
        }
    }
}

/// What can be set at a tenant's creation and later.
struct TenantOptions: ParsableArguments {
    @OptionGroup(title: "Quotas, of all its resources together") var quotas: QuotaOptions

    @Option(
        help: "EIPs that one NAT gateway can have, 1 to 1024. Default: 8.",
        transform: { try NumberArgument.number($0, in: 1...1024, called: "a number of EIPs") })
    var maxEipsPerGateway: Int?

    var settings: API.Tenant.Settings {
        API.Tenant.Settings(quota: quotas.quota, eipsPerGateway: maxEipsPerGateway)
    }
}
