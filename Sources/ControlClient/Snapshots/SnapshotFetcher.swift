// How a node, router or edge comes by its configuration: it fetches the whole of it every second,
// changed or not, checks it, keeps the last good one on disk, and runs on by that for as long as
// the placement service is away. Nothing that it refuses changes what it runs by.

public import Configuration

/// Whose snapshot is fetched.
public enum SnapshotReader: Hashable, Sendable {
    case node(Identifier)
    /// By the identifier of its host.
    case router(Identifier)
    case edge(Identifier)

    var path: String {
        switch self {
        case .node(let id): "/v1/snapshots/node/\(id)"
        case .router(let id): "/v1/snapshots/router/\(id)"
        case .edge(let id): "/v1/snapshots/edge/\(id)"
        }
    }
}

/// What one fetch came to.
public enum FetchOutcome: Sendable, Hashable {
    /// A newer snapshot, checked and on the disk.
    case new(Snapshot)
    /// The one that is held.
    case unchanged
    /// It came, and is not run by.
    case refused(SnapshotRefusal, detail: String)
    /// It didn't come.
    case failed(ControlError)
}

/// Fetches, checks and keeps snapshots. Inputs: `loadFromDisk` once at the start, then `fetch` or
/// `run`.
public actor SnapshotFetcher {
    private let client: ControlClient
    private let reader: SnapshotReader
    private let file: SnapshotFile?
    private let closedVersion: @Sendable () -> UInt64?
    private let unfitness: @Sendable (Snapshot) -> String?
    /// Of the snapshot that is held; zero bytes if none is.
    private var heldBytes: [UInt8] = []
    public private(set) var held: Snapshot?
    public private(set) var counters = SnapshotCounters()

    /// `directory` holds the file `snapshot`; nil keeps nothing on disk. `closedVersion` is what a
    /// node tells with every fetch: the newest configuration that no flow of its outlives.
    /// `unfitness` says why the reader can't run by a good snapshot, before it replaces the one held.
    public init(
        client: ControlClient, reader: SnapshotReader, directory: String?,
        closedVersion: @escaping @Sendable () -> UInt64? = { nil },
        unfitness: @escaping @Sendable (Snapshot) -> String? = { _ in nil }
    ) {
        self.unfitness = unfitness
        self.closedVersion = closedVersion
        self.client = client
        self.reader = reader
        file = directory.map(SnapshotFile.init(directory:))
    }

    /// The last good snapshot of an earlier run: `new`, or why it is not run by; nil if there is
    /// none. A damaged file is counted and left for the next good snapshot to replace.
    public func loadFromDisk() -> FetchOutcome? {
        guard let bytes = file?.read() else { return nil }
        let outcome = judge(bytes)
        switch outcome {
        case .new(let snapshot):
            hold(snapshot, bytes)
            counters.loadedFromDisk += 1
        case .refused(let refusal, _): counters.count(refusal)
        case .unchanged, .failed: break
        }
        return outcome
    }

    /// Fetches once. A new snapshot is held, and on the disk if the disk takes it.
    public func fetch() async -> FetchOutcome {
        counters.fetches += 1
        let bytes: [UInt8]
        do throws(ControlError) {
            bytes = try await client.snapshot(reader, closedVersion: closedVersion())
        } catch {
            counters.failures += 1
            return .failed(error)
        }
        let outcome = judge(bytes)
        switch outcome {
        case .new(let snapshot):
            hold(snapshot, bytes)
            counters.accepted += 1
            // Static stability: a full disk keeps nobody from the newest configuration.
            if let file, !file.write(bytes) { counters.diskFailures += 1 }
        case .unchanged: counters.unchanged += 1
        case .refused(let refusal, _): counters.count(refusal)
        case .failed: break
        }
        return outcome
    }

    /// Fetches every `interval` until the task is cancelled, and tells of each outcome.
    public func run(
        every interval: Duration = .seconds(1),
        _ handle: @Sendable (FetchOutcome) async -> Void
    ) async {
        let clock = ContinuousClock()
        var next = clock.now
        while !Task.isCancelled {
            await handle(await fetch())
            // A slow answer delays the next fetch; it doesn't pile fetches up.
            next = max(next.advanced(by: interval), clock.now)
            try? await clock.sleep(until: next)
        }
    }

    private func hold(_ snapshot: Snapshot, _ bytes: [UInt8]) {
        held = snapshot
        heldBytes = bytes
    }

    private func judge(_ bytes: [UInt8]) -> FetchOutcome {
        if held != nil, bytes == heldBytes { return .unchanged }
        let snapshot: Snapshot
        do throws(RefusedSnapshot) {
            snapshot = try SnapshotEnvelope.open(bytes)
        } catch {
            return .refused(error.refusal, detail: error.detail)
        }
        if let detail = unfitness(snapshot) { return .refused(.unfit, detail: detail) }
        guard let held else { return .new(snapshot) }
        guard snapshot.cluster.id == held.cluster.id else {
            return .refused(
                .foreignCluster,
                detail: "of cluster \(Identifier(.cluster, snapshot.cluster.id)), held is of "
                    + "\(Identifier(.cluster, held.cluster.id))")
        }
        guard snapshot.version > held.version else {
            return .refused(
                snapshot.version < held.version ? .older : .contradictory,
                detail: "version \(snapshot.version), held is \(held.version)")
        }
        return .new(snapshot)
    }
}

extension ControlClient {
    /// The bytes of a reader's snapshot, not yet checked.
    func snapshot(
        _ reader: SnapshotReader, closedVersion: UInt64? = nil
    ) async throws(ControlError) -> [UInt8] {
        let query = closedVersion.map { "?closed=\($0)" } ?? ""
        return try judge(await send("GET", reader.path + query))
    }
}
