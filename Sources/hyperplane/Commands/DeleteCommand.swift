// `<noun> delete`, and `target deregister`, which is the same.

import ArgumentParser
import ControlClient

struct DeleteCommand<N: Noun>: ChangingCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: N.kind == .target ? "deregister" : "delete",
            abstract: "\(verb) \(N.words.article) \(N.words.one).",
            aliases: N.kind == .target ? ["delete"] : [])
    }

    private static var verb: String { N.kind == .target ? "Deregister" : "Delete" }

    @Argument(help: "Name or id.")
    var name: String

    @OptionGroup var confirmation: ConfirmationOptions
    @OptionGroup var because: ReasonOptions
    @OptionGroup var scope: N.Scope
    @OptionGroup var options: GlobalOptions

    func run(_ session: Session) async throws {
        let item = try await session.find(
            N.self, name, where: session.filters(N.self, scope))
        try session.confirm("\(Self.verb) \(item.title)?", unless: confirmation)
        let left = try await session.ask { client throws(ControlError) in
            try await client.delete(N.self, item.id)
        }
        try await session.printer.show(left ?? item) { _ in
            let done = N.kind == .target ? "Deregistered" : "Deleted"
            guard let left else { return ["\(done) \(item.title)."] }
            return ["\(left.title.capitalizedFirst) is \(left.state)" + left.becauseClause + "."]
        }
    }
}

extension Noun {
    /// `: reason`, or nothing.
    var becauseClause: String { stateReason.map { ": \($0)" } ?? "" }
}

extension String {
    var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
