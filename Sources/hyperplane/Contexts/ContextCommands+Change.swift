// `hyperplane context add` and `delete`.

import ArgumentParser
import Foundation

extension ContextCommands {
    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a context; the first one becomes the current one.")

        @Argument var name: String

        @Flag(help: "Make it the current one.")
        var use = false

        @Flag(help: "Replace a context of the same name.")
        var replace = false

        @OptionGroup var options: GlobalOptions

        func run() throws {
            guard let url = options.url else {
                throw Failure(
                    .usage, "a context needs the URL of its placement service",
                    advice: ["hyperplane context add \(name) --url http://127.0.0.1:8470"])
            }
            guard !name.isEmpty, !name.contains(where: \.isWhitespace) else {
                throw Failure(.usage, "a context's name has no spaces and is not empty")
            }
            let checked = try ContextSelection.serviceURL(url)
            var file = try ContextsFile.read(from: ContextCommands.location)
            let added = Context(url: checked, tenant: options.tenant)
            guard file.contexts[name] == nil || file.contexts[name] == added || replace else {
                throw Failure(
                    .usage, "there is a context '\(name)' already, for \(file.contexts[name]!.url)",
                    advice: ["Replace it with --replace, or choose another name."])
            }
            file.contexts[name] = added
            if use || file.current == nil { file.current = name }
            try file.write(to: ContextCommands.location)
            let note = file.current == name ? ", the current one" : ""
            print("Added context '\(name)'\(note).")
        }
    }

    struct Delete: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Forget a context; the cluster goes on.")

        @Argument var name: String

        func run() throws {
            var file = try ContextsFile.read(from: ContextCommands.location)
            guard file.contexts.removeValue(forKey: name) != nil else {
                throw ContextSelection.unknown(name, "named here", file)
            }
            if file.current == name { file.current = nil }
            try file.write(to: ContextCommands.location)
            print("Deleted context '\(name)'.")
        }
    }
}
