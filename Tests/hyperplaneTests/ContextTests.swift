// Which cluster a command speaks to, and the file that says so.

import Foundation
import Testing
import hyperplane

@Suite struct ContextTests {
    private let file = ContextsFile(
        current: "lab",
        contexts: [
            "lab": Context(url: "http://10.0.0.1:8470/", tenant: "acme"),
            "quickstart": Context(url: "http://127.0.0.1:8470"),
        ])

    private func cluster(
        url: String? = nil, context: String? = nil, variable: String? = nil,
        file: ContextsFile? = nil
    ) throws -> Cluster {
        let environment = variable.map { [ContextSelection.variable: $0] } ?? [:]
        return try ContextSelection(url: url, context: context, environment: environment)
            .cluster { file ?? self.file }
    }

    @Test func `the option goes before the environment, and that before the file`() throws {
        #expect(try cluster().context == "lab")
        #expect(try cluster(variable: "quickstart").context == "quickstart")
        #expect(try cluster(context: "lab", variable: "quickstart").context == "lab")
        #expect(try cluster(variable: "").context == "lab")
    }

    @Test func `a final slash of a URL is dropped`() throws {
        #expect(try cluster().url == "http://10.0.0.1:8470")
    }

    @Test func `a bare URL takes no tenant of another cluster`() throws {
        let chosen = try cluster(url: "http://127.0.0.1:1")
        #expect(chosen.url == "http://127.0.0.1:1")
        #expect(chosen.defaultTenant == nil)
        #expect(chosen.context == nil)
    }

    @Test func `a URL beside a context replaces the URL alone`() throws {
        let chosen = try cluster(url: "http://127.0.0.1:1", context: "lab")
        #expect(chosen.url == "http://127.0.0.1:1")
        #expect(chosen.defaultTenant == "acme")
    }

    @Test func `a bare URL is enough where the file cannot be read`() throws {
        let chosen = try ContextSelection(url: "http://127.0.0.1:1").cluster {
            throw Failure(.usage, "unreadable")
        }
        #expect(chosen.url == "http://127.0.0.1:1")
    }

    @Test func `an unknown context is answered with those there are`() {
        let failure = #expect(throws: Failure.self) { try cluster(context: "nope") }
        #expect(failure?.status == .notFound)
        #expect(failure?.text.contains("Contexts: lab, quickstart") == true)
    }

    @Test func `no cluster chosen says how to choose one`() {
        let failure = #expect(throws: Failure.self) { try cluster(file: ContextsFile()) }
        #expect(failure?.status == .usage)
        #expect(failure?.text.contains("--url") == true)
        #expect(failure?.text.contains("context add") == true)
    }

    @Test(arguments: ["", "127.0.0.1:8470", "ftp://x", "http://", "http:///path"])
    func `what is no http URL is refused`(text: String) {
        #expect(throws: Failure.self) { try ContextSelection.serviceURL(text) }
    }

    @Test func `the file lies where XDG says, else in the home`() {
        func path(_ environment: [String: String]) -> String {
            ContextsFile.location(environment: environment).path
        }
        #expect(
            path(["XDG_CONFIG_HOME": "/etc/x", "HOME": "/home/a"])
                == "/etc/x/hyperplane/contexts.yaml")
        #expect(path(["HOME": "/home/a"]) == "/home/a/.config/hyperplane/contexts.yaml")
        #expect(
            path(["XDG_CONFIG_HOME": "relative", "HOME": "/home/a"])
                == "/home/a/.config/hyperplane/contexts.yaml")
    }
}

@Suite struct ContextsFileTests {
    /// Calls `body` with the path of a file that does not exist.
    private func withLocation(_ body: (URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "hyperplane-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder.appending(path: "deep/contexts.yaml"))
    }

    @Test func `what is written is read again, by its owner only`() throws {
        try withLocation { location in
            let file = ContextsFile(
                current: "a",
                contexts: [
                    "a": Context(url: "http://127.0.0.1:1", tenant: "acme"),
                    "yes": Context(url: "http://[::1]:2"),
                ])
            try file.write(to: location)
            #expect(try ContextsFile.read(from: location) == file)
            let attributes = try FileManager.default.attributesOfItem(atPath: location.path)
            #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
        }
    }

    @Test func `a missing and an empty file hold no contexts`() throws {
        try withLocation { location in
            #expect(try ContextsFile.read(from: location) == ContextsFile())
            try ContextsFile().write(to: location)
            try Data(" \n".utf8).write(to: location)
            #expect(try ContextsFile.read(from: location) == ContextsFile())
        }
    }

    @Test(arguments: ["contexts: [", "contexts:\n  a: {}\n", "just words", "contexts: 3\n"])
    func `a broken file is named, with the way around it`(content: String) throws {
        try withLocation { location in
            try ContextsFile().write(to: location)
            try Data(content.utf8).write(to: location)
            let failure = #expect(throws: Failure.self) { try ContextsFile.read(from: location) }
            #expect(failure?.status == .usage)
            #expect(failure?.text.contains(location.path) == true)
            #expect(failure?.text.contains("--url") == true)
        }
    }
}
