// What can be asked of the registry without changing it.

import ControlClient

extension ControlService {
    /// The registry as it stands; a value that no later change touches.
    var current: Registry {
        var registry = registry
        registry.reports = reports
        return registry
    }

    var counters: ControlCounters { tally }

    /// The envelope of a reader's snapshot. Made once for each version and set of groups.
    func snapshotBytes(for reader: Registry.Reader) throws(Problem) -> [UInt8] {
        if snapshotsVersion != registry.version {
            snapshots = [:]
            snapshotsVersion = registry.version
            tally.longestSnapshotBytes = 0
        }
        tally.snapshotFetches += 1
        let groups = try registry.groups(for: reader)
        let contents = SnapshotContents(groups: groups.map(\.id), isForNodes: reader.isNode)
        if let bytes = snapshots[contents] { return bytes }
        let snapshot = registry.snapshot(groups: groups, forNodes: reader.isNode)
        guard let bytes = SnapshotEnvelope.seal(snapshot, leastClass: leastSnapshotClass) else {
            throw .snapshotTooLong
        }
        tally.longestSnapshotBytes = max(tally.longestSnapshotBytes, UInt64(bytes.count))
        snapshots[contents] = bytes
        return bytes
    }

    /// Takes a node's word of the newest configuration that no flow of its outlives; nil if it has
    /// none, as a node whose engines haven't started.
    ///
    /// A version that the registry has not reached is of another past, as after a restore from a
    /// backup: it says nothing of what this registry gave up, and counts as no word.
    func note(_ closedVersion: UInt64?, by node: Identifier) {
        reports[node.rawValue] = closedVersion.flatMap { $0 <= registry.version ? $0 : nil }
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
}

/// What tells the snapshots of one version apart.
struct SnapshotContents: Hashable, Sendable {
    var groups: [Identifier]
    /// They hold the channels' keys.
    var isForNodes: Bool
}

extension Registry.Reader {
    fileprivate var isNode: Bool {
        if case .node = self { return true }
        return false
    }
}

extension ProblemDocument {
    static let snapshotTooLong = Problem(
        status: 507, code: "snapshot-too-long", title: "The configuration is too long",
        detail: "it doesn't fit in the largest snapshot, compressed",
        hint: "Divide the tenants among more nodes or clusters.")
}
