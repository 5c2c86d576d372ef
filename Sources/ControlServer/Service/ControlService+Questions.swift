// What can be asked of the registry without changing it.

import Configuration
import ControlClient

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
}
