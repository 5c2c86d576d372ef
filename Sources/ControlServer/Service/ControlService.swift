// The registry at work: one change after the other, each made on a draft, written to the store with
// a comparison that no other service's change came between, and only then believed.

import ControlClient
import Sealing

/// Who asks for a change, and why.
package struct Caller: Sendable, Hashable {
    package var actor: String
    package var reason: String?

    package init(actor: String, reason: String? = nil) {
        self.actor = actor
        self.reason = reason
    }
}

/// An answer that is ready to be sent and to be kept for a repeated request.
struct Outcome: Sendable, Hashable {
    var status: Int
    /// JSON; empty for 204.
    var body: [UInt8]
}

/// The one owner of the registry in a process.
public actor ControlService {
    let store: any RegistryStore
    let clock: @Sendable () -> Int64
    var registry: Registry
    /// The store's revision of the sequence, which every change compares.
    var sequenceRevision: UInt64
    /// The end of the queue of changes.
    var lastChange: Task<Void, Never>?
    /// Envelopes of one version.
    var snapshots: [SnapshotContents: [UInt8]] = [:]
    var snapshotsVersion: UInt64 = 0
    let leastSnapshotClass: SizeClass
    /// What nodes said last; nothing of an earlier process's life.
    var reports: NodeReports = [:]
    var tally = ControlCounters()
    var lastSweep: Int64 = 0

    /// Takes up the registry that the store holds, or initialises a cluster in an empty one.
    /// `clock` gives milliseconds since 1970.
    public init(
        store: any RegistryStore, options: ClusterOptions = ClusterOptions(),
        settings: ServiceOptions = ServiceOptions(), clock: @escaping @Sendable () -> Int64
    ) async throws {
        self.store = store
        self.clock = clock
        leastSnapshotClass = settings.leastSnapshotClass
        var loaded = try await Self.load(store)
        if loaded == nil {
            try await Self.initialise(store, options: options, now: clock())
            loaded = try await Self.load(store)
        }
        guard let loaded else { throw RegistryError("the registry was emptied meanwhile") }
        registry = loaded.registry
        sequenceRevision = loaded.sequenceRevision
        try options.check(against: registry.cluster)
        registry.quietMilliseconds = settings.quietMilliseconds
    }

    static func load(
        _ store: any RegistryStore
    ) async throws -> (registry: Registry, sequenceRevision: UInt64)? {
        let entries = try await store.range(prefix: "").entries
        guard let registry = try Registry(entries: entries) else { return nil }
        let sequence = entries.first { $0.key == Registry.sequenceKey }
        return (registry, sequence?.modified ?? 0)
    }

    private static func initialise(
        _ store: any RegistryStore, options: ClusterOptions, now: Int64
    ) async throws {
        var occasion = Occasion(now: now, generator: SystemRandomNumberGenerator())
        var registry = Registry(
            cluster: try options.newCluster(on: &occasion),
            sequence: SequenceRecord(version: 0, nextVNI: Limits.vni.lowerBound))
        registry.makeChannelKeys(on: &occasion)
        _ = try await store.transaction(
            compare: [.absent(key: Registry.sequenceKey), .absent(key: Registry.clusterKey)],
            then: registry.takeChanges(),
            note: ChangeNote(
                actor: "hyperplane-placement", reason: "first start", idempotencyToken: nil,
                time: now))
    }
}

/// What the service counts of its own work.
struct ControlCounters: Sendable, Hashable {
    /// Transactions committed.
    var changes: UInt64 = 0
    /// Transactions lost to another service's change.
    var conflicts: UInt64 = 0
    var storeFailures: UInt64 = 0
    var snapshotFetches: UInt64 = 0
    /// Of the longest snapshot of the newest version that was asked for.
    var longestSnapshotBytes: UInt64 = 0
}
