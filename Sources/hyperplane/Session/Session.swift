// What a command runs with: the client of the chosen cluster, the form of the output, and the
// tenant that is meant.

import ControlClient
import Foundation

/// One invocation's connection to one cluster.
struct Session: Sendable {
    let options: GlobalOptions
    let cluster: Cluster
    let client: ControlClient
    let printer: Printer

    init(_ options: GlobalOptions, reason: String? = nil) throws {
        let environment = ProcessInfo.processInfo.environment
        self.options = options
        cluster = try options.selection(environment: environment).cluster {
            try ContextsFile.read(from: ContextsFile.location(environment: environment))
        }
        printer = Printer(format: options.format, terminal: .current(environment: environment))
        do {
            client = try ControlClient(
                url: cluster.url, actor: Self.actor(environment), reason: reason)
        } catch {
            throw Failure(error, from: cluster)
        }
    }

    /// Who asks, for the history: what the service can't know better without authentication.
    private static func actor(_ environment: [String: String]) -> String? {
        let name = NSUserName()
        return name.isEmpty ? environment["USER"] : name
    }

    /// Runs a call of the client; its errors become failures that say what to do.
    func ask<Answer>(
        _ call: (ControlClient) async throws(ControlError) -> Answer
    ) async throws -> Answer {
        do {
            return try await call(client)
        } catch {
            var failure = Failure(error, from: cluster)
            if case .problem(let document) = error {
                failure.advice += await titles(of: document.conflicts ?? [])
            }
            throw failure
        }
    }
}
