// The embedded store: one SQLite file, one connection, one writer. Every committed transaction is
// on the disk before it is acknowledged: WAL with synchronous=FULL.

import Dispatch

/// Keeps everything in the SQLite file `registry.sqlite` of a directory.
public actor SQLiteStore: RegistryStore {
    /// "HyPl", so that `file` and a careless operator can tell what the file is.
    static let applicationID: Int64 = 0x4879_506C
    static let schemaVersion: Int64 = 1

    private let connection: SQLiteConnection
    // Calls wait for the disk, so they have a thread of their own.
    private let executor = DiskExecutor()

    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }

    /// Opens or creates the store. Throws if the file is damaged, foreign, or of a newer release.
    /// The caller sees to it that no other process has it open.
    public init(path: String) throws(StoreError) {
        connection = try Self.openConnection(path: path)
    }

    private static func openConnection(path: String) throws(StoreError) -> SQLiteConnection {
        let connection = try SQLiteConnection(path: path)
        try connection.execute("PRAGMA busy_timeout = 2000")
        try connection.execute("PRAGMA journal_mode = WAL")
        try connection.execute("PRAGMA synchronous = FULL")
        try migrate(connection, path: path)
        return connection
    }

    private static func migrate(_ connection: SQLiteConnection, path: String) throws(StoreError) {
        var version: Int64 = 0
        var application: Int64 = 0
        try connection.run("PRAGMA user_version") { version = $0.integer(0) }
        try connection.run("PRAGMA application_id") { application = $0.integer(0) }
        var tables: Int64 = 0
        try connection.run("SELECT count(*) FROM sqlite_schema") { tables = $0.integer(0) }
        if tables == 0 {
            try connection.execute(schema)
            return
        }
        guard application == applicationID else {
            throw StoreError("\(path) is not a registry of this program")
        }
        guard version <= schemaVersion else {
            throw StoreError(
                "\(path) was written by a newer release (schema \(version), this one knows "
                    + "\(schemaVersion)); start that release")
        }
    }

    private static let schema = """
        BEGIN;
        PRAGMA application_id = \(applicationID);
        PRAGMA user_version = \(schemaVersion);
        CREATE TABLE store (
            id INTEGER PRIMARY KEY CHECK (id = 0), revision INTEGER NOT NULL);
        INSERT INTO store VALUES (0, 0);
        CREATE TABLE entries (
            key TEXT PRIMARY KEY, value BLOB NOT NULL, created INTEGER NOT NULL,
            modified INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE history (
            revision INTEGER NOT NULL, ordinal INTEGER NOT NULL, time INTEGER NOT NULL,
            actor TEXT NOT NULL, reason TEXT, token TEXT, key TEXT NOT NULL, before BLOB,
            after BLOB, PRIMARY KEY (revision, ordinal)) WITHOUT ROWID;
        CREATE INDEX history_by_key ON history (key, revision, ordinal);
        COMMIT;
        """

    public func get(_ key: String) throws(StoreError) -> StoredEntry? {
        var found: StoredEntry?
        try connection.run(
            "SELECT key, value, created, modified FROM entries WHERE key = ?", [.text(key)]
        ) { found = StoredEntry($0) }
        return found
    }

    public func range(
        prefix: String
    ) throws(StoreError) -> (entries: [StoredEntry], revision: UInt64) {
        var entries: [StoredEntry] = []
        try connection.run(
            """
            SELECT key, value, created, modified FROM entries
            WHERE key >= ?1 AND substr(key, 1, length(?1)) = ?1 ORDER BY key
            """, [.text(prefix)]
        ) { entries.append(StoredEntry($0)) }
        return (entries, try revision())
    }

    public func transaction(
        compare: [StoreComparison], then operations: [StoreOperation], note: ChangeNote
    ) throws(StoreError) -> TransactionResult {
        try connection.execute("BEGIN IMMEDIATE")
        do throws(StoreError) {
            for comparison in compare where try !holds(comparison) {
                try connection.execute("ROLLBACK")
                return .conflict
            }
            let revision = try revision() + 1
            try connection.run(
                "UPDATE store SET revision = ?", [.integer(Int64(revision))])
            for (ordinal, operation) in operations.enumerated() {
                try apply(operation, at: revision, ordinal: ordinal, note: note)
            }
            try connection.execute("COMMIT")
            return .committed(revision: revision)
        } catch {
            // Fails if SQLite has rolled back by itself, as it does on a full disk.
            try? connection.execute("ROLLBACK")
            throw error
        }
    }

    public func history(
        after revision: UInt64, key: String?, limit: Int
    ) throws(StoreError) -> [HistoryEntry] {
        guard limit > 0 else { return [] }
        let scope = key == nil ? "?2 IS NULL" : "key = ?2"
        var found: [HistoryEntry] = []
        try connection.run(
            """
            SELECT revision, time, actor, reason, token, key, before, after FROM history
            WHERE revision > ?1 AND \(scope) AND revision <= coalesce((
                SELECT revision FROM history WHERE revision > ?1 AND \(scope)
                ORDER BY revision, ordinal LIMIT 1 OFFSET ?3), ?4)
            ORDER BY revision, ordinal
            """,
            [
                .integer(Int64(clamping: revision)), .optionalText(key), .integer(Int64(limit - 1)),
                .integer(.max),
            ]
        ) { found.append(HistoryEntry($0)) }
        return found
    }

    private func revision() throws(StoreError) -> UInt64 {
        var revision: UInt64 = 0
        try connection.run("SELECT revision FROM store") { revision = UInt64($0.integer(0)) }
        return revision
    }

    private func holds(_ comparison: StoreComparison) throws(StoreError) -> Bool {
        switch comparison {
        case .modified(let key, let revision): try get(key)?.modified == revision
        case .absent(let key): try get(key) == nil
        }
    }

    private func apply(
        _ operation: StoreOperation, at revision: UInt64, ordinal: Int, note: ChangeNote
    ) throws(StoreError) {
        let before = try get(operation.key)
        if let value = operation.value {
            try connection.run(
                """
                INSERT INTO entries (key, value, created, modified) VALUES (?1, ?2, ?3, ?3)
                ON CONFLICT (key) DO UPDATE SET value = ?2, modified = ?3
                """, [.text(operation.key), .blob(value), .integer(Int64(revision))])
        } else {
            guard before != nil else { return }
            try connection.run("DELETE FROM entries WHERE key = ?", [.text(operation.key)])
        }
        guard operation.isRecorded else { return }
        try connection.run(
            "INSERT INTO history VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                .integer(Int64(revision)), .integer(Int64(ordinal)), .integer(note.time),
                .text(note.actor), .optionalText(note.reason),
                .optionalText(note.idempotencyToken), .text(operation.key),
                .optionalBlob(before?.value), .optionalBlob(operation.value),
            ])
    }
}

/// Runs an actor's jobs one after the other on a queue whose thread may block.
private final class DiskExecutor: SerialExecutor {
    private let queue = DispatchQueue(label: "hyperplane.registry")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { unsafe job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}

extension StoredEntry {
    fileprivate init(_ row: SQLiteRow) {
        self.init(
            key: row.text(0) ?? "", value: row.blob(1) ?? [], created: UInt64(row.integer(2)),
            modified: UInt64(row.integer(3)))
    }
}

extension HistoryEntry {
    fileprivate init(_ row: SQLiteRow) {
        self.init(
            revision: UInt64(row.integer(0)),
            note: ChangeNote(
                actor: row.text(2) ?? "", reason: row.text(3), idempotencyToken: row.text(4),
                time: row.integer(1)),
            key: row.text(5) ?? "", before: row.blob(6), after: row.blob(7))
    }
}
