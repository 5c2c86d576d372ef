// `hyperplane-node`: one machine of the cluster. Arguments and wiring; what it does is in Node,
// LinuxIO and Operations.

import ArgumentParser
import ControlClient
import Foundation
import LinuxIO
import Logging
import Node
import Operations
import Wire

@main
struct HyperplaneNode: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hyperplane-node",
        abstract: "A node of a Hyperplane cluster: translates and balances flows.",
        discussion: """
            The node draws its identity at its first start and keeps it in the state directory, \
            beside the last good snapshot: with that it starts and serves while the placement \
            service is away.
            """)

    @Option(help: "Name of the node, unique in the cluster.")
    var name: String

    @Option(help: "Failure domain that the node is in.")
    var zone = "a"

    @Option(
        help: "Outer IP address on which the node takes encapsulated packets, UDP port 6081.",
        transform: parseAddress)
    var address: IPAddress

    @Option(help: "URL of the placement service.")
    var placement = "http://127.0.0.1:8470"

    @Option(help: "Directory for identity and snapshot; made if it isn't there.")
    var state: String

    @Option(help: "Engines, one a core; a divisor of --source-ports or a multiple keeps order.")
    var engines = 1

    @Option(help: "Flows that each engine can hold.")
    var capacityFlows = 1 << 20

    @Option(help: "HOST:PORT of metrics, health, flow list and explain; default ADDRESS:8480.")
    var operations: String?

    @Option(
        help: """
            Outer address of this machine's own virtual router, asked for targets that were never \
            heard from.
            """, transform: parseAddress)
    var router: IPAddress?

    @Option(help: "Outer source ports of each engine: 1, 2, 4, 8 or 16.")
    var sourcePorts = 4

    @Option(help: "Packet buffers of each engine.")
    var frames = 4096

    @Option(
        help: """
            How the engines' threads are scheduled: normal, or real-time (before all that has no such \
            priority; without the right to it, as normal): for engines with cores of their own.
            """)
    var scheduling = EngineScheduling.normal

    @Option(
        help: "trace, debug, info, notice, warning, error or critical.", transform: parseLevel)
    var logLevel: Logger.Level = .info

    func validate() throws {
        guard (1...64).contains(engines) else {
            throw ValidationError("--engines must be from 1 to 64")
        }
        guard (1024...500_000_000).contains(capacityFlows) else {
            throw ValidationError("--capacity-flows must be from 1024 to 500000000")
        }
        guard [1, 2, 4, 8, 16].contains(sourcePorts) else {
            throw ValidationError("--source-ports must be 1, 2, 4, 8 or 16")
        }
        guard (256...1_000_000).contains(frames) else {
            throw ValidationError("--frames must be from 256 to 1000000")
        }
    }

    func run() async throws {
        var logger = Logger(label: name) { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = logLevel
        do {
            try await NodeDaemon(self, logger: logger).run()
        } catch let error as StartError {
            logger.critical("\(error.message)")
            throw ExitCode(2)
        } catch let error as IOError {
            logger.critical("\(error)")
            throw ExitCode(2)
        }
    }
}

/// Why the node can't start, and what to do.
struct StartError: Error {
    var message: String
}

private func parseAddress(_ text: String) throws -> IPAddress {
    guard let address = IPAddress(text) else {
        throw ValidationError("\"\(text)\" is no IP address")
    }
    return address
}

private func parseLevel(_ text: String) throws -> Logger.Level {
    guard let level = Logger.Level(rawValue: text) else {
        let known = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
        throw ValidationError("\"\(text)\" is none of \(known)")
    }
    return level
}
