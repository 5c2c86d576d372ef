// The registry at work: one change after the other, each made on a draft, written to the store with
// a comparison that no other service's change came between, and only then believed.

import Configuration
import ControlClient

/// Who asks for a change, and why.
struct Caller: Sendable, Hashable {
    var actor: String
    var reason: String?

    init(actor: String, reason: String? = nil) {
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
    private let store: any RegistryStore
    private let clock: @Sendable () -> Int64
    private var registry: Registry
    /// The store's revision of the sequence, which every change compares.
    private var sequenceRevision: UInt64
    /// The end of the queue of changes.
    private var lastChange: Task<Void, Never>?
    private var snapshots: [Registry.Reader: [UInt8]] = [:]
    private var snapshotsVersion: UInt64 = 0
    private var tally = ControlCounters()
    private var lastSweep: Int64 = 0

    /// Takes up the registry that the store holds, or initialises a cluster in an empty one.
    /// `clock` gives milliseconds since 1970.
    public init(
        store: any RegistryStore, options: ClusterOptions = ClusterOptions(),
        quietSeconds: Int = 120, clock: @escaping @Sendable () -> Int64
    ) async throws {
        self.store = store
        self.clock = clock
        var loaded = try await Self.load(store)
        if loaded == nil {
            try await Self.initialise(store, options: options, now: clock())
            loaded = try await Self.load(store)
        }
        guard let loaded else { throw RegistryError("the registry was emptied meanwhile") }
        registry = loaded.registry
        sequenceRevision = loaded.sequenceRevision
        try options.check(against: registry.cluster)
        registry.quietMilliseconds = Int64(quietSeconds) * 1_000
    }

    private static func load(
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
        let cluster = try options.newCluster(on: &occasion)
        let sequence = SequenceRecord(version: 1, nextVNI: Limits.vni.lowerBound)
        _ = try await store.transaction(
            compare: [.absent(key: Registry.sequenceKey), .absent(key: Registry.clusterKey)],
            then: [
                .put(Registry.clusterKey, JSON.encode(cluster)),
                .put(Registry.sequenceKey, JSON.encode(sequence), isRecorded: false),
            ],
            note: ChangeNote(
                actor: "hyperplane-placement", reason: "first start", idempotencyToken: nil,
                time: now))
    }
}

// MARK: Changes

extension ControlService {
    /// What a change does to a draft; what it returns gives the answer, once the draft's records
    /// have their revisions.
    typealias Change =
        @Sendable (inout Registry, inout Occasion) throws(Problem) -> (
            @Sendable (Registry) throws(Problem) -> Outcome
        )

    /// Makes a change. Once this has returned, the change is durable.
    func change(
        by caller: Caller, token: IdempotencyToken? = nil, _ body: @escaping Change
    ) async throws(Problem) -> Outcome {
        // A task of its own: a client that hangs up leaves the change done or not done.
        let previous = lastChange
        let task = Task { () -> Result<Outcome, Problem> in
            await previous?.value
            do throws(Problem) {
                return .success(try await self.changeNow(by: caller, token: token, body))
            } catch {
                return .failure(error)
            }
        }
        lastChange = Task { _ = await task.value }
        return try await task.value.get()
    }

    private func changeNow(
        by caller: Caller, token: IdempotencyToken?, _ body: Change
    ) async throws(Problem) -> Outcome {
        let now = clock()
        if let token, let earlier = try await answer(for: token, at: now) { return earlier }
        for _ in 0..<5 {
            var draft = registry
            var occasion = Occasion(now: now, generator: SystemRandomNumberGenerator())
            let answer = try body(&draft, &occasion)
            var operations = draft.takeChanges()
            let outcome = try answer(draft)
            if let token { operations.append(Self.keep(outcome, for: token, at: now)) }
            guard !operations.isEmpty else { return outcome }
            let note = ChangeNote(
                actor: caller.actor, reason: caller.reason, idempotencyToken: token?.key,
                time: now)
            if try await commit(operations, of: draft, note: note) { return outcome }
        }
        throw .unavailable("other changes kept coming first")
    }

    /// False if another service's change came first; the registry is then the newer one.
    private func commit(
        _ operations: [StoreOperation], of draft: Registry, note: ChangeNote
    ) async throws(Problem) -> Bool {
        do {
            let result = try await store.transaction(
                compare: [
                    .modified(key: Registry.sequenceKey, revision: sequenceRevision)
                ], then: operations, note: note)
            guard case .committed(let revision) = result else {
                tally.conflicts += 1
                try await reload()
                return false
            }
            if draft.version != registry.version { sequenceRevision = revision }
            registry = draft
            tally.changes += 1
            return true
        } catch {
            // It may be done or not: what the store says then is what counts.
            tally.storeFailures += 1
            try? await reload()
            throw .unavailable("\(error)")
        }
    }

    private func reload() async throws {
        guard let loaded = try await Self.load(store) else {
            throw RegistryError("the registry was emptied")
        }
        let quiet = registry.quietMilliseconds
        registry = loaded.registry
        registry.quietMilliseconds = quiet
        sequenceRevision = loaded.sequenceRevision
    }

    private func answer(
        for token: IdempotencyToken, at now: Int64
    ) async throws(Problem) -> Outcome? {
        let entry: StoredEntry?
        do throws(StoreError) {
            entry = try await store.get(token.storeKey)
        } catch {
            throw .unavailable(error.description)
        }
        guard let entry,
            let record = try? JSON.decode(IdempotencyRecord.self, from: entry.value),
            now - record.time < Limits.idempotencyMilliseconds
        else { return nil }
        guard record.request == token.request else { throw .idempotencyKeyReused }
        return Outcome(status: record.status, body: Array(record.answer.utf8))
    }

    private static func keep(
        _ outcome: Outcome, for token: IdempotencyToken, at now: Int64
    ) -> StoreOperation {
        let record = IdempotencyRecord(
            request: token.request, status: outcome.status,
            answer: String(decoding: outcome.body, as: UTF8.self), time: now)
        return .put(token.storeKey, JSON.encode(record), isRecorded: false)
    }
}

// MARK: Questions

extension ControlService {
    /// The registry as it stands; a value that no later change touches.
    var current: Registry { registry }

    var counters: ControlCounters { tally }

    /// The bytes of a reader's snapshot. Made once for each version and reader.
    func snapshotBytes(for reader: Registry.Reader) throws(Problem) -> [UInt8] {
        if snapshotsVersion != registry.version {
            snapshots = [:]
            snapshotsVersion = registry.version
        }
        tally.snapshotFetches += 1
        if let bytes = snapshots[reader] { return bytes }
        let bytes = SnapshotEncoder.encode(try registry.snapshot(for: reader))
        snapshots[reader] = bytes
        return bytes
    }

    func history(
        after revision: UInt64, subject: String?, limit: Int
    ) async throws(Problem) -> [HistoryEntry] {
        do throws(StoreError) {
            return try await store.history(after: revision, key: subject, limit: limit)
        } catch {
            throw .unavailable(error.description)
        }
    }

    /// Throws if the store doesn't answer.
    func checkReadiness() async throws(Problem) {
        do throws(StoreError) {
            _ = try await store.get(Registry.sequenceKey)
        } catch {
            throw .unavailable(error.description)
        }
    }

    /// Brings the registry to the present: ends drains, frees EIPs, drops deregistered targets,
    /// forgets old idempotency keys. Call it every second.
    public func advance() async throws {
        let now = clock()
        if now - lastSweep >= Self.sweepMilliseconds {
            lastSweep = now
            try await forgetTokens(at: now)
        }
        var probe = registry
        probe.advance(to: now)
        guard probe.hasChanges else { return }
        _ = try await change(
            by: Caller(actor: "hyperplane-placement", reason: "time has passed")
        ) { registry, occasion in
            registry.advance(to: occasion.now)
            return { _ in Outcome(status: 204, body: []) }
        }
    }
}

extension ControlService {
    private static let sweepMilliseconds: Int64 = 600_000

    /// Deletes what was kept for repeated requests that can't be repeated any more.
    private func forgetTokens(at now: Int64) async throws {
        let entries = try await store.range(prefix: IdempotencyRecord.collection + "/").entries
        let old = entries.filter { entry in
            guard let record = try? JSON.decode(IdempotencyRecord.self, from: entry.value) else {
                return true
            }
            return now - record.time >= Limits.idempotencyMilliseconds
        }
        guard !old.isEmpty else { return }
        _ = try await store.transaction(
            compare: old.map { .modified(key: $0.key, revision: $0.modified) },
            then: old.map { .delete($0.key, isRecorded: false) },
            note: ChangeNote(
                actor: "hyperplane-placement", reason: "old idempotency keys",
                idempotencyToken: nil, time: now))
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
}

extension ProblemDocument {
    static func unavailable(_ detail: String) -> Problem {
        Problem(
            status: 503, code: "store-unavailable", title: "The registry's store can't serve",
            detail: detail, hint: "Look at the state directory's disk, then try again.")
    }
}
