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
        let primary = eips.first { $0.state == .associated }?.id
        details.add(
            "EIPs",
            eips.map { eip in
                let role = eip.id == primary ? ", primary" : ""
                return Cell("\(eip.address) (\(eip.id)), \(eip.state)\(role)")
            })
        details.add(timeouts, defaults: .natGateway, timerRules, onExpiry)
        details.add("Quota", quota.cells)
        details.add(
            "Ports",
            portsPerAddress == 0
                ? "no limit for an inside address"
                : "at most \(portsPerAddress) for each inside address")
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
            Set.self, AddEIP.self, DrainEIP.self, DeleteCommand<API.NATGateway>.self,
        ])

    struct Create: CreatingCommand {
        static let configuration = CommandConfiguration(abstract: "Create a NAT gateway.")

        @Argument(help: "Unique within the tenant.")
        var name: String

        @Option(help: "Name or id. Default: the tenant's only VPC.")
        var vpc: String?

        @Option(help: "Name, address or id of a free EIP; repeat for more, the primary first.")
        var eip: [String]

        @OptionGroup var flows: NATGatewayOptions
        @OptionGroup var change: ChangeOptions
        @OptionGroup var options: GlobalOptions

        func run(_ session: Session) async throws {
            let vpc = try await session.vpc(vpc)
            var eips: [Identifier] = []
            for text in eip { eips.append(try await session.eip(text, of: vpc.tenant).id) }
            let creation = API.NATGateway.Creation(
                vpc: vpc.id, name: name, eips: eips, settings: flows.settings)
            try await session.create(API.NATGateway.self, creation, change)
        }
    }

    struct Set: SettingCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change a NAT gateway's timers and quotas.",
            discussion: "What isn't given stays. In force on all nodes within two seconds.")

        @Argument(help: "Name or id.")
        var name: String

        @OptionGroup var flows: NATGatewayOptions
        @OptionGroup var because: ReasonOptions
        @OptionGroup var options: GlobalOptions

        static let nothing = API.NATGateway.Settings()
        func settings() -> API.NATGateway.Settings { flows.settings }

        func run(_ session: Session) async throws {
            try await session.change(
                session.find(API.NATGateway.self, name), flows.settings)
        }
    }
}

/// What can be set at a NAT gateway's creation and later.
struct NATGatewayOptions: ParsableArguments {
    @OptionGroup(title: "Idle timeouts") var timers: FlowTimerOptions
    @OptionGroup(title: "Quotas") var quotas: QuotaOptions

    @Option(
        help: ArgumentHelp(
            "Flows, and so ports, that one inside address may have at once, or none.",
            valueName: "number"),
        transform: AmountArgument.limit)
    var maxPortsPerAddress: Int?

    var settings: API.NATGateway.Settings {
        API.NATGateway.Settings(
            timeouts: timers.timeouts(defaults: .natGateway), timerRules: timers.rules,
            onExpiry: timers.onExpiry, quota: quotas.quota, portsPerAddress: maxPortsPerAddress)
    }
}
