// `hyperplane cluster`: what holds for all of it.

import ArgumentParser
import ControlClient

struct ClusterCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cluster", abstract: "What holds for the cluster as a whole.",
        subcommands: [Show.self, Set.self, RotateKeys.self])

    struct Show: SessionCommand {
        static let configuration = CommandConfiguration(abstract: "Show the cluster's settings.")

        @OptionGroup var options: GlobalOptions

        func run(_ session: Session) async throws {
            let cluster = try await session.ask { client throws(ControlError) in
                try await client.cluster()
            }
            try await session.printer.show(cluster) { printer in
                cluster.details().lines(coloured: printer.terminal.isColoured)
            }
        }
    }

    struct Set: SettingCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change the cluster's settings.",
            discussion: "In force on all nodes within two seconds.")

        @Option(
            help: ArgumentHelp(
                """
                Longest inner packet that the machines' network carries with all outer headers, \
                1280 to 9216.
                """, valueName: "bytes"),
            transform: NumberArgument.mtu)
        var overlayMtu: Int?

        @Option(
            help: ArgumentHelp(
                """
                How long a port stays unused toward the same destination after its flow's end, \
                2 to 3600.
                """, valueName: "seconds"),
            transform: NumberArgument.quietTime)
        var quietTime: Int?

        @Option(
            help: ArgumentHelp(
                """
                The same for all ports of a node that began anew and lost what it knew of them, \
                0 to 3600; meanwhile its new flows borrow other nodes' ports.
                """, valueName: "seconds"),
            transform: NumberArgument.lossQuietTime)
        var quietAfterLoss: Int?

        @OptionGroup var because: ReasonOptions
        @OptionGroup var options: GlobalOptions

        static let nothing = API.Cluster.Settings()
        func settings() -> API.Cluster.Settings {
            .init(
                overlayMTU: overlayMtu, quietSeconds: quietTime, lossQuietSeconds: quietAfterLoss)
        }

        func run(_ session: Session) async throws {
            let changed = try await session.ask { client throws(ControlError) in
                try await client.changeCluster(settings())
            }
            try await session.printer.show(changed) { _ in ["Changed the cluster's settings."] }
        }
    }
}

extension ClusterCommands {
    struct RotateKeys: ChangingCommand {
        static let configuration = CommandConfiguration(
            commandName: "rotate-keys",
            abstract: "Draw new keys for the channels between nodes.",
            discussion: """
                Nodes take them up with their next configuration, within two seconds, and without a \
                pause: two nodes seal by the newest keys that both have. What is sealed by the keys \
                before is opened until the next change, which must be 10 seconds later at least.
                """)

        @OptionGroup var change: ChangeOptions
        @OptionGroup var options: GlobalOptions
        var because: ReasonOptions { change.because }

        func run(_ session: Session) async throws {
            let changed = try await session.ask { client throws(ControlError) in
                try await client.rotateKeys(idempotencyKey: change.key())
            }
            try await session.printer.show(changed) { _ in
                ["The channels' keys are of epoch \(changed.keyEpoch ?? 0) now."]
            }
        }
    }
}

extension API.Cluster {
    fileprivate func details() -> Details {
        var details = Details()
        details.add("ID", id.description)
        details.add("Buckets", Cell(bucketCount))
        details.add("Ports", "\(firstPort)-\(lastPort)")
        details.add("Shard", "\(shardSize) nodes")
        details.add("Copies", "\(copies) of each decision")
        details.add("Overlay MTU", "\(overlayMTU) bytes")
        details.add("Quiet time", "\(quietSeconds) s")
        details.add("After loss", "\(lossQuietSeconds) s")
        details.addIfPresent("Heartbeat", heartbeatMilliseconds.map { "\($0) ms" })
        details.addIfPresent("Lease", leaseMilliseconds.map { "\($0) ms" })
        details.addIfPresent("Suspicion", suspectMilliseconds.map { "\($0) ms" })
        details.addIfPresent("Drift", driftPartsPerMillion.map { "\($0) ppm" })
        details.addIfPresent("Keys", keyEpoch.map { "epoch \($0), \(keysChangedAt ?? "")" })
        details.add("Version", "\(revision)")
        return details
    }
}
