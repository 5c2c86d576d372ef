// `hyperplane listener`.

import ArgumentParser
import ControlClient

/// Listeners are named within their load balancer.
struct ListenerScope: ScopeOptions {
    static let hasTenant = true
    static let narrowing = "--load-balancer"

    @Option(help: "Only of this load balancer, by name or id.")
    var loadBalancer: String?

    func filters(_ session: Session) async throws -> [String: String] {
        guard let loadBalancer else { return [:] }
        let found = try await session.find(API.LoadBalancer.self, loadBalancer)
        return ["loadBalancer": found.id.description]
    }
}

extension API.Listener: Noun {
    typealias Scope = ListenerScope
    static let words = NounWords("a", "listener", "listeners")
    static let named: [any Noun.Type] = [
        API.Tenant.self, API.LoadBalancer.self, API.TargetGroup.self,
    ]
    static let columns: [Column] = [
        Column("name"), Column("id"), Column("state"), Column("tenant"), Column("load balancer"),
        Column("target group"),
    ]
    var owner: Identifier? { tenant }

    func cells(_ names: NameBook) -> [Cell] {
        [
            Cell(name), Cell(id.description), .state(state.rawValue), Cell(names[tenant]),
            Cell(names[loadBalancer]), Cell(names[targetGroup]),
        ]
    }

    func candidate(_ names: NameBook) -> Candidate {
        Candidate(id: id, name: name, scope: "load balancer \(names[loadBalancer])")
    }

    func details(_ names: NameBook) -> Details {
        var details = commonDetails(names)
        details.add("Load balancer", names.full(loadBalancer))
        details.add("Protocol", ipProtocol.rawValue)
        details.add("Port", Cell(port))
        details.add("Target group", names.full(targetGroup))
        details.add("Index", Cell(index))
        details.add("Created", createdAt)
        return details
    }
}

struct ListenerCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "listener", abstract: "Protocols and ports of load balancers.",
        subcommands: [
            Create.self, ListCommand<API.Listener>.self, ShowCommand<API.Listener>.self,
            DeleteCommand<API.Listener>.self,
        ])

    struct Create: CreatingCommand {
        static let configuration = CommandConfiguration(abstract: "Create a listener.")

        @Argument(
            help: "PROTOCOL/PORT, such as tcp/80.", transform: ListenerPort.init(argument:))
        var listener: ListenerPort

        @Option(help: "Name or id.")
        var loadBalancer: String

        @Option(help: "Where its flows go: name or id.")
        var targetGroup: String

        @OptionGroup var change: ChangeOptions
        @OptionGroup var options: GlobalOptions

        func run(_ session: Session) async throws {
            let balancer = try await session.find(API.LoadBalancer.self, loadBalancer)
            let group = try await session.find(
                API.TargetGroup.self, targetGroup, where: ["tenant": balancer.tenant.description])
            let creation = API.Listener.Creation(
                loadBalancer: balancer.id,
                ipProtocol: listener.transport == .tcp ? .tcp : .udp,
                port: Int(listener.port), targetGroup: group.id)
            try await session.create(API.Listener.self, creation, change)
        }
    }
}
