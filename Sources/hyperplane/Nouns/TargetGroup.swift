// `hyperplane target-group`.

import ArgumentParser
import ControlClient

extension API.TargetGroup: Noun {
    static let words = NounWords("a", "target group", "target groups")
    static let named: [any Noun.Type] = [API.Tenant.self, API.VPC.self]
    static let columns: [Column] = [
        Column("name"), Column("id"), Column("state"), Column("tenant"), Column("VPC"),
        Column("client address"), Column("algorithm"), Column("sticky"),
        .number("deregistration"), Column("then"),
    ]
    var owner: Identifier? { tenant }

    private var clientAddress: String { preservesClientAddress ? "preserved" : "translated" }

    func cells(_ names: NameBook) -> [Cell] {
        [
            Cell(name), Cell(id.description), .state(state.rawValue), Cell(names[tenant]),
            Cell(names[vpc]), Cell(clientAddress), Cell(algorithm.rawValue),
            Cell(stickiness == .off ? nil : stickiness.rawValue),
            Cell("\(deregistrationDelaySeconds)s"), Cell(onRemoval.rawValue),
        ]
    }

    func details(_ names: NameBook) -> Details {
        var details = commonDetails(names)
        details.add("VPC", names.full(vpc))
        details.add("Client address", clientAddress)
        details.add("Algorithm", algorithm.rawValue)
        details.add("Sticky by", stickiness.rawValue)
        details.add("Deregistration", deregistration)
        details.add("Created", createdAt)
        return details
    }

    private var deregistration: String {
        "flows are kept for \(deregistrationDelaySeconds) s, then they "
            + (onRemoval == .reset ? "are reset (an RST to both ends)" : "go on until they end")
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
            Set.self, DeleteCommand<API.TargetGroup>.self,
        ])

    struct Create: CreatingCommand {
        static let configuration = CommandConfiguration(abstract: "Create a target group.")

        @Argument(help: "Unique within the tenant.")
        var name: String

        @Option(help: "Name or id. Default: the tenant's only VPC.")
        var vpc: String?

        @Flag(help: "Targets see the load balancer's address in the place of the client's.")
        var translateClientAddress = false

        @OptionGroup var choice: TargetGroupOptions
        @OptionGroup var change: ChangeOptions
        @OptionGroup var options: GlobalOptions

        func run(_ session: Session) async throws {
            let creation = API.TargetGroup.Creation(
                vpc: try await session.vpc(vpc).id, name: name,
                preservesClientAddress: translateClientAddress ? false : nil,
                settings: choice.settings)
            try await session.create(API.TargetGroup.self, creation, change)
        }
    }

    struct Set: SettingCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change how targets are chosen, and what becomes of removed ones' flows.",
            discussion: """
                What isn't given stays. Flows that stand keep their targets. Stickiness can't \
                change under the flows of a load balancer.
                """)

        @Argument(help: "Name or id.")
        var name: String

        @OptionGroup var choice: TargetGroupOptions
        @OptionGroup var because: ReasonOptions
        @OptionGroup var options: GlobalOptions

        static let nothing = API.TargetGroup.Settings()
        func settings() -> API.TargetGroup.Settings { choice.settings }

        func run(_ session: Session) async throws {
            try await session.change(
                session.find(API.TargetGroup.self, name), choice.settings)
        }
    }
}

/// What can be set at a target group's creation and later.
struct TargetGroupOptions: ParsableArguments {
    @Option(
        help: "How a new flow's target is chosen: flow-hash (default) or least-flows.",
        transform: { try ChoiceArgument.choice($0) })
    var algorithm: API.TargetAlgorithm?

    @Option(
        help: ArgumentHelp(
            "All flows of a client's address go to one target: source-address, or none (default).",
            valueName: "by"),
        transform: { try ChoiceArgument.choice($0) })
    var sticky: API.Stickiness?

    @Option(
        help: ArgumentHelp(
            "A deregistered target keeps its flows so long, 0 to 3600. Default: 300.",
            valueName: "seconds"),
        transform: { try NumberArgument.number($0, in: 0...3600, called: "a delay") })
    var deregistrationDelay: Int?

    @Option(
        help: ArgumentHelp(
            """
            What becomes of the flows that are left then: reset, by an RST to both ends, or keep \
            (default).
            """, valueName: "action"),
        transform: { try ChoiceArgument.choice($0) })
    var onRemoval: API.RemovalAction?

    var settings: API.TargetGroup.Settings {
        API.TargetGroup.Settings(
            algorithm: algorithm, stickiness: sticky,
            deregistrationDelaySeconds: deregistrationDelay, onRemoval: onRemoval)
    }
}
