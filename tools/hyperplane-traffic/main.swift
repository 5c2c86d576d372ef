// hyperplane-traffic: drives flows through a Hyperplane cluster and reports what became of them.
// Exit status: 0 PASS, 1 FAIL, 2 wrong arguments, 3 a run that could not be made.

import ArgumentParser
import Glibc

struct HyperplaneTraffic: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hyperplane-traffic",
        abstract: "Drive flows through a Hyperplane cluster and check what becomes of them.",
        discussion: """
            Emulates the virtual routers of all hosts, the edges, and the instances, servers and \
            targets behind them, and speaks Geneve to real nodes. Ends with a verdict: exit status \
            0 for PASS, 1 for FAIL, 2 for wrong arguments, 3 if no run could be made.
            """,
        subcommands: [
            Run.self, Hold.self, Exhaust.self, Registration.self, Selftest.self, Presets.self,
        ],
        defaultSubcommand: nil)
}

/// Parses the arguments and does what they ask for.
func perform() async throws {
    var command = try HyperplaneTraffic.parseAsRoot()
    if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
    } else {
        try command.run()
    }
}

do {
    try await perform()
} catch let error as RunFailure {
    Terminal.complain(error.description)
    exit(error.status)
} catch {
    let code = HyperplaneTraffic.exitCode(for: error)
    let message = HyperplaneTraffic.fullMessage(for: error)
    if code.isSuccess {
        print(message)
        exit(0)
    }
    if !message.isEmpty { Terminal.write(message + "\n", to: STDERR_FILENO) }
    exit(code == .validationFailure ? 2 : code.rawValue)
}
