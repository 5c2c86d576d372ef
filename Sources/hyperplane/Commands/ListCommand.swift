// `<noun> list`.

import ArgumentParser
import ControlClient

struct ListCommand<N: Noun>: SessionCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "list", abstract: "List \(N.words.many).")
    }

    @OptionGroup var scope: N.Scope
    @OptionGroup var options: GlobalOptions

    func run(_ session: Session) async throws {
        let items = try await session.list(N.self, where: session.filters(N.self, scope))
        try await session.printer.show(items) { printer in
            if items.isEmpty, printer.terminal.width != nil {
                StandardError.write("There are no \(N.words.many).")
                return []
            }
            let names = items.isEmpty ? NameBook() : try await session.nameBook(N.named)
            return printer.lines(of: N.table(of: items, names))
        }
    }
}
