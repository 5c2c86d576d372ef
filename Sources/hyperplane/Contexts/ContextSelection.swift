// Which cluster a command speaks to: `--url`, else `--context`, else `HYPERPLANE_CONTEXT`, else the
// file's current context.

import Foundation

/// The placement service that was chosen, and why, for error messages.
package struct Cluster: Equatable, Sendable {
    package var url: String
    /// Nil if only `--url` named the cluster.
    package var context: String?
    package var defaultTenant: String?
    /// What to change to reach another one: "from --url", "context quickstart (--context)", ...
    package var origin: String
}

/// What of the command line and the environment chooses the cluster.
package struct ContextSelection: Sendable {
    package var url: String?
    package var context: String?
    package var environment: [String: String]

    package init(
        url: String? = nil, context: String? = nil, environment: [String: String] = [:]
    ) {
        self.url = url
        self.context = context
        self.environment = environment
    }

    package static let variable = "HYPERPLANE_CONTEXT"

    /// The cluster meant, by the rules above. With a bare `--url` the file is not looked at: its
    /// current context, and so its tenant, may be another cluster's.
    package func cluster(file: () throws -> ContextsFile) throws -> Cluster {
        if let url, context == nil {
            return Cluster(
                url: try Self.serviceURL(url), context: nil, defaultTenant: nil, origin: "--url")
        }
        let file = try file()
        let (name, origin) = try chosenName(in: file)
        guard let context = file.contexts[name] else { throw Self.unknown(name, origin, file) }
        return Cluster(
            url: try Self.serviceURL(url ?? context.url), context: name,
            defaultTenant: context.tenant,
            origin: url == nil ? "context '\(name)', \(origin)" : "--url")
    }

    private func chosenName(in file: ContextsFile) throws -> (name: String, origin: String) {
        if let context { return (context, "--context") }
        if let name = environment[Self.variable], !name.isEmpty { return (name, Self.variable) }
        if let name = file.current { return (name, "current in the contexts file") }
        var advice = ["Give --url URL, for example --url http://127.0.0.1:8470,"]
        if file.contexts.isEmpty {
            advice.append("or add a context: hyperplane context add NAME --url URL")
        } else {
            let names = file.contexts.keys.sorted().joined(separator: ", ")
            advice.append("or choose a context: hyperplane context use NAME (there are: \(names))")
        }
        throw Failure(.usage, "no cluster is chosen", advice: advice)
    }

    /// No context has this name.
    package static func unknown(
        _ name: String, _ origin: String, _ file: ContextsFile
    ) -> Failure {
        let names = file.contexts.keys.sorted()
        return Failure(
            .notFound, "there is no context '\(name)' (\(origin))",
            advice: names.isEmpty
                ? ["The contexts file is empty. Add one: hyperplane context add \(name) --url URL"]
                : ["Contexts: \(names.joined(separator: ", "))"])
    }

    /// An http or https URL with a host; a final slash is dropped.
    package static func serviceURL(_ text: String) throws -> String {
        let trimmed = text.hasSuffix("/") ? String(text.dropLast()) : text
        guard let url = URL(string: trimmed), let host = url.host(), !host.isEmpty,
            url.scheme == "http" || url.scheme == "https"
        else {
            throw Failure(
                .usage, "'\(text)' is not the URL of a placement service",
                advice: ["It begins with http:// or https://, as in http://127.0.0.1:8470."])
        }
        return trimmed
    }
}
