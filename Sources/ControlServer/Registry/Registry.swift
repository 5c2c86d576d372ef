// Everything that the cluster has been told, as a value: commands are mutating functions that
// check, change or throw, and touch nothing else. The service runs them on a copy and keeps it when
// the store has the changes.

import ControlClient

/// What is fixed when a cluster is initialised, and what holds for all of it.
struct ClusterRecord: Codable, Sendable, Equatable {
    var id: Identifier
    var bucketCount: Int
    var firstPort: Int
    var lastPort: Int
    var shardSize: Int
    /// May be changed; nil: the default.
    var overlayMTU: Int?
    var quietSeconds: Int?
    var lossQuietSeconds: Int?
    /// R, and the times of consensus, fixed like those above; nil: the default.
    var copies: Int?
    var heartbeatMilliseconds: Int?
    var leaseMilliseconds: Int?
    var suspectMilliseconds: Int?
    var driftPartsPerMillion: Int?
    /// Of the channels between nodes: the epoch of their newest keys, and since when, milliseconds
    /// since 1970. The keys are elsewhere, and in no history.
    var keyEpoch: UInt32?
    var keysRotated: Int64?
}

/// Written with every change; its revision in the store guards all others.
struct SequenceRecord: Codable, Sendable, Equatable {
    /// The registry's version: grows by one with each change, whatever the store counts.
    var version: UInt64
    /// VNIs are given out from 1 upward and never again.
    var nextVNI: UInt32
}

/// The registry's whole state.
struct Registry: Sendable {
    var cluster: ClusterRecord {
        didSet { if cluster != oldValue { clusterHasChanged = true } }
    }
    private var clusterHasChanged = false
    /// Nil in a registry of a release without them, until the service has gone on by a second.
    var channelKeys: ChannelKeysRecord? {
        didSet { if channelKeys != oldValue { channelKeysHaveChanged = true } }
    }
    private var channelKeysHaveChanged = false
    private(set) var sequence: SequenceRecord
    /// An address that all nodes have let go of is used again only after this long.
    var quietMilliseconds: Int64 = 2_000
    /// What nodes said last. Not a part of what is stored: the service hands it in.
    var reports: NodeReports = [:]
    /// The target groups that listeners use, where a question asks it of many targets. Not stored;
    /// nil: not worked out.
    private(set) var usedGroups: Set<Identifier>?

    var tenants = Table<TenantRecord>()
    var groups = Table<GroupRecord>()
    var nodes = Table<NodeRecord>()
    var hosts = Table<HostRecord>()
    var edges = Table<EdgeRecord>()
    var vpcs = Table<VPCRecord>()
    var eips = Table<EIPRecord>()
    var natGateways = Table<NATGatewayRecord>()
    var loadBalancers = Table<LoadBalancerRecord>()
    var listeners = Table<ListenerRecord>()
    var targetGroups = Table<TargetGroupRecord>()
    var targets = Table<TargetRecord>()
    var secrets = Table<SecretRecord>()

    init(
        cluster: ClusterRecord, sequence: SequenceRecord, channelKeys: ChannelKeysRecord? = nil
    ) {
        self.cluster = cluster
        self.channelKeys = channelKeys
        self.sequence = sequence
    }

    var version: UInt64 { sequence.version }

    /// Works out once what a list of targets asks for each of them. For a copy that only answers.
    mutating func noteUsedGroups() {
        usedGroups = Set(listeners.rows.values.map(\.targetGroup))
    }

    /// What of the cluster can be changed while it lives.
    mutating func change(_ settings: API.Cluster.Settings) throws(Problem) {
        var changed = cluster
        if let given = settings.overlayMTU {
            changed.overlayMTU = try Validation.range("overlayMTU", given, Limits.mtu)
        }
        if let given = settings.quietSeconds {
            changed.quietSeconds = try Validation.range("quietSeconds", given, Limits.quiet)
        }
        if let given = settings.lossQuietSeconds {
            changed.lossQuietSeconds = try Validation.range(
                "lossQuietSeconds", given, Limits.lossQuiet)
        }
        cluster = changed
    }

    /// A new VNI.
    mutating func takeVNI() throws(Problem) -> UInt32 {
        guard Limits.vni.contains(sequence.nextVNI) else {
            throw .limit("all \(Limits.vni.upperBound) VNIs have been given out")
        }
        defer { sequence.nextVNI += 1 }
        return sequence.nextVNI
    }

    /// What to write so that the store says what the registry says; nothing if nothing changed.
    /// The registry is then at the next version.
    mutating func takeChanges() -> [StoreOperation] {
        let version = sequence.version + 1
        var operations = tenants.takeChanges(version: version)
        operations += groups.takeChanges(version: version)
        operations += nodes.takeChanges(version: version)
        operations += hosts.takeChanges(version: version)
        operations += edges.takeChanges(version: version)
        operations += vpcs.takeChanges(version: version)
        operations += eips.takeChanges(version: version)
        operations += natGateways.takeChanges(version: version)
        operations += loadBalancers.takeChanges(version: version)
        operations += listeners.takeChanges(version: version)
        operations += targetGroups.takeChanges(version: version)
        operations += targets.takeChanges(version: version)
        operations += secrets.takeChanges(version: version).map { operation in
            var operation = operation
            operation.isRecorded = false
            return operation
        }
        if clusterHasChanged {
            operations.append(.put(Self.clusterKey, JSON.encode(cluster)))
            clusterHasChanged = false
        }
        if channelKeysHaveChanged, let channelKeys {
            operations.append(
                .put(Self.channelKeysKey, JSON.encode(channelKeys), isRecorded: false))
            channelKeysHaveChanged = false
        }
        guard !operations.isEmpty else { return [] }
        sequence.version = version
        operations.append(.put(Self.sequenceKey, JSON.encode(sequence), isRecorded: false))
        return operations
    }

    var hasChanges: Bool {
        tenants.hasChanges || groups.hasChanges || nodes.hasChanges || hosts.hasChanges
            || edges.hasChanges || vpcs.hasChanges || eips.hasChanges || natGateways.hasChanges
            || loadBalancers.hasChanges || listeners.hasChanges || targetGroups.hasChanges
            || targets.hasChanges || secrets.hasChanges || clusterHasChanged
            || channelKeysHaveChanged
    }

    static let sequenceKey = "meta/sequence"
    static let clusterKey = "meta/cluster"
    static let channelKeysKey = "meta/channel-keys"
}

/// When a change happens, and where its random numbers come from.
struct Occasion {
    /// Milliseconds since 1970.
    let now: Int64
    private var generator: any RandomNumberGenerator

    init(now: Int64, generator: any RandomNumberGenerator) {
        self.now = now
        self.generator = generator
    }

    mutating func random() -> UInt64 { generator.next() }

    /// A new identifier. 64 random bits: a second drawing of one that was used and deleted is as
    /// likely as n^2 / 2^65 for n drawings.
    mutating func identifier<Row>(for table: Table<Row>) -> Identifier {
        while true {
            let value = random()
            if value != 0, table[value] == nil { return Identifier(Row.kind, value) }
        }
    }
}
