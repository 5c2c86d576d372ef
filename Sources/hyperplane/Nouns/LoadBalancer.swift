// `hyperplane load-balancer`.

import ArgumentParser
import ControlClient
import Wire

extension API.LoadBalancer: Noun {
    static let words = NounWords("a", "load balancer", "load balancers")
    static let named: [any Noun.Type] = [API.Tenant.self, API.VPC.self]
    static let columns: [Column] = [
        Column("name"), Column("id"), Column("state"), Column("tenant"), Column("VPC"),
        Column("address"), Column("public address"),
    ]
    var owner: Identifier? { tenant }

    func cells(_ names: NameBook) -> [Cell] {
        [
            Cell(name), Cell(id.description), .state(state.rawValue), Cell(names[tenant]),
            Cell(names[vpc]), Cell(address), Cell(publicAddress),
        ]
    }

    func details(_ names: NameBook) -> Details {
        var details = commonDetails(names)
        details.add("VPC", names.full(vpc))
        details.add("Address", address)
        if let eip { details.add("EIP", "\(publicAddress ?? "-") (\(eip))") }
        details.add(timeouts, defaults: .loadBalancer, timerRules, onExpiry)
        details.add("Quota", quota.cells)
        details.add("Created", createdAt)
        return details
    }

    func appendix(_ session: Session, _ names: NameBook) async throws -> [String] {
        let listeners = try await session.list(
            API.Listener.self, where: ["loadBalancer": id.description])
        guard !listeners.isEmpty else { return ["", "No listeners."] }
        let names = try await session.nameBook(API.Listener.named)
        return [""] + session.printer.lines(of: API.Listener.table(of: listeners, names))
    }
}

struct LoadBalancerCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load-balancer", abstract: "Network load balancers of VPCs.",
        subcommands: [
            Create.self, ListCommand<API.LoadBalancer>.self, ShowCommand<API.LoadBalancer>.self,
            Set.self, DeleteCommand<API.LoadBalancer>.self,
        ])

    struct Create: CreatingCommand {
        static let configuration = CommandConfiguration(abstract: "Create a load balancer.")

        @Argument(help: "Unique within the tenant.")
        var name: String

        @Option(help: "Name or id. Default: the tenant's only VPC.")
        var vpc: String?

        @Option(help: "Where clients reach it, in the VPC.", transform: AddressArgument.address)
        var address: IPAddress

        @Option(help: "Name, address or id of a free EIP, to be reached from outside too.")
        var eip: String?

        @OptionGroup var flows: LoadBalancerOptions
        @OptionGroup var change: ChangeOptions
        @OptionGroup var options: GlobalOptions

        func run(_ session: Session) async throws {
            let vpc = try await session.vpc(vpc)
            try vpc.requireInside(address)
            var eipID: Identifier?
            if let eip { eipID = try await session.eip(eip, of: vpc.tenant).id }
            let creation = API.LoadBalancer.Creation(
                vpc: vpc.id, name: name, address: address.description, eip: eipID,
                settings: flows.settings)
            try await session.create(API.LoadBalancer.self, creation, change)
        }
    }

    struct Set: SettingCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change a load balancer's timers and quotas.",
            discussion: "What isn't given stays. In force on all nodes within two seconds.")

        @Argument(help: "Name or id.")
        var name: String

        @OptionGroup var flows: LoadBalancerOptions
        @OptionGroup var because: ReasonOptions
        @OptionGroup var options: GlobalOptions

        static let nothing = API.LoadBalancer.Settings()
        func settings() -> API.LoadBalancer.Settings { flows.settings }

        func run(_ session: Session) async throws {
            try await session.change(
                session.find(API.LoadBalancer.self, name), flows.settings)
        }
    }
}

/// What can be set at a load balancer's creation and later.
struct LoadBalancerOptions: ParsableArguments {
    @OptionGroup(title: "Idle timeouts") var timers: FlowTimerOptions
    @OptionGroup(title: "Quotas") var quotas: QuotaOptions

    var settings: API.LoadBalancer.Settings {
        API.LoadBalancer.Settings(
            timeouts: timers.timeouts(defaults: .loadBalancer), timerRules: timers.rules,
            onExpiry: timers.onExpiry, quota: quotas.quota)
    }
}

extension API.VPC {
    /// Throws unless the address is one of the VPC's.
    func requireInside(_ address: IPAddress) throws {
        guard let range = IPPrefix(prefix), !range.contains(address) else { return }
        throw Failure(
            .usage, "\(address) is not inside VPC '\(name)', which is \(prefix)")
    }
}
