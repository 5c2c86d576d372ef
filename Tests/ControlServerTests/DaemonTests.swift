// The placement service as a process: what it says at a start that can't be, and what it holds
// after it was killed in the middle of its work.

import ControlClient
import ControlServer
import Foundation
import Testing

/// A running `hyperplane-placement` of this build.
private final class Daemon: Sendable {
    private let process: Process
    let url: String

    /// The executables lie beside the tests.
    private static var executable: URL {
        let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? ""
        return URL(filePath: bundle).deletingLastPathComponent()
            .appending(path: "hyperplane-placement")
    }

    static func process(_ arguments: [String], standardError: Any) throws -> Process {
        let process = Process()
        process.executableURL = executable
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = standardError
        try process.run()
        return process
    }

    /// Its log goes to a file, which nobody has to drain and whose handle may be closed at any time.
    init(state: String) throws {
        let log = URL(filePath: state + "-\(UUID().uuidString).log")
        try Data().write(to: log)
        let handle = try FileHandle(forWritingTo: log)
        process = try Self.process(
            ["--state", state, "--listen", "127.0.0.1:0"], standardError: handle)
        try handle.close()
        var text = ""
        for _ in 0..<1000 {
            // Asked first, so that what it said last is read.
            let isRunning = process.isRunning
            text = try String(contentsOf: log, encoding: .utf8)
            if let match = text.firstMatch(of: /control API at (http:\S+[0-9]),/) {
                url = String(match.1)
                return
            }
            guard isRunning else { break }
            Thread.sleep(forTimeInterval: 0.02)
        }
        kill(process.processIdentifier, SIGKILL)
        throw StoreError("no start: \(text)")
    }

    /// A test that fails leaves no process behind.
    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    func signal(_ number: Int32) -> Int32 {
        kill(process.processIdentifier, number)
        process.waitUntilExit()
        return process.terminationStatus
    }
}

@Suite(.serialized) struct DaemonTests {
    @Test func `a killed service has every acknowledged change and none by half`() async throws {
        let state = try temporaryDirectory() + "/state"
        var acknowledged: Set<String> = []
        for round in 0..<4 {
            let daemon = try Daemon(state: state)
            let client = try ControlClient(url: daemon.url)
            try await expect(acknowledged, round, in: client)
            async let killed: Int32 = {
                try? await Task.sleep(for: .milliseconds(300 + 130 * round))
                return daemon.signal(SIGKILL)
            }()
            var number = 0
            while true {
                let name = "t\(round)-\(number)"
                number += 1
                do throws(ControlError) {
                    let tenant = try await client.create(API.Tenant.self, .init(name: name))
                    _ = try await client.create(
                        API.VPC.self,
                        .init(tenant: tenant.id, name: "main", prefix: "10.0.0.0/16"))
                    acknowledged.insert(name)
                } catch {
                    break
                }
            }
            #expect(await killed == SIGKILL)
        }
        let daemon = try Daemon(state: state)
        try await expect(acknowledged, 4, in: ControlClient(url: daemon.url))
        #expect(daemon.signal(SIGTERM) == 0)
        #expect(!acknowledged.isEmpty)
    }

    /// At each kill one change may have been under way: done or not, it was not acknowledged.
    private func expect(
        _ acknowledged: Set<String>, _ kills: Int, in client: ControlClient
    ) async throws {
        let tenants = try await client.list(API.Tenant.self)
        let vpcs = try await client.list(API.VPC.self)
        #expect(acknowledged.isSubset(of: tenants.map(\.name)))
        #expect(tenants.count <= acknowledged.count + kills)
        #expect(Set(vpcs.map(\.vni)) == Set(1...UInt32(max(vpcs.count, 1))) || vpcs.isEmpty)
        #expect(vpcs.count >= acknowledged.count)
        for tenant in tenants {
            let history = try await client.history(subject: tenant.id)
            #expect(history.items.map(\.revision) == [tenant.revision])
        }
    }

    /// Runs a service that can't start: its exit status and what it says.
    private func refusal(_ arguments: String...) throws -> (status: Int32, text: String) {
        let output = Pipe()
        let process = try Daemon.process(arguments, standardError: output)
        process.waitUntilExit()
        let text = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        return (process.terminationStatus, text)
    }

    @Test func `a second service on a state directory or port says so and ends`() throws {
        let state = try temporaryDirectory() + "/state"
        let daemon = try Daemon(state: state)
        let second = try refusal("--state", state, "--listen", "127.0.0.1:0")
        #expect(second.status == 1)
        #expect(second.text.contains("in use by another placement service"))
        let port = daemon.url.split(separator: ":").last ?? ""
        let third = try refusal("--state", state + "2", "--listen", "127.0.0.1:\(port)")
        #expect(third.status == 1)
        #expect(third.text.contains("is taken"))
        #expect(daemon.signal(SIGTERM) == 0)
    }

    @Test func `settings other than the first start's end it with what to do`() throws {
        let state = try temporaryDirectory() + "/state"
        #expect(try Daemon(state: state).signal(SIGINT) == 0)
        let again = try refusal(
            "--state", state, "--listen", "127.0.0.1:0", "--buckets", "32")
        #expect(again.status == 1)
        #expect(again.text.contains("was initialised with 64"))
    }
}
