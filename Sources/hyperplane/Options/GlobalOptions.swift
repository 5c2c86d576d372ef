// Options that every command takes.

import ArgumentParser
import ControlClient
import Foundation

struct GlobalOptions: ParsableArguments {
    @Option(help: "The cluster, by its name in the contexts file.")
    var context: String?

    @Option(help: "The placement service, instead of a context's.")
    var url: String?

    @Option(help: "The tenant, by name or id. Default: the context's, or the only one.")
    var tenant: String?

    @Option(name: .shortAndLong, help: "The form of the output.")
    var output: OutputFormat?

    @Flag(help: "The same as --output json.")
    var json = false

    mutating func validate() throws {
        guard !json || output == nil || output == .json else {
            throw ValidationError("--json and --output \(output!.rawValue) exclude each other")
        }
    }

    var format: OutputFormat { json ? .json : output ?? .table }

    func selection(environment: [String: String]) -> ContextSelection {
        ContextSelection(url: url, context: context, environment: environment)
    }
}

/// `--reason`, of everything that changes something.
struct ReasonOptions: ParsableArguments {
    @Option(help: "Why, for the history.")
    var reason: String?

    mutating func validate() throws {
        guard let reason else { return }
        guard reason.utf8.count <= 512, reason.withoutControlCharacters == reason else {
            throw ValidationError("a reason is one line of at most 512 bytes")
        }
    }
}

/// Options of a creation.
struct ChangeOptions: ParsableArguments {
    @OptionGroup var because: ReasonOptions

    @Option(
        help: ArgumentHelp(
            "Repeating a command with the same key changes nothing more. Default: a new key.",
            valueName: "key"),
        transform: Self.checkedKey)
    var idempotencyKey: String?

    private static func checkedKey(_ text: String) throws -> String {
        guard (1...64).contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { throw InvalidValue("a key is 1 to 64 printable ASCII characters without spaces") }
        return text
    }

    /// The key of this invocation's request number `index`: one invocation, one key for each thing.
    func key(_ index: Int = 0, of count: Int = 1) -> String {
        let key = idempotencyKey ?? Self.invocationKey
        return count == 1 ? key : "\(key.prefix(58))/\(index)"
    }

    private static let invocationKey = UUID().uuidString.lowercased()
}

/// `--yes`, for what takes something away.
struct ConfirmationOptions: ParsableArguments {
    @Flag(name: .shortAndLong, help: "Don't ask.")
    var yes = false
}
