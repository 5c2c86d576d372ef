// What an operator may fix when a cluster is initialised, and what is checked at every later start.

import Configuration
import ControlClient
import Wire

/// The settings of a new cluster; what is nil takes its default, or what the registry holds.
public struct ClusterOptions: Sendable, Hashable {
    /// B, 1 to 65,536; divides the number of ports.
    public var bucketCount: Int?
    /// Ports that NAT gateways translate to.
    public var portRange: ClosedRange<Int>?
    /// k, 1 to 7.
    public var shardSize: Int?
    /// Bytes, 1,280 to 9,216. The one of these that can be changed later, through the API.
    public var overlayMTU: Int?
    /// R, 1 to a majority of a shard; what suits the shard's size, unless it is stated.
    public var copies: Int?
    /// The times of consensus, of which each must be in the right relation to the others.
    public var heartbeatMilliseconds: Int?
    public var leaseMilliseconds: Int?
    public var suspectMilliseconds: Int?
    public var driftPartsPerMillion: Int?

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
        let shard = shardSize ?? Defaults.shardSize
        guard ports.lowerBound >= 1, ports.upperBound <= 65_535 else {
            throw RegistryError(
                "the port range \(ports.lowerBound)-\(ports.upperBound) is not within 1-65535")
        }
        guard (1...View.mostBuckets).contains(buckets) else {
            throw RegistryError("a group has 1 to \(View.mostBuckets) buckets, not \(buckets)")
        }
        guard ports.count % buckets == 0 else {
            throw RegistryError(
                "\(buckets) buckets do not divide the \(ports.count) ports of "
                    + "\(ports.lowerBound)-\(ports.upperBound)")
        }
        guard Limits.shardSize.contains(shard) else {
            throw RegistryError("a shard has 1 to 7 nodes, not \(shard)")
        }
        if let overlayMTU, !Limits.mtu.contains(overlayMTU) {
            throw RegistryError("an overlay's MTU is 1280 to 9216 bytes, not \(overlayMTU)")
        }
        var record = ClusterRecord(
            id: Identifier(.cluster, max(occasion.random(), 1)), bucketCount: buckets,
            firstPort: ports.lowerBound, lastPort: ports.upperBound, shardSize: shard,
            overlayMTU: overlayMTU == Defaults.overlayMTU ? nil : overlayMTU)
        try setConsensus(of: &record)
        return record
    }

    private func setConsensus(of record: inout ClusterRecord) throws(RegistryError) {
        let majority = record.shardSize / 2 + 1
        if let copies, !(1...majority).contains(copies) {
            throw RegistryError(
                "a shard of \(record.shardSize) keeps 1 to \(majority) copies of a decision, not "
                    + "\(copies): any \(majority) members must hold one")
        }
        let times = [heartbeatMilliseconds, leaseMilliseconds, suspectMilliseconds]
        for time in times.compactMap(\.self) where !Limits.consensusMilliseconds.contains(time) {
            throw RegistryError("a time of consensus is 1 to 60000 milliseconds, not \(time)")
        }
        if let drift = driftPartsPerMillion, !Limits.driftPartsPerMillion.contains(drift) {
            throw RegistryError("clocks' drift is 0 to 100000 parts per million, not \(drift)")
        }
        record.copies = copies
        record.heartbeatMilliseconds = heartbeatMilliseconds
        record.leaseMilliseconds = leaseMilliseconds
        record.suspectMilliseconds = suspectMilliseconds
        record.driftPartsPerMillion = driftPartsPerMillion
        var settings = ClusterSettings(id: 1)
        settings.take(record)
        let snapshot = Snapshot(version: 1, cluster: settings)
        if let problem = snapshot.problems().first { throw RegistryError(problem) }
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
        try check("--shard-size", shardSize, cluster.shardSize)
        var held = ClusterSettings(id: 1)
        held.take(cluster)
        try check("--copies", copies, held.quorum(members: cluster.shardSize).copies)
        try check("--heartbeat", heartbeatMilliseconds, Int(held.heartbeatMilliseconds))
        try check("--lease", leaseMilliseconds, Int(held.leaseMilliseconds))
        try check("--suspicion", suspectMilliseconds, Int(held.suspectMilliseconds))
        try check("--drift", driftPartsPerMillion, Int(held.driftPartsPerMillion))
        try checkOverlay(against: cluster)
    }

    private func checkOverlay(against cluster: ClusterRecord) throws(RegistryError) {
        let held = cluster.overlayMTU ?? Defaults.overlayMTU
        guard let overlayMTU, overlayMTU != held else { return }
        throw RegistryError(
            "--overlay-mtu is for a cluster's first start; this one has \(held). Leave the option "
                + "out, and change it with: hyperplane cluster set --overlay-mtu \(overlayMTU)")
    }
}
