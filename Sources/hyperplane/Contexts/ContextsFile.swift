// The user's contexts file: which clusters there are and which one is meant. Whatever starts a
// cluster adds its context here; the file is small and meant to be edited by hand too.

package import Foundation
import Yams

/// A cluster that the user speaks to.
package struct Context: Codable, Equatable, Sendable {
    /// Of the placement service.
    package var url: String
    /// Meant where `--tenant` is not given: a name or an id.
    package var tenant: String?

    package init(url: String, tenant: String? = nil) {
        self.url = url
        self.tenant = tenant
    }
}

/// `contexts.yaml`: named contexts and the name of the current one.
package struct ContextsFile: Codable, Equatable, Sendable {
    package var current: String?
    package var contexts: [String: Context]

    package init(current: String? = nil, contexts: [String: Context] = [:]) {
        self.current = current
        self.contexts = contexts
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        current = try container.decodeIfPresent(String.self, forKey: .current)
        contexts =
            try container.decodeIfPresent([String: Context].self, forKey: .contexts) ?? [:]
    }
}

extension ContextsFile {
    /// `$XDG_CONFIG_HOME/hyperplane/contexts.yaml`, else below `~/.config`. A relative
    /// `XDG_CONFIG_HOME` is ignored, as the XDG base directory specification asks.
    package static func location(environment: [String: String]) -> URL {
        let directory: URL
        if let home = environment["XDG_CONFIG_HOME"], home.hasPrefix("/") {
            directory = URL(filePath: home, directoryHint: .isDirectory)
        } else {
            let home = environment["HOME"] ?? NSHomeDirectory()
            directory = URL(filePath: home, directoryHint: .isDirectory)
                .appending(path: ".config", directoryHint: .isDirectory)
        }
        return directory.appending(path: "hyperplane/contexts.yaml")
    }

    /// The file's content; empty if there is no file.
    package static func read(from location: URL) throws -> ContextsFile {
        guard FileManager.default.fileExists(atPath: location.path) else { return ContextsFile() }
        do {
            let text = try String(contentsOf: location, encoding: .utf8)
            guard !text.allSatisfy(\.isWhitespace) else { return ContextsFile() }
            return try YAMLDecoder().decode(ContextsFile.self, from: text)
        } catch {
            throw Failure(
                .usage, "cannot read the contexts file \(location.path): \(reason(of: error))",
                advice: ["Correct or remove it, or give --url URL with a file that can be read."])
        }
    }

    /// Replaces the file at once, readable by its owner only.
    package func write(to location: URL) throws {
        do {
            try FileManager.default.createDirectory(
                at: location.deletingLastPathComponent(), withIntermediateDirectories: true)
            let encoder = YAMLEncoder()
            encoder.options.sortKeys = true
            try Data(try encoder.encode(self).utf8).write(to: location, options: .atomic)
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o600], ofItemAtPath: location.path)
        } catch {
            throw Failure(
                .usage, "cannot write the contexts file \(location.path): \(error)",
                advice: ["Another folder can be set with XDG_CONFIG_HOME."])
        }
    }

    private static func reason(of error: any Error) -> String {
        guard let error = error as? DecodingError else { return "\(error)" }
        switch error {
        case .keyNotFound(let key, let context):
            return "'\(path(context.codingPath + [key]))' is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            return "'\(path(context.codingPath))' has the wrong form"
        case .dataCorrupted(let context):
            return context.underlyingError.map { "\($0)" } ?? context.debugDescription
        @unknown default: return "\(error)"
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        keys.map(\.stringValue).joined(separator: ".")
    }
}
