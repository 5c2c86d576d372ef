// The built command, run as a process: exit statuses, and what goes to which output.

import Foundation
import Testing

/// Runs the built command as a user does. Nothing listens where it is sent.
@Suite struct InvocationTests {
    private struct Outcome {
        var status: Int32
        var output: String
        var error: String
    }

    /// The product, which stands beside the tests.
    private var product: URL {
        URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appending(path: "hyperplane")
    }

    private func run(
        _ arguments: String..., environment: [String: String] = [:]
    ) throws -> Outcome {
        try run(arguments, environment: environment)
    }

    private func run(
        _ arguments: [String], environment: [String: String] = [:]
    ) throws -> Outcome {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "hyperplane-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let process = Process()
        process.executableURL = product
        process.arguments = arguments
        process.environment = ["XDG_CONFIG_HOME": folder.path].merging(environment) { $1 }
        let (output, error) = (Pipe(), Pipe())
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = error
        try process.run()
        let (text, errorText) = (output.text, error.text)
        process.waitUntilExit()
        return Outcome(status: process.terminationStatus, output: text, error: errorText)
    }

    @Test func `wrong usage ends with 2, and the answer's place stays empty`() throws {
        for arguments in [["nonsense"], ["vpc", "create"], ["tenant", "list"]] {
            let outcome = try run(arguments)
            #expect(outcome.status == 2)
            #expect(outcome.output.isEmpty)
            #expect(outcome.error.hasPrefix("Error: "))
        }
    }

    @Test func `a number out of range is refused before anything is sent`() throws {
        let outcome = try run(
            "target", "register", "10.0.0.1:0", "--target-group", "web", "--url",
            "http://127.0.0.1:1")
        #expect(outcome.status == 2)
        #expect(outcome.error.contains("a port is 1 to 65535"))
    }

    @Test func `what explain can't mean together is refused before anything is sent`() throws {
        let packet = ["--source", "10.0.1.5:1", "--destination", "198.51.100.1:2/udp"]
        for extra in [
            ["--from", "outside"], ["--listener", "tcp/80"], ["--client-vni", "7"],
            ["--tcp-flags", "sin"], ["--icmp-type", "256"], ["--from", "nowhere"],
        ] {
            let outcome = try run(
                ["explain", "--nat-gateway", "main", "--url", "http://127.0.0.1:1"] + packet
                    + extra)
            #expect(outcome.status == 2, "\(extra): \(outcome.error)")
        }
    }

    @Test func `settings that say nothing, or contradict, are refused before anything is sent`()
        throws
    {
        for arguments in [
            ["nat-gateway", "set", "main"], ["tenant", "set", "acme"], ["cluster", "set"],
            ["nat-gateway", "set", "main", "--max-bit-rate", "1G", "--capacity-units", "1"],
            [
                "nat-gateway", "set", "main", "--tcp-transitory-idle", "1", "--tcp-opening-idle",
                "2",
            ],
            ["target-group", "set", "web", "--sticky", "cookie"],
        ] {
            let outcome = try run(arguments + ["--url", "http://127.0.0.1:1"])
            #expect(outcome.status == 2, "\(arguments): \(outcome.error)")
        }
    }

    @Test func `a service that does not answer ends with 3 and says where it was sought`() throws {
        let outcome = try run("tenant", "list", "--url", "http://127.0.0.1:1")
        #expect(outcome.status == 3)
        #expect(outcome.output.isEmpty)
        #expect(outcome.error.contains("http://127.0.0.1:1"))
        #expect(outcome.error.contains("--url"))
    }

    @Test func `options are taken before the noun as well as behind the verb`() throws {
        let before = try run("--url", "http://127.0.0.1:1", "tenant", "list")
        let behind = try run("tenant", "list", "--url", "http://127.0.0.1:1")
        #expect(before.status == 3)
        #expect(before.error == behind.error)
    }

    @Test func `an unknown context ends with 4`() throws {
        let outcome = try run("tenant", "list", environment: ["HYPERPLANE_CONTEXT": "nope"])
        #expect(outcome.status == 4)
        #expect(outcome.error.contains("HYPERPLANE_CONTEXT"))
    }

    @Test func `the version and the help go to standard output`() throws {
        let version = try run("version")
        #expect(version.status == 0)
        #expect(version.output.hasPrefix("hyperplane "))
        let help = try run("--help")
        #expect(help.status == 0)
        #expect(help.output.contains("nat-gateway"))
    }
}

extension Pipe {
    fileprivate var text: String {
        String(decoding: fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    }
}
