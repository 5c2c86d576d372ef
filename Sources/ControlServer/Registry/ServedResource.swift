// What the server must know of a noun so that its routes can be made: how it is created, shown,
// found and deleted in a registry.

import ControlClient

/// A noun of the API on the server's side.
protocol ServedResource: APIResource {
    associatedtype Row: Record

    static var table: WritableKeyPath<Registry, Table<Row>> { get }
    /// Query items that a list can be filtered by besides `state`, and what each must equal. They
    /// look at the row, so that answers are made of those alone that are listed.
    static var filters: [String: @Sendable (Row) -> String?] { get }

    static func answer(_ row: Row, in registry: Registry) -> Self
    static func create(
        _ creation: Creation, in registry: inout Registry, on occasion: inout Occasion
    ) throws(Problem) -> Identifier
    /// Deletes it, or begins to: then it still stands in its table.
    static func delete(
        _ row: Row, in registry: inout Registry, on occasion: Occasion
    ) throws(Problem)
}

/// A noun whose settings can be changed while it lives.
protocol SettableResource: ServedResource, ChangeableResource {
    /// The row with what the settings say; the row itself if they say nothing new.
    static func changed(
        _ row: Row, by settings: Settings, in registry: Registry
    ) throws(Problem) -> Row
}

extension SettableResource {
    static func change(
        _ id: Identifier, _ settings: Settings, in registry: inout Registry
    ) throws(Problem) {
        let row = try row(id, in: registry)
        let changed = try changed(row, by: settings, in: registry)
        guard changed != row else { return }
        registry[keyPath: table].put(changed)
    }
}

extension ServedResource {
    static func show(_ id: Identifier, in registry: Registry) throws(Problem) -> Self {
        answer(try row(id, in: registry), in: registry)
    }

    static func row(_ id: Identifier, in registry: Registry) throws(Problem) -> Row {
        guard id.kind == kind, let row = registry[keyPath: table][id.rawValue] else {
            throw .unknown(id, noun: noun)
        }
        return row
    }

    /// The row that a request's field names.
    static func reference(
        _ id: Identifier, field: String, in registry: Registry
    ) throws(Problem) -> Row {
        guard id.kind == kind, let row = registry[keyPath: table][id.rawValue] else {
            throw .unknownReference(field, id, noun: noun)
        }
        return row
    }

    /// Throws if another thing of this kind has the name.
    static func checkName(
        _ name: UniqueName, in registry: Registry, except id: Identifier? = nil
    ) throws(Problem) {
        guard let holder = registry[keyPath: table].named(name), holder.id != id else { return }
        throw .nameInUse(name.name, by: holder.id, noun: noun)
    }
}

/// The scope of names that are unique in the cluster.
let clusterScope: UInt64 = 0
