// What holds for the whole cluster, from the record to the snapshot and to the API.

import Configuration
import ControlClient
import Wire

extension Registry {
    /// As snapshots hold it, without keys.
    var clusterSettings: ClusterSettings {
        // A registry of an older release may hold a quiet time that is too short now.
        let quiet = max(cluster.quietSeconds ?? Defaults.quietSeconds, Limits.quiet.lowerBound)
        var settings = ClusterSettings(
            id: cluster.id.rawValue, bucketCount: cluster.bucketCount,
            portRange: UInt16(cluster.firstPort)...UInt16(cluster.lastPort),
            overlayMTU: UInt16(cluster.overlayMTU ?? Defaults.overlayMTU),
            quietSeconds: UInt32(quiet),
            lossQuietSeconds: UInt32(cluster.lossQuietSeconds ?? Defaults.lossQuietSeconds))
        settings.take(cluster)
        return settings
    }
}

extension ClusterSettings {
    /// What of a record is of consensus; what it doesn't say stays as it is.
    mutating func take(_ record: ClusterRecord) {
        if let given = record.copies { copies = given }
        if let given = record.heartbeatMilliseconds { heartbeatMilliseconds = UInt32(given) }
        if let given = record.leaseMilliseconds { leaseMilliseconds = UInt32(given) }
        if let given = record.suspectMilliseconds { suspectMilliseconds = UInt32(given) }
        if let given = record.driftPartsPerMillion { driftPartsPerMillion = UInt32(given) }
    }
}

extension API.Cluster {
    init(_ registry: Registry) {
        let cluster = registry.cluster
        let settings = registry.clusterSettings
        self.init(
            id: cluster.id, bucketCount: cluster.bucketCount, firstPort: cluster.firstPort,
            lastPort: cluster.lastPort, shardSize: cluster.shardSize,
            copies: settings.quorum(members: cluster.shardSize).copies,
            overlayMTU: Int(settings.overlayMTU), quietSeconds: Int(settings.quietSeconds),
            lossQuietSeconds: Int(settings.lossQuietSeconds), revision: registry.version)
        heartbeatMilliseconds = Int(settings.heartbeatMilliseconds)
        leaseMilliseconds = Int(settings.leaseMilliseconds)
        suspectMilliseconds = Int(settings.suspectMilliseconds)
        driftPartsPerMillion = Int(settings.driftPartsPerMillion)
        keyEpoch = cluster.keyEpoch
        keysChangedAt = cluster.keysRotated.map(Timestamp.text)
    }
}
