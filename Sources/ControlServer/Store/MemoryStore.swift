// A store without a disk, for tests and for models of the registry. It must behave as the durable
// ones do but for surviving its process.

/// Keeps everything in memory.
public actor MemoryStore: RegistryStore {
    private var entries: [String: StoredEntry] = [:]
    private var changes: [HistoryEntry] = []
    private var revision: UInt64 = 0
    /// Calls to fail, for tests of what its users do then.
    private var failure: StoreError?

    public init() {}

    /// Every later call throws `failure`, until it is set to nil.
    public func setFailure(_ failure: StoreError?) { self.failure = failure }

    public func get(_ key: String) throws(StoreError) -> StoredEntry? {
        if let failure { throw failure }
        return entries[key]
    }

    public func range(
        prefix: String
    ) throws(StoreError) -> (entries: [StoredEntry], revision: UInt64) {
        if let failure { throw failure }
        let bytes = Array(prefix.utf8)
        let found = entries.values
            .filter { $0.key.utf8.starts(with: bytes) }
            .sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        return (found, revision)
    }

    public func transaction(
        compare: [StoreComparison], then operations: [StoreOperation], note: ChangeNote
    ) throws(StoreError) -> TransactionResult {
        if let failure { throw failure }
        guard compare.allSatisfy(holds) else { return .conflict }
        revision += 1
        for operation in operations { apply(operation, note: note) }
        return .committed(revision: revision)
    }

    public func history(
        after revision: UInt64, key: String?, limit: Int
    ) throws(StoreError) -> [HistoryEntry] {
        if let failure { throw failure }
        let later = changes.filter { $0.revision > revision && (key == nil || $0.key == key) }
        guard limit > 0, later.count > limit else { return limit > 0 ? later : [] }
        let last = later[limit - 1].revision
        return Array(later.prefix { $0.revision <= last })
    }

    private func holds(_ comparison: StoreComparison) -> Bool {
        switch comparison {
        case .modified(let key, let revision): entries[key]?.modified == revision
        case .absent(let key): entries[key] == nil
        }
    }

    private func apply(_ operation: StoreOperation, note: ChangeNote) {
        let before = entries[operation.key]
        guard before != nil || operation.value != nil else { return }
        entries[operation.key] = operation.value.map {
            StoredEntry(
                key: operation.key, value: $0, created: before?.created ?? revision,
                modified: revision)
        }
        guard operation.isRecorded else { return }
        changes.append(
            HistoryEntry(
                revision: revision, note: note, key: operation.key, before: before?.value,
                after: operation.value))
    }
}
