// What the registry asks of a database: keys in order, revisions, and transactions that compare
// before they set. It is etcd's shape, so that etcd can stand behind it too.

/// A value under a key, and when it changed.
public struct StoredEntry: Sendable, Hashable {
    public var key: String
    public var value: [UInt8]
    /// The revision at which the key was created, after its last deletion if there was one.
    public var created: UInt64
    /// The revision of its last change.
    public var modified: UInt64

    public init(key: String, value: [UInt8], created: UInt64, modified: UInt64) {
        self.key = key
        self.value = value
        self.created = created
        self.modified = modified
    }
}

/// A condition of a transaction.
public enum StoreComparison: Sendable, Hashable {
    /// The key's last change was at this revision.
    case modified(key: String, revision: UInt64)
    /// The key doesn't exist.
    case absent(key: String)
}

/// A change in a transaction. No key may be changed twice in one.
public struct StoreOperation: Sendable, Hashable {
    public var key: String
    /// Nil deletes the key; deleting what doesn't exist changes nothing.
    public var value: [UInt8]?
    /// Whether the change stands in the history. Secrets and bookkeeping don't.
    public var isRecorded: Bool

    public static func put(_ key: String, _ value: [UInt8], isRecorded: Bool = true) -> Self {
        Self(key: key, value: value, isRecorded: isRecorded)
    }

    public static func delete(_ key: String, isRecorded: Bool = true) -> Self {
        Self(key: key, value: nil, isRecorded: isRecorded)
    }
}

/// Who makes a change, why and when. Every write has one.
public struct ChangeNote: Sendable, Hashable {
    public var actor: String
    public var reason: String?
    public var idempotencyToken: String?
    /// Milliseconds since 1970.
    public var time: Int64

    public init(actor: String, reason: String?, idempotencyToken: String?, time: Int64) {
        self.actor = actor
        self.reason = reason
        self.idempotencyToken = idempotencyToken
        self.time = time
    }
}

/// One change of one key, as the history keeps it.
public struct HistoryEntry: Sendable, Hashable {
    public var revision: UInt64
    public var note: ChangeNote
    public var key: String
    public var before: [UInt8]?
    public var after: [UInt8]?

    public init(
        revision: UInt64, note: ChangeNote, key: String, before: [UInt8]?, after: [UInt8]?
    ) {
        self.revision = revision
        self.note = note
        self.key = key
        self.before = before
        self.after = after
    }
}

/// What became of a transaction.
public enum TransactionResult: Sendable, Hashable {
    /// Done, durably, at this revision.
    case committed(revision: UInt64)
    /// A comparison failed; nothing is changed.
    case conflict
}

/// The database cannot serve; nothing is changed, or it is unknown whether it is.
public struct StoreError: Error, Sendable, Hashable, CustomStringConvertible {
    public var description: String

    public init(_ description: String) { self.description = description }
}

/// Keys, revisions and compare-and-set transactions. Every implementation passes the one suite of
/// tests in `StoreConformanceTests`.
///
/// The revision starts at 0 and grows by one with each committed transaction. A transaction is
/// atomic and, once it has returned, durable; calls are linearizable.
public protocol RegistryStore: Sendable {
    func get(_ key: String) async throws(StoreError) -> StoredEntry?

    /// The entries whose keys begin with `prefix`, in the order of their keys' UTF-8 bytes, with
    /// the revision at which all of them stood together.
    func range(prefix: String) async throws(StoreError) -> (
        entries: [StoredEntry], revision: UInt64
    )

    /// Applies all operations if all comparisons hold, else none.
    func transaction(
        compare: [StoreComparison], then operations: [StoreOperation], note: ChangeNote
    ) async throws(StoreError) -> TransactionResult

    /// At most `limit` recorded changes after a revision, oldest first; of one key, if it is given.
    /// All changes of one revision come together, so there may be more than `limit`.
    func history(
        after revision: UInt64, key: String?, limit: Int
    ) async throws(StoreError) -> [HistoryEntry]
}
