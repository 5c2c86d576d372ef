// `hyperplane nat-gateway`: how it is shown and created; its EIPs are in another file.

import ArgumentParser
import ControlClient

extension API.NATGateway: Noun {
    static let words = NounWords("a", "NAT gateway", "NAT gateways")
    static let named: [any Noun.Type] = [API.Tenant.self, API.VPC.self]
    static let columns: [Column] = [
        Column("name"), Column("id"), Column("state"), Column("tenant"), Column("VPC"),
        Column("EIPs", shrinks: true),
    ]
    var owner: Identifier? { tenant }

    func cells(_ names: NameBook) -> [Cell] {
        [
            Cell(name), Cell(id.description), .state(state.rawValue), Cell(names[tenant]),
            Cell(names[vpc]), Cell(eips.map(\.shortText).joined(separator: ",")),
        ]
    }

    func details(_ names: NameBook) -> Details {
        var details = commonDetails(names)
        details.add("VPC", names.full(vpc))
        details.add(
            "EIPs",
            eips.enumerated().map { index, eip in
                let role = index == 0 ? ", primary" : ""
                return Cell("\(eip.address) (\(eip.id)), \(eip.state)\(role)")
            })
        details.add("Idle after", timeouts.sentence)
        details.add("Created", createdAt)
        return details
    }
}

extension API.NATGateway.Address {
    /// The address, with its state if that is not the usual one.
    fileprivate var shortText: String {
        state == .associated || state == .available ? address : "\(address)(\(state))"
    }
}

struct NATGatewayCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nat-gateway", abstract: "NAT gateways of VPCs.",
        subcommands: [
            Create.self, ListCommand<API.NATGateway>.self, ShowCommand<API.NATGateway>.self,
            AddEIP.self, DrainEIP.self, DeleteCommand<API.NATGateway>.self,
        ])

    struct Create: CreatingCommand {
        static let configuration = CommandConfiguration(abstract: "Create a NAT gateway.")

        @Argument(help: "Unique within the tenant.")
        var name: String

        @Option(help: "Name or id. Default: the tenant's only VPC.")
        var vpc: String?

        @Option(help: "Name, address or id of a free EIP; repeat for more, the primary first.")
        var eip: [String]

        @OptionGroup(title: "Idle timeouts") var timeouts: TimeoutOptions
        @OptionGroup var change: ChangeOptions
        @OptionGroup var options: GlobalOptions

        func run(_ session: Session) async throws {
            let vpc = try await session.vpc(vpc)
            var eips: [Identifier] = []
            for text in eip { eips.append(try await session.eip(text, of: vpc.tenant).id) }
            let creation = API.NATGateway.Creation(
                vpc: vpc.id, name: name, eips: eips,
                timeouts: timeouts.timeouts(over: API.IdleTimeouts()))
            try await session.create(API.NATGateway.self, creation, change)
        }
    }
}
