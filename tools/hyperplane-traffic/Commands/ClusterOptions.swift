// Where the cluster is, and which of its resources are driven.

import ArgumentParser
import Configuration
import Traffic

struct ClusterOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The placement service, from which the snapshot is fetched.", valueName: "url"))
    var placement = "http://127.0.0.1:8470"

    @Option(
        help: ArgumentHelp(
            "Read the snapshot from a file instead of from the placement service.",
            valueName: "file"))
    var snapshot: String?

    @Option(help: "Drive this tenant's resources only; may be repeated.")
    var tenant: [String] = []

    @Option(help: "Drive this NAT gateway; may be repeated.")
    var natGateway: [String] = []

    @Option(help: "Drive this load balancer; may be repeated.")
    var loadBalancer: [String] = []

    @Option(
        help: ArgumentHelp(
            "Weight of a tenant's or a resource's new flows beside the others', which have 1; may "
                + "be repeated.", valueName: "name=weight"))
    var share: [String] = []

    /// Weights by name.
    func shares() throws -> [String: Int] {
        var shares: [String: Int] = [:]
        for text in share {
            let halves = text.split(separator: "=")
            guard halves.count == 2, let weight = Int(halves[1]), (0...1000).contains(weight)
            else {
                throw RunFailure.wrongArgument(
                    "--share wants NAME=WEIGHT with a weight of 0 to 1000, not '\(text)'")
            }
            shares[String(halves[0])] = weight
        }
        return shares
    }

    var selection: Selection {
        Selection(
            tenants: tenant.isEmpty ? nil : tenant,
            natGateways: natGateway.isEmpty ? nil : natGateway,
            loadBalancers: loadBalancer.isEmpty ? nil : loadBalancer)
    }

    /// The world to emulate, kept up to date unless it comes from a file.
    func source() async throws -> TopologySource {
        guard let snapshot else {
            let feed = try await SnapshotFeed.open(placement)
            return TopologySource(topology: try topology(feed.first), feed: feed)
        }
        return TopologySource(topology: try topology(try SnapshotFeed.read(snapshot)), feed: nil)
    }

    private func topology(_ snapshot: Snapshot) throws -> Topology {
        let problems = snapshot.problems()
        guard problems.isEmpty else {
            throw RunFailure("the snapshot contradicts itself: " + problems.joined(separator: "; "))
        }
        return try RunFailure.wrapping { () throws(TopologyError) in
            try Topology(snapshot, selection: selection)
        }
    }
}
