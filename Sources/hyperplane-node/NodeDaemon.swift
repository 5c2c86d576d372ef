// The node's parts put together: identity, snapshot, engines, endpoint, registration.

import ArgumentParser
import Configuration
import ControlClient
import Foundation
import LinuxIO
import Logging
import Node
import Operations
import Translation
import Wire

struct NodeDaemon {
    let options: HyperplaneNode
    let logger: Logger
    let directory: StateDirectory
    let identity: NodeIdentity
    let engines: EngineSet
    let operations: NodeOperations
    let endpoint: (host: String, port: Int)

    init(_ options: HyperplaneNode, logger: Logger) throws {
        self.options = options
        self.logger = logger
        directory = try StateDirectory(options.state)
        identity = try NodeIdentity.load(from: options.state)
        let records = try GroupRecordFile(in: options.state, logger: logger)
        engines = try EngineSet(
            options, identity, records: records, journal: MemberJournal(logger))
        endpoint = try Self.endpoint(options)
        let engines = engines
        operations = NodeOperations(
            identity: NodeOperations.Identity(
                id: identity.id, name: options.name,
                capacityFlows: options.capacityFlows * options.engines),
            clock: { MonotonicClock.now() }, socketCounters: { engines.socketLosses },
            memoryFraction: { engines.memoryFraction },
            portsRestSeconds: { engines.portsRestSeconds })
    }

    private static func endpoint(_ options: HyperplaneNode) throws(StartError) -> (String, Int) {
        let text = options.operations ?? "\(options.address):8480"
        guard let colon = text.lastIndex(of: ":"),
            let port = Int(text[text.index(after: colon)...]), (1...65535).contains(port)
        else {
            throw StartError(message: "--operations must be HOST:PORT, not \"\(text)\"")
        }
        return (String(text[..<colon]), port)
    }

    /// Runs until SIGTERM or SIGINT.
    func run() async throws {
        logger.info(
            "starting",
            metadata: [
                "id": "\(Identifier(.node, identity.id.rawValue))",
                "start":
                    "\(identity.startCount)", "address": "\(options.address)",
                "engines": "\(options.engines)",
            ])
        let client: ControlClient
        do {
            client = try ControlClient(url: options.placement, actor: options.name)
        } catch {
            throw StartError(message: "\(error)")
        }
        let fetcher = SnapshotFetcher(
            client: client, reader: .node(Identifier(.node, identity.id.rawValue)),
            directory: options.state, closedVersion: { [engines] in engines.closedVersion },
            unfitness: { [engines] snapshot in engines.unfitness(of: snapshot) })
        await startFromDisk(fetcher)
        let registering = Task { await register(client) }
        let watching = Task { await operations.watchPorts(logger) }
        let fetching = Task {
            await fetcher.run { outcome in
                handle(outcome)
                operations.setSnapshotCounters(await fetcher.counters)
            }
        }
        try await serveUntilStopped()
        registering.cancel()
        fetching.cancel()
        watching.cancel()
        engines.stop()
        logger.info("stopped")
    }

    /// Returns once a signal has come and this node's buckets are handed over, or that takes too long;
    /// a second signal makes it stop at once.
    private func serveUntilStopped() async throws {
        let server = OperationsServer(
            operations: operations, host: endpoint.host, port: endpoint.port, logger: quiet)
        let signals = StopSignals()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            group.addTask { await signals.next() }
            try await group.next()
            logger.info("stopping: handing buckets over")
            let handingOver = Task {
                await operations.drainBeforeStop(limit: Self.longestHandOver)
            }
            let impatience = Task {
                await signals.next()
                handingOver.cancel()
            }
            await handingOver.value
            impatience.cancel()
            group.cancelAll()
        }
    }

    /// A stop takes no longer than this and a moment: who stops services waits for few seconds.
    private static let longestHandOver = Duration.seconds(10)

    /// Hummingbird's own lines are of no use to an operator: what ends the server is thrown, and at
    /// every stop it complains of connections that were closed before.
    private var quiet: Logger {
        var quiet = logger
        quiet.logLevel = max(.critical, logger.logLevel)
        return quiet
    }

    func adopt(_ snapshot: Snapshot, from source: NodeOperations.SnapshotSource) {
        do {
            try engines.adopt(snapshot)
        } catch {
            logger.error("the snapshot is not run by: \(error.message)")
            return
        }
        operations.setEngines(engines.mailboxes)
        operations.setSnapshot(snapshot, from: source)
    }
}
