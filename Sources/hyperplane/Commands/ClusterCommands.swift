// `hyperplane cluster`: what holds for all of it.

import ArgumentParser
import ControlClient

struct ClusterCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cluster", abstract: "What holds for the cluster as a whole.",
        subcommands: [Show.self, Set.self])

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
                1 to 3600.
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

extension API.Cluster {
    fileprivate func details() -> Details {
        var details = Details()
        details.add("ID", id.description)
        details.add("Buckets", Cell(bucketCount))
        details.add("Ports", "\(firstPort)-\(lastPort)")
        details.add("Shard", "\(shardSize) nodes")
        details.add("Overlay MTU", "\(overlayMTU) bytes")
        details.add("Quiet time", "\(quietSeconds) s")
        details.add("After loss", "\(lossQuietSeconds) s")
        details.add("Version", "\(revision)")
        return details
    }
}
