// The few calls of SQLite's C interface that the store needs: open, execute, and prepared
// statements with whole numbers, texts and blobs. The only file that touches C pointers.

import CSQLite

/// A value bound to a statement's parameter.
enum SQLiteValue {
    case integer(Int64)
    case text(String)
    case blob([UInt8])
    case null

    static func optionalText(_ text: String?) -> Self { text.map(Self.text) ?? .null }
    static func optionalBlob(_ blob: [UInt8]?) -> Self { blob.map(Self.blob) ?? .null }
}

/// One connection and its prepared statements. Not thread-safe: its owner serialises the calls.
@safe
final class SQLiteConnection {
    // Both stay valid from init to deinit; nobody else ever sees them.
    private var handle: OpaquePointer
    private var statements: [String: OpaquePointer] = unsafe [:]

    /// Opens the file, creating it if it doesn't exist.
    init(path: String) throws(StoreError) {
        var opened: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
        let code = unsafe sqlite3_open_v2(path, &opened, flags, nil)
        guard code == SQLITE_OK, let opened = unsafe opened else {
            let message = unsafe String(cString: unsafe sqlite3_errstr(code))
            unsafe sqlite3_close_v2(opened)
            throw StoreError("cannot open \(path): \(message)")
        }
        unsafe handle = opened
        unsafe sqlite3_extended_result_codes(opened, 1)
    }

    deinit {
        for unsafe(_, statement) in unsafe statements { unsafe sqlite3_finalize(statement) }
        unsafe sqlite3_close_v2(handle)
    }

    /// Runs statements that take and give nothing.
    func execute(_ sql: String) throws(StoreError) {
        let code = unsafe sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw failure(sql) }
    }

    /// Runs one prepared statement and calls `row` for each row that it gives.
    func run(
        _ sql: String, _ values: [SQLiteValue] = [], row: (SQLiteRow) -> Void = { _ in }
    ) throws(StoreError) {
        let statement = unsafe try prepared(sql)
        defer {
            unsafe sqlite3_reset(statement)
            unsafe sqlite3_clear_bindings(statement)
        }
        for (index, value) in values.enumerated() {
            guard unsafe bind(value, to: statement, at: Int32(index + 1)) == SQLITE_OK else {
                throw failure(sql)
            }
        }
        while true {
            switch unsafe sqlite3_step(statement) {
            case SQLITE_ROW: unsafe row(SQLiteRow(statement: statement))
            case SQLITE_DONE: return
            default: throw failure(sql)
            }
        }
    }

    private func prepared(_ sql: String) throws(StoreError) -> OpaquePointer {
        if let statement = unsafe statements[sql] { return unsafe statement }
        var statement: OpaquePointer?
        let code = unsafe sqlite3_prepare_v3(
            handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
        guard code == SQLITE_OK, let statement = unsafe statement else { throw failure(sql) }
        unsafe statements[sql] = statement
        return unsafe statement
    }

    private func bind(
        _ value: SQLiteValue, to statement: OpaquePointer, at index: Int32
    ) -> Int32 {
        // SQLITE_TRANSIENT, which C spells as a cast: SQLite copies the bytes before it returns.
        let transient = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        switch value {
        case .integer(let number): return unsafe sqlite3_bind_int64(statement, index, number)
        case .null: return unsafe sqlite3_bind_null(statement, index)
        case .text(let text):
            let bytes = Array(text.utf8CString)
            return unsafe sqlite3_bind_text(
                statement, index, bytes, Int32(bytes.count - 1), transient)
        case .blob(let bytes):
            // An empty array may have no address, and a null address would bind NULL.
            if bytes.isEmpty { return unsafe sqlite3_bind_zeroblob(statement, index, 0) }
            return unsafe sqlite3_bind_blob(
                statement, index, bytes, Int32(bytes.count), transient)
        }
    }

    private func failure(_ sql: String) -> StoreError {
        let message = unsafe String(cString: sqlite3_errmsg(handle))
        return StoreError("database: \(message) (in \"\(sql.prefix(60))\")")
    }
}

/// The row that a running statement stands on. Valid only inside the closure that is given it.
@safe
struct SQLiteRow {
    // Valid: `SQLiteConnection.run` makes the value on SQLITE_ROW and ends its use before it steps.
    fileprivate let statement: OpaquePointer

    func integer(_ column: Int32) -> Int64 { unsafe sqlite3_column_int64(statement, column) }

    func text(_ column: Int32) -> String? {
        guard let text = unsafe sqlite3_column_text(statement, column) else { return nil }
        return unsafe String(cString: text)
    }

    func blob(_ column: Int32) -> [UInt8]? {
        guard unsafe sqlite3_column_type(statement, column) != SQLITE_NULL else { return nil }
        let count = Int(unsafe sqlite3_column_bytes(statement, column))
        guard count > 0, let bytes = unsafe sqlite3_column_blob(statement, column) else {
            return []
        }
        return unsafe Array(UnsafeRawBufferPointer(start: bytes, count: count))
    }
}
