// `<noun> show`.

import ArgumentParser
import ControlClient

struct ShowCommand<N: Noun>: SessionCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "show", abstract: "Show \(N.words.article) \(N.words.one) in full.")
    }

    @Argument(help: "Name or id.")
    var name: String

    @OptionGroup var scope: N.Scope
    @OptionGroup var options: GlobalOptions

    func run(_ session: Session) async throws {
        let item = try await session.find(
            N.self, name, where: session.filters(N.self, scope))
        try await session.printer.show(item) { printer in
            let names = try await session.nameBook(N.named)
            let details = item.details(names).lines(coloured: printer.terminal.isColoured)
            return try await details + item.appendix(session, names)
        }
    }
}
