// `hyperplane config status`: which node runs by which version of the configuration.

import ArgumentParser
import ControlClient

struct ConfigCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "The configuration on its way to the nodes.",
        subcommands: [Status.self])

    struct Status: SessionCommand {
        static let configuration = CommandConfiguration(
            abstract: "Which node runs by which version of the configuration.",
            discussion: "Ends with status 3 unless all nodes run by the newest one.")

        @Option(
            help: ArgumentHelp(
                "Wait until all nodes have it, at most so long.", valueName: "seconds"),
            transform: { try NumberArgument.number($0, in: 1...3600, called: "a time to wait") })
        var wait: Int?

        @OptionGroup var options: GlobalOptions

        func run(_ session: Session) async throws {
            let deadline = ContinuousClock.now + .seconds(wait ?? 0)
            let version = try await session.ask { client throws(ControlError) in
                try await client.cluster().revision
            }
            var (report, answers) = try await session.configuration(version)
            while !report.isEverywhere, ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(100))
                (report, answers) = try await session.configuration(version)
            }
            try await session.printer.show(report) { [report] printer in
                ["The newest version is \(report.version).", ""]
                    + printer.lines(of: report.table())
            }
            try session.requireAll(answers)
            try report.requireEverywhere()
        }
    }
}

extension Session {
    fileprivate func configuration(
        _ version: UInt64
    ) async throws -> (ConfigReport, [NodeAnswer<NodeAPI.Status>]) {
        let answers = await askNodes(try await list(API.Node.self, where: [:])) {
            try await $0.get("/v1/status", as: NodeAPI.Status.self)
        }
        return (ConfigReport(version: version, answers), answers)
    }
}

private struct ConfigReport: Encodable {
    struct Line: Encodable {
        var node: String
        var version: UInt64?
        /// `current`, `behind`, `ahead` or `unknown`. A node is ahead after a change in between,
        /// or for good if the registry was restored from an older copy.
        var standing: String
        var source: String?
        var ageSeconds: Double?
    }

    var version: UInt64
    var nodes: [Line]

    init(version: UInt64, _ answers: [NodeAnswer<NodeAPI.Status>]) {
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

    private var late: Int { nodes.count { ["behind", "unknown"].contains($0.standing) } }

    var isEverywhere: Bool { late == 0 }

    func requireEverywhere() throws {
        guard !isEverywhere else { return }
        throw Failure(
            .unreachable, "\(late) of \(nodes.count) nodes do not run by version \(version) yet",
            advice: ["Nodes fetch it every second. Wait for them: --wait SECONDS"])
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
