// Where snapshots come from: the placement service, every second as for any router, or a file.

import Configuration
import ControlClient
import Foundation
import Synchronization
import Traffic

/// A topology, and the feed that keeps it up to date.
struct TopologySource {
    var topology: Topology
    var feed: SnapshotFeed?
}

/// Fetches a router's snapshot every second, for as long as it is referenced.
final class SnapshotFeed: Sendable {
    let first: Snapshot
    private let box: SnapshotBox
    private let fetching: Task<Void, Never>

    private init(_ first: Snapshot, _ fetcher: SnapshotFetcher) {
        self.first = first
        let box = SnapshotBox()
        self.box = box
        fetching = Task.detached {
            await fetcher.run { outcome in
                guard case .new(let snapshot) = outcome, snapshot.problems().isEmpty else { return }
                box.put(snapshot)
            }
        }
    }

    deinit { fetching.cancel() }

    /// A newer snapshot than the one taken before, if one came.
    func take() -> Snapshot? { box.take() }

    static func read(_ path: String) throws -> Snapshot {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw RunFailure("\(path): can't be read")
        }
        do {
            return try SnapshotEnvelope.open(Array(bytes))
        } catch {
            throw RunFailure("\(path): the snapshot is not valid: \(error)")
        }
    }

    /// Fetches the first snapshot, of the cluster's first host, and goes on fetching.
    static func open(_ placement: String) async throws -> SnapshotFeed {
        do {
            let control = try ControlClient(url: placement, actor: "hyperplane-traffic")
            guard let host = try await control.list(API.Host.self).first else {
                throw RunFailure("the cluster has no host; `hyperplane host create` makes one")
            }
            let fetcher = SnapshotFetcher(client: control, reader: .router(host.id), directory: nil)
            return SnapshotFeed(try await first(fetcher, placement), fetcher)
        } catch let error as ControlError {
            throw RunFailure(error.description)
        }
    }

    private static func first(
        _ fetcher: SnapshotFetcher, _ placement: String
    ) async throws -> Snapshot {
        switch await fetcher.fetch() {
        case .new(let snapshot): return snapshot
        case .failed(let error): throw error
        case .refused(_, let detail):
            throw RunFailure("\(placement): the snapshot is not valid: \(detail)")
        case .unchanged: throw RunFailure("\(placement): no snapshot came")
        }
    }
}

/// Holds the newest snapshot until it is taken.
private final class SnapshotBox: Sendable {
    private let newest = Mutex<Snapshot?>(nil)

    func put(_ snapshot: Snapshot) { newest.withLock { $0 = snapshot } }

    func take() -> Snapshot? {
        newest.withLock { newest in
            defer { newest = nil }
            return newest
        }
    }
}
