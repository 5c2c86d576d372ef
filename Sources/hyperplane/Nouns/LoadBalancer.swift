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
        details.add("Idle after", timeouts.sentence)
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
            DeleteCommand<API.LoadBalancer>.self,
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

        @OptionGroup(title: "Idle timeouts") var timeouts: TimeoutOptions
        @OptionGroup var change: ChangeOptions
        @OptionGroup var options: GlobalOptions

        func run(_ session: Session) async throws {
            let vpc = try await session.vpc(vpc)
            try vpc.requireInside(address)
            var eipID: Identifier?
            if let eip { eipID = try await session.eip(eip, of: vpc.tenant).id }
            let creation = API.LoadBalancer.Creation(
                vpc: vpc.id, name: name, address: address.description, eip: eipID,
                timeouts: timeouts.timeouts(over: .loadBalancer))
            try await session.create(API.LoadBalancer.self, creation, change)
        }
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
