// What an operator may fix when a cluster is initialised, and what is checked at every later start.

/// The settings of a new cluster; what is nil takes its default, or what the registry holds.
import ControlClient

public struct ClusterOptions: Sendable, Hashable {
    /// B, 1 to 65,536; divides the number of ports.
    public var bucketCount: Int?
    /// Ports that NAT gateways translate to.
    public var portRange: ClosedRange<Int>?
    /// k, 1 to 16.
    public var shardSize: Int?
    /// Bytes, 1,280 to 9,216. The one of these that can be changed later, through the API.
    public var overlayMTU: Int?

    public init(
        bucketCount: Int? = nil, portRange: ClosedRange<Int>? = nil, shardSize: Int? = nil,
        overlayMTU: Int? = nil
    ) {
        self.bucketCount = bucketCount
        self.portRange = portRange
        self.shardSize = shardSize
        self.overlayMTU = overlayMTU
    }
}

extension ClusterOptions {
    /// The record of a new cluster.
    func newCluster(on occasion: inout Occasion) throws(RegistryError) -> ClusterRecord {
        let buckets = bucketCount ?? 64
        let ports = portRange ?? 1024...65_535
        let shard = shardSize ?? 5
        guard ports.lowerBound >= 1, ports.upperBound <= 65_535 else {
            throw RegistryError(
                "the port range \(ports.lowerBound)-\(ports.upperBound) is not within 1-65535")
        }
        guard (1...65_536).contains(buckets), ports.count % buckets == 0 else {
            throw RegistryError(
                "\(buckets) buckets do not divide the \(ports.count) ports of "
                    + "\(ports.lowerBound)-\(ports.upperBound)")
        }
        guard Limits.shardSize.contains(shard) else {
            throw RegistryError("a shard has 1 to 16 nodes, not \(shard)")
        }
        if let overlayMTU, !Limits.mtu.contains(overlayMTU) {
            throw RegistryError("an overlay's MTU is 1280 to 9216 bytes, not \(overlayMTU)")
        }
        return ClusterRecord(
            id: Identifier(.cluster, max(occasion.random(), 1)), bucketCount: buckets,
            firstPort: ports.lowerBound, lastPort: ports.upperBound, shardSize: shard,
            overlayMTU: overlayMTU == Defaults.overlayMTU ? nil : overlayMTU)
    }

    /// Throws if an option contradicts what was fixed at the first start.
    func check(against cluster: ClusterRecord) throws(RegistryError) {
        func check(_ option: String, _ given: Int?, _ fixed: Int) throws(RegistryError) {
            guard let given, given != fixed else { return }
            throw RegistryError(
                "\(option) \(given) was asked for, but this cluster was initialised with \(fixed), "
                    + "which can't be changed; leave the option out, or use another state directory"
            )
        }
        try check("--buckets", bucketCount, cluster.bucketCount)
        try check("--port-range from", portRange?.lowerBound, cluster.firstPort)
        try check("--port-range to", portRange?.upperBound, cluster.lastPort)
        try check("--shard", shardSize, cluster.shardSize)
        let held = cluster.overlayMTU ?? Defaults.overlayMTU
        guard let overlayMTU, overlayMTU != held else { return }
        throw RegistryError(
            "--overlay-mtu is for a cluster's first start; this one has \(held). Leave the option "
                + "out, and change it with: hyperplane cluster set --overlay-mtu \(overlayMTU)")
    }
}
