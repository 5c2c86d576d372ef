// `hyperplane config status`: which node runs by which version of the configuration.

import ArgumentParser
import ControlClient

struct ConfigCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "The configuration on its way to the nodes.",
        subcommands: [Status.self])

    struct Status: SessionCommand {
        static let configuration = CommandConfiguration(
            abstract: "Which node runs by which version of the configuration.")

        @OptionGroup var options: GlobalOptions

        func run(_ session: Session) async throws {
            let cluster = try await session.ask { client throws(ControlError) in
                try await client.cluster()
            }
            let answers = await session.askNodes(
                try await session.list(API.Node.self, where: [:])
            ) { try await $0.get("/v1/status", as: NodeStatus.self) }
            let report = ConfigReport(version: cluster.revision, answers)
            try await session.printer.show(report) { printer in
                ["The newest version is \(report.version).", ""]
                    + printer.lines(of: report.table())
            }
            try session.requireAll(answers)
        }
    }
}

private struct ConfigReport: Encodable {
    struct Line: Encodable {
        var node: String
        var version: UInt64?
        /// `current`, `behind`, `ahead` or `unknown`.
        var standing: String
        var source: String?
        var ageSeconds: Double?
    }

    var version: UInt64
    var nodes: [Line]

    init(version: UInt64, _ answers: [NodeAnswer<NodeStatus>]) {
        self.version = version
        nodes = answers.map { answer in
            let held = answer.value?.snapshotVersion
            return Line(
                node: answer.node.name, version: held,
                standing: Self.standing(held, beside: version),
                source: answer.value?.snapshotSource,
                ageSeconds: answer.value?.snapshotAgeSeconds)
        }
    }

    private static func standing(_ held: UInt64?, beside newest: UInt64) -> String {
        guard let held else { return "unknown" }
        return held == newest ? "current" : held < newest ? "behind" : "ahead"
    }

    func table() -> Table {
        var table = Table([
            Column("node"), .number("version"), Column("standing"), Column("source"),
            .number("fetched"),
        ])
        for line in nodes {
            table.append([
                Cell(line.node), Cell(line.version.map(String.init)),
                Cell(line.standing, line.standing == "current" ? .good : .warning),
                Cell(line.source),
                Cell(line.ageSeconds.map { Quantity.duration(seconds: $0) + " ago" }),
            ])
        }
        return table
    }
}
