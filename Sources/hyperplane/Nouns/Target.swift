// `hyperplane target`: how it is shown; registering and draining are in another file.

import ArgumentParser
import ControlClient

/// Targets are named within their group.
struct TargetScope: ScopeOptions {
    static let hasTenant = true
    static let narrowing = "--target-group"

    @Option(help: "Only of this target group, by name or id.")
    var targetGroup: String?

    func filters(_ session: Session) async throws -> [String: String] {
        guard let targetGroup else { return [:] }
        let found = try await session.find(API.TargetGroup.self, targetGroup)
        return ["targetGroup": found.id.description]
    }
}

extension API.Target: Noun {
    typealias Scope = TargetScope
    static let words = NounWords("a", "target", "targets")
    static let named: [any Noun.Type] = [API.Tenant.self, API.TargetGroup.self]
    static let columns: [Column] = [
        Column("name"), Column("id"), Column("state"), Column("tenant"), Column("target group"),
        .number("weight"),
    ]
    var owner: Identifier? { tenant }
    var holdsItsName: Bool { !isDeregistered }

    func cells(_ names: NameBook) -> [Cell] {
        [
            Cell(name), Cell(id.description), .state(state.rawValue), Cell(names[tenant]),
            Cell(names[targetGroup]), Cell(weight),
        ]
    }

    func candidate(_ names: NameBook) -> Candidate {
        Candidate(id: id, name: name, scope: "target group \(names[targetGroup])")
    }

    func details(_ names: NameBook) -> Details {
        var details = commonDetails(names)
        details.add("Target group", names.full(targetGroup))
        details.add("Address", address)
        details.add("Port", Cell(port))
        details.add("Weight", Cell(weight))
        details.add("Created", createdAt)
        return details
    }
}

struct TargetCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "target", abstract: "Addresses and ports that take flows.",
        subcommands: [
            Register.self, ListCommand<API.Target>.self, ShowCommand<API.Target>.self,
            Set.self, Drain.self, DeleteCommand<API.Target>.self,
        ])
}
