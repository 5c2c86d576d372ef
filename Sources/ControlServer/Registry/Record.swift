// What the registry stores of each thing, and the tables that hold it in memory. Records are what
// was said; everything that follows from them (states, shards' members) is worked out when asked.

import ControlClient

/// A stored thing: one key, one JSON value.
protocol Record: Codable, Sendable, Equatable {
    /// The key is `<collection>/<identifier>`.
    static var collection: String { get }
    static var kind: IdentifierKind { get }

    var id: Identifier { get }
    /// No two records of a table have the same; nil claims none.
    var uniqueName: UniqueName? { get }
    /// The registry's version at its last change; the table sets it.
    var revision: UInt64 { get set }
}

/// A name, and within what it is unique: a tenant, a load balancer, or 0 for the cluster.
struct UniqueName: Hashable, Sendable {
    var scope: UInt64
    var name: String
}

/// The records of one kind, with what changed since the last `takeChanges`.
///
/// A value: a copy is a draft that is kept or thrown away.
struct Table<Row: Record>: Sendable {
    private(set) var rows: [UInt64: Row] = [:]
    private var names: [UniqueName: UInt64] = [:]
    private var changed: Set<UInt64> = []

    subscript(id: UInt64) -> Row? { rows[id] }

    var isEmpty: Bool { rows.isEmpty }
    var count: Int { rows.count }

    /// In the order of identifiers.
    var sorted: [Row] { rows.values.sorted { $0.id.rawValue < $1.id.rawValue } }

    func named(_ name: UniqueName) -> Row? { names[name].flatMap { rows[$0] } }

    mutating func put(_ row: Row) {
        let id = row.id.rawValue
        if let old = rows[id]?.uniqueName, names[old] == id { names[old] = nil }
        if let name = row.uniqueName {
            precondition(names[name] == nil, "the name was not checked")
            names[name] = id
        }
        rows[id] = row
        changed.insert(id)
    }

    mutating func remove(_ id: UInt64) {
        guard let old = rows.removeValue(forKey: id) else { return }
        if let name = old.uniqueName, names[name] == id { names[name] = nil }
        changed.insert(id)
    }

    /// Only those that are wanted, in the order of identifiers.
    func sorted(where isWanted: (Row) -> Bool) -> [Row] {
        rows.values.filter(isWanted).sorted { $0.id.rawValue < $1.id.rawValue }
    }

    /// What changed since the last `takeChanges`, as it is and as it was in `before`.
    func changes(since before: Self) -> [Row] {
        changed.compactMap { rows[$0] } + changed.compactMap { before.rows[$0] }
    }

    /// What to write so that the store says what the table says; marks records with `version`.
    mutating func takeChanges(version: UInt64) -> [StoreOperation] {
        let operations = changed.sorted().map { id -> StoreOperation in
            let key = "\(Row.collection)/\(Identifier(Row.kind, id))"
            guard rows[id] != nil else { return .delete(key) }
            rows[id]?.revision = version
            return .put(key, JSON.encode(rows[id]))
        }
        changed = []
        return operations
    }

    /// Takes up a record as it was stored.
    mutating func load(_ row: Row) {
        put(row)
        changed = []
    }

    var hasChanges: Bool { !changed.isEmpty }
}
