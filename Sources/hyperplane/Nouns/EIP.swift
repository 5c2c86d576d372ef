// `hyperplane eip`.

import ArgumentParser
import ControlClient
import Wire

extension API.EIP: Noun {
    static let words = NounWords("an", "EIP", "EIPs")
    static let named: [any Noun.Type] = [
        API.Tenant.self, API.NATGateway.self, API.LoadBalancer.self, API.Node.self,
    ]
    static let columns: [Column] = [
        Column("address"), Column("id"), Column("name"), Column("state"), Column("tenant"),
        Column("resource"),
    ]
    var owner: Identifier? { tenant }
    var aliases: [String] { [address] }

    func cells(_ names: NameBook) -> [Cell] {
        [
            Cell(address), Cell(id.description), Cell(name), .state(state.rawValue),
            Cell(names[tenant]), Cell(resource.map { names[$0] }),
        ]
    }

    func details(_ names: NameBook) -> Details {
        var details = commonDetails(names)
        details.add("Address", address)
        details.add("Resource", resource.map { names.full($0) })
        if let awaitedNodes, !awaitedNodes.isEmpty {
            details.add("Awaits", awaitedNodes.map { Cell(names.full($0)) })
        }
        details.add("Created", createdAt)
        return details
    }
}

struct EIPCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "eip", abstract: "Elastic IPs: public addresses that tenants hold.",
        subcommands: [
            Create.self, ListCommand<API.EIP>.self, ShowCommand<API.EIP>.self,
            DeleteCommand<API.EIP>.self,
        ])

    struct Create: CreatingCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give a public address to a tenant.")

        @Argument(help: "The IPv4 address.", transform: AddressArgument.publicIPv4)
        var address: IPv4Address

        @Option(help: "Unique within the tenant. Default: the address.")
        var name: String?

        @OptionGroup var change: ChangeOptions
        @OptionGroup var options: GlobalOptions

        func run(_ session: Session) async throws {
            let creation = API.EIP.Creation(
                tenant: try await session.tenant(), address: address.description, name: name)
            try await session.create(API.EIP.self, creation, change)
        }
    }
}
