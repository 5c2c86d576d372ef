// A seed is the same run in every process: nothing hangs on addresses, or on the seed that Swift draws
// for the hashes of its own collections when a process starts.

import Foundation
import Testing

@testable import Simulator

struct ProcessTests {
    private static let text = """
        cluster  nodes=3 engines=2 groups=2 members=3 copies=2 buckets=4 ports=1024..1087
        time     faults=1s settle=2s
        network  delay=50us..1ms loss=1% duplicate=1% straggle=1%
        workload kind=nat tenants=2 rate=60 protocols=udp,tcp,icmp
        fault    kind=crash every=400ms after=100ms for=50ms..200ms
        fault    kind=cut links=split every=400ms for=50ms..200ms machines=1
        """

    /// Beside the tests, as the core graph builds it.
    private var tool: URL? {
        let folder = Bundle.main.executableURL?.deletingLastPathComponent()
        let candidates =
            [folder, folder?.deletingLastPathComponent()].compactMap {
                $0?.appending(path: "hyperplane-sim")
            }
            + CommandLine.arguments.prefix(2).map {
                URL(filePath: $0).deletingLastPathComponent().appending(path: "hyperplane-sim")
            }
        return candidates.first { FileManager.default.isExecutableFile(atPath: $0.path) }
    }

    @Test func `the same seed in two processes gives the same log`() throws {
        let tool = try #require(tool, "hyperplane-sim was not built")
        let file = FileManager.default.temporaryDirectory
            .appending(path: "two-processes-\(ProcessInfo.processInfo.processIdentifier).plan")
        try Self.text.write(to: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        let plan = try Plan(name: "two-processes", text: Self.text)
        let own = Simulation(plan, seed: 11).run()
        #expect(own.violation == nil, "\(own.lastLines.joined(separator: "\n"))")
        let output = Pipe()
        let process = Process()
        process.executableURL = tool
        process.arguments = ["11..11", file.path]
        process.standardOutput = output
        try process.run()
        let said = String(
            decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        let words = said.split(separator: " ")
        #expect(words.count > 3 && words[2] == String(own.hash, radix: 16), "\(said)")
    }
}
