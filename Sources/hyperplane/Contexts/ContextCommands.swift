// `hyperplane context`: the clusters that the user speaks to.

import ArgumentParser
import Foundation

struct ContextCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "context", abstract: "Clusters that this command line knows.",
        subcommands: [List.self, Use.self, Show.self, Add.self, Delete.self])

    static var location: URL {
        ContextsFile.location(environment: ProcessInfo.processInfo.environment)
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List contexts.")

        @OptionGroup var options: GlobalOptions

        func run() throws {
            let file = try ContextsFile.read(from: ContextCommands.location)
            let terminal = Terminal.current(environment: ProcessInfo.processInfo.environment)
            let printer = Printer(format: options.format, terminal: terminal)
            guard options.format == .table else {
                return printer.write([try options.format.text(of: file)])
            }
            if file.contexts.isEmpty, terminal.width != nil {
                StandardError.write("There are no contexts in \(ContextCommands.location.path).")
                return
            }
            var table = Table([
                Column("current"), Column("name"), Column("url"), Column("tenant"),
            ])
            for (name, context) in file.contexts.sorted(by: { $0.key < $1.key }) {
                table.append([
                    Cell(name == file.current ? "*" : nil), Cell(name), Cell(context.url),
                    Cell(context.tenant),
                ])
            }
            printer.write(printer.lines(of: table))
        }
    }

    struct Use: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make a context the current one.")

        @Argument var name: String

        func run() throws {
            var file = try ContextsFile.read(from: ContextCommands.location)
            guard file.contexts[name] != nil else {
                throw ContextSelection.unknown(name, "named here", file)
            }
            file.current = name
            try file.write(to: ContextCommands.location)
            print("The current context is '\(name)'.")
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the context that a command would use, and why.")

        @Argument(help: "Default: the one that is chosen.")
        var name: String?

        @OptionGroup var options: GlobalOptions

        func run() throws {
            let environment = ProcessInfo.processInfo.environment
            var selection = options.selection(environment: environment)
            if let name { selection.context = name }
            let cluster = try selection.cluster {
                try ContextsFile.read(from: ContextCommands.location)
            }
            guard options.format == .table else {
                let shown = ShownContext(
                    name: cluster.context, url: cluster.url,
                    tenant: cluster.defaultTenant)
                print(try options.format.text(of: shown))
                return
            }
            var details = Details()
            details.add("Name", cluster.context)
            details.add("URL", cluster.url)
            details.add("Tenant", cluster.defaultTenant)
            details.add("Chosen by", name == nil ? cluster.origin : "name")
            details.add("File", ContextCommands.location.path)
            print(details.lines().joined(separator: "\n"))
        }
    }
}

/// What `context show` says to programs.
private struct ShownContext: Encodable {
    var name: String?
    var url: String
    var tenant: String?
}
