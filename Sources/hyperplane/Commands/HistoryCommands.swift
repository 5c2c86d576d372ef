// `hyperplane history`: who changed what, when and why.

import ArgumentParser
import ControlClient

struct HistoryCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "Every change: who, when, what and why.",
        subcommands: [List.self])

    struct List: SessionCommand {
        static let configuration = CommandConfiguration(
            abstract: "List changes, the oldest first.")

        @Option(help: "Only of the thing with this id.", transform: Self.identifier)
        var subject: Identifier?

        @Option(help: "Only after this revision.")
        var after: UInt64 = 0

        @Option(help: "At most so many. Default: 100.", transform: NumberArgument.limit)
        var limit: Int?

        @OptionGroup var options: GlobalOptions

        func run(_ session: Session) async throws {
            let page = try await session.ask { client throws(ControlError) in
                try await client.history(subject: subject, after: after, limit: limit ?? 100)
            }
            try await session.printer.show(page.items) { printer in
                printer.lines(of: Self.table(of: page.items))
            }
            if let next = page.next, session.printer.format == .table {
                StandardError.write("There are more: --after \(next)")
            }
        }

        private static func identifier(_ text: String) throws -> Identifier {
            guard let identifier = Identifier(text) else {
                throw InvalidValue("an id looks like nat-00123456789abcdef")
            }
            return identifier
        }

        private static func table(of changes: [API.Change]) -> Table {
            var table = Table([
                .number("revision"), Column("time"), Column("actor"), Column("change"),
                Column("subject"), Column("reason", shrinks: true),
            ])
            for change in changes {
                table.append([
                    Cell(change.revision), Cell(change.time), Cell(change.actor),
                    Cell(change.verb), Cell(change.subject), Cell(change.reason),
                ])
            }
            return table
        }
    }
}

extension API.Change {
    fileprivate var verb: String {
        switch (before, after) {
        case (nil, _?): "created"
        case (_?, nil): "deleted"
        default: "changed"
        }
    }
}
