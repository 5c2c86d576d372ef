// `hyperplane target-group`.

import ArgumentParser
import ControlClient

extension API.TargetGroup: Noun {
    static let words = NounWords("a", "target group", "target groups")
    static let named: [any Noun.Type] = [API.Tenant.self, API.VPC.self]
    static let columns: [Column] = [
        Column("name"), Column("id"), Column("state"), Column("tenant"), Column("VPC"),
        Column("client address"), .number("deregistration"),
    ]
    var owner: Identifier? { tenant }

    private var clientAddress: String { preservesClientAddress ? "preserved" : "translated" }

    func cells(_ names: NameBook) -> [Cell] {
        [
            Cell(name), Cell(id.description), .state(state.rawValue), Cell(names[tenant]),
            Cell(names[vpc]), Cell(clientAddress), Cell("\(deregistrationDelaySeconds)s"),
        ]
    }

    func details(_ names: NameBook) -> Details {
        var details = commonDetails(names)
        details.add("VPC", names.full(vpc))
        details.add("Client address", clientAddress)
        details.add("Deregistration", "after \(deregistrationDelaySeconds) s")
        details.add("Created", createdAt)
        return details
    }

    func appendix(_ session: Session, _ names: NameBook) async throws -> [String] {
        let targets = try await session.list(
            API.Target.self, where: ["targetGroup": id.description])
        guard !targets.isEmpty else { return ["", "No targets."] }
        let names = try await session.nameBook(API.Target.named)
        return [""] + session.printer.lines(of: API.Target.table(of: targets, names))
    }
}

struct TargetGroupCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "target-group", abstract: "Targets that share their settings.",
        subcommands: [
            Create.self, ListCommand<API.TargetGroup>.self, ShowCommand<API.TargetGroup>.self,
            DeleteCommand<API.TargetGroup>.self,
        ])

    struct Create: CreatingCommand {
        static let configuration = CommandConfiguration(abstract: "Create a target group.")

        @Argument(help: "Unique within the tenant.")
        var name: String

        @Option(help: "Name or id. Default: the tenant's only VPC.")
        var vpc: String?

        @Flag(help: "Targets see the load balancer's address in the place of the client's.")
        var translateClientAddress = false

        @Option(
            help: ArgumentHelp(
                "A deregistered target keeps its flows so long, 0 to 3600. Default: 300.",
                valueName: "seconds"),
            transform: { try NumberArgument.number($0, in: 0...3600, called: "a delay") })
        var deregistrationDelay: Int?

        @OptionGroup var change: ChangeOptions
        @OptionGroup var options: GlobalOptions

        func run(_ session: Session) async throws {
            let creation = API.TargetGroup.Creation(
                vpc: try await session.vpc(vpc).id, name: name,
                preservesClientAddress: translateClientAddress ? false : nil,
                deregistrationDelaySeconds: deregistrationDelay)
            try await session.create(API.TargetGroup.self, creation, change)
        }
    }
}
