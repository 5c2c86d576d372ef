// `hyperplane history`: who changed what, when and why.

import ArgumentParser
import ControlClient
import Foundation

struct HistoryCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "Every change: who, when, what and why.",
        subcommands: [List.self])

    struct List: SessionCommand {
        static let configuration = CommandConfiguration(
            abstract: "List changes, the newest last.",
            discussion: "JSON and YAML tell what it was before and after.")

        @Option(help: "Only of the thing with this id, or of the cluster.", transform: Self.subject)
        var subject: API.Change.Subject?

        @Option(help: "From the one after this revision on. Default: the last ones.")
        var after: UInt64?

        @Option(help: "At most so many. Default: 50.", transform: NumberArgument.limit)
        var limit: Int?

        @OptionGroup var options: GlobalOptions

        func run(_ session: Session) async throws {
            let limit = limit ?? 50
            var (changes, next) = try await session.changes(
                of: subject, after: try await start(session, limit),
                limit: after == nil ? .max : limit)
            var advice = next.map { "--after \($0)" }
            if after == nil, let first = changes.suffix(limit).first, changes.count > limit {
                // A revision's changes are not torn apart.
                changes = changes.filter { $0.revision >= first.revision }
                advice = "raise --limit"
            }
            try await session.printer.show(changes) { [changes] printer in
                printer.lines(of: Self.table(of: changes))
            }
            if let advice, session.printer.format == .table {
                StandardError.write("There are more: \(advice)")
            }
        }

        /// Without a subject every revision is a change, so the last ones begin near the end.
        private func start(_ session: Session, _ limit: Int) async throws -> UInt64 {
            if let after { return after }
            guard subject == nil else { return 0 }
            let newest = try await session.ask { client throws(ControlError) in
                try await client.cluster().revision
            }
            return newest > UInt64(limit) ? newest - UInt64(limit) - 1 : 0
        }

        private static func subject(_ text: String) throws -> API.Change.Subject {
            guard let subject = API.Change.Subject(text) else {
                throw InvalidValue("an id looks like nat-00123456789abcdef; or write cluster")
            }
            return subject
        }

        private static func table(of changes: [API.Change]) -> Table {
            var table = Table([
                .number("revision"), Column("time"), Column("actor"), Column("change"),
                Column("subject"), Column("name"), Column("reason", shrinks: true),
            ])
            for change in changes {
                table.append([
                    Cell(change.revision), Cell(change.time), Cell(change.actor),
                    Cell(change.verb), Cell(change.subject), Cell(change.name),
                    Cell(change.reason),
                ])
            }
            return table
        }
    }
}

extension Session {
    /// `limit` changes, and those of the last one's revision; read page by page. Then the revision
    /// to go on after, if there are more.
    fileprivate func changes(
        of subject: API.Change.Subject?, after: UInt64, limit: Int
    ) async throws -> ([API.Change], UInt64?) {
        var changes: [API.Change] = []
        var next: UInt64? = after
        while let after = next, changes.count < limit {
            let page = try await ask { client throws(ControlError) in
                try await client.history(
                    of: subject, after: after, limit: min(limit - changes.count, 1000))
            }
            changes += page.items
            next = page.next.flatMap(UInt64.init)
        }
        return (changes, next)
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

    /// Of what changed, if it has a name: targets and listeners are called by what they are.
    fileprivate var name: String? {
        guard let text = after ?? before,
            let named = try? JSONDecoder().decode(Named.self, from: Data(text.utf8))
        else { return nil }
        if let name = named.name { return name }
        guard let port = named.port else { return nil }
        if let ipProtocol = named.ipProtocol { return "\(ipProtocol)/\(port)" }
        return named.address.map { $0.contains(":") ? "[\($0)]:\(port)" : "\($0):\(port)" }
    }

    /// As much of any record as its name takes.
    private struct Named: Decodable {
        var name: String?
        var address: String?
        var ipProtocol: String?
        var port: Int?
    }
}
