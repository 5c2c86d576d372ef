// The placement service's daemon: arguments, lock, store, server, signals.

import ArgumentParser
import ControlServer
import FoundationEssentials
import Glibc
import Logging

@main
struct PlacementCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hyperplane-placement",
        abstract: "The placement service: holds the registry and serves the control API.",
        discussion: """
            The first start in a state directory initialises a cluster; --buckets, --port-range, \
            --shard-size, --copies and the times of consensus are fixed then for its life, \
            --overlay-mtu until it is changed with `hyperplane cluster set`.
            """)

    @Option(help: ArgumentHelp("Where to serve the control API.", valueName: "host:port"))
    var listen = ListenAddress(host: "127.0.0.1", port: 8470)

    @Option(help: ArgumentHelp("Directory of the registry; made if missing.", valueName: "dir"))
    var state = "/var/lib/hyperplane/placement"

    @Option(help: "Buckets that each resource's flow space is cut into (default: 64).")
    var buckets: Int?

    @Option(
        help: ArgumentHelp(
            "External ports of NAT gateways (default: 1024-65535).", valueName: "first-last"))
    var portRange: PortRange?

    @Option(
        name: [.long, .customLong("shard")],
        help: "Nodes that serve one tenant, where there are as many (default: 5; at most 7).")
    var shardSize: Int?

    @OptionGroup(title: "Consensus") var consensus: ConsensusOptions

    @Option(
        help: """
            Bytes of the longest inner packet that the machines' network carries with all outer \
            headers (default: 8500).
            """)
    var overlayMtu: Int?

    @Option(
        help: """
            Seconds from the last node's word that it has no flow on a given-up address until the \
            address is used again; above the longest life of a packet.
            """)
    var quietSeconds = 2.0

    @Option(
        help: """
            KiB that a snapshot takes at the least on the wire and on disk, rounded up to 64, 256, \
            1024 and so on: state what the cluster will grow to.
            """)
    var snapshotKib = 64

    @Option(help: "Least severe messages to log: trace, debug, info, notice, warning, error.")
    var logLevel = "info"

    func validate() throws {
        guard (0...86_400).contains(quietSeconds) else {
            throw ValidationError("--quiet-seconds \(quietSeconds) is not from 0 to 86400")
        }
        guard (1...262_144).contains(snapshotKib) else {
            throw ValidationError("--snapshot-kib \(snapshotKib) is not from 1 to 262144")
        }
        guard Logger.Level(rawValue: logLevel) != nil else {
            throw ValidationError("--log-level \(logLevel) is not a level")
        }
    }

    func run() async throws {
        let level = Logger.Level(rawValue: logLevel) ?? .info
        LoggingSystem.bootstrap { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = level
            return handler
        }
        let logger = Logger(label: "hyperplane-placement")
        do {
            try await serve(logger)
        } catch {
            logger.critical("\(Self.explanation(of: error, listen: listen))")
            throw ExitCode.failure
        }
    }

    private func serve(_ logger: Logger) async throws {
        // The registry holds secrets: its files are for this user alone.
        umask(0o077)
        let lock = try StateDirectory(path: state)
        let service = try await ControlService(
            store: SQLiteStore(path: lock.path + "/registry.sqlite"),
            options: options,
            settings: settings,
            clock: { Int64(Date().timeIntervalSince1970 * 1_000) })
        let ticker = Task { await tick(service, logger) }
        defer { ticker.cancel() }
        let host = listen.host
        let server = ControlServer(service: service, host: host, port: listen.port, logger: logger)
        try await server.runUntilSignal { port in
            logger.info("control API at http://\(host):\(port), registry in \(lock.path)")
        }
        logger.info("stopped")
        withExtendedLifetime(lock) {}
    }

    private var options: ClusterOptions {
        var options = ClusterOptions(
            bucketCount: buckets, portRange: portRange?.ports, shardSize: shardSize,
            overlayMTU: overlayMtu)
        options.copies = consensus.copies
        options.heartbeatMilliseconds = consensus.heartbeat
        options.leaseMilliseconds = consensus.lease
        options.suspectMilliseconds = consensus.suspicion
        options.driftPartsPerMillion = consensus.drift
        return options
    }

    private var settings: ServiceOptions {
        var settings = ServiceOptions()
        settings.quietMilliseconds = Int64(quietSeconds * 1_000)
        settings.leastSnapshotBytes = snapshotKib << 10
        return settings
    }

    /// Brings the registry to the present, once a second.
    private func tick(_ service: ControlService, _ logger: Logger) async {
        while !Task.isCancelled {
            do {
                try await service.advance()
            } catch {
                logger.error("the registry can't be brought to the present: \(error)")
            }
            try? await Task.sleep(for: .seconds(1))
        }
    }

    private static func explanation(of error: any Error, listen: ListenAddress) -> String {
        let text = "\(error)"
        if text.contains("EADDRINUSE") || text.contains("Address already in use") {
            return "\(listen) is taken: is another placement service running? Stop it, or choose "
                + "another address by --listen."
        }
        if text.contains("EADDRNOTAVAIL") || text.contains("Cannot assign requested address") {
            return "\(listen.host) is not an address of this machine; choose another by --listen."
        }
        if text.contains("EACCES") || text.contains("Permission denied") {
            return "\(listen) may not be used by this user; choose a port above 1023 by --listen."
        }
        return text
    }
}
