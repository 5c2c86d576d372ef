// What the command line knows of each noun of the API: how it is called, which options narrow it
// down, and how it is shown.

import ArgumentParser
import ControlClient

/// A noun of the API, as the command line has it.
protocol Noun: APIResource {
    /// Options that say among which things a name is looked up and a list is made.
    associatedtype Scope: ScopeOptions = TenantScope

    static var words: NounWords { get }
    /// Columns of the list.
    static var columns: [Column] { get }
    /// Nouns whose names stand in the table in the place of identifiers.
    static var named: [any Noun.Type] { get }
    var stateReason: String? { get }
    /// Texts that name it beside its name.
    var aliases: [String] { get }
    /// What is being deleted has given its name up to others.
    var holdsItsName: Bool { get }
    /// Nil for what no tenant owns.
    var owner: Identifier? { get }

    func cells(_ names: NameBook) -> [Cell]
    func details(_ names: NameBook) -> Details
    /// What `show` adds that takes further calls.
    func appendix(_ session: Session, _ names: NameBook) async throws -> [String]
}

extension Noun {
    static var named: [any Noun.Type] { [API.Tenant.self] }
    var stateReason: String? { nil }
    var aliases: [String] { [] }
    var holdsItsName: Bool { state != .deleting }
    var owner: Identifier? { nil }
    func appendix(_ session: Session, _ names: NameBook) async throws -> [String] { [] }

    /// `one 'name' (id)`, for sentences.
    var title: String { "\(Self.words.one) '\(name)' (\(id))" }

    func candidate(_ names: NameBook) -> Candidate {
        Candidate(
            id: id, name: name, aliases: aliases.filter { $0 != name },
            scope: owner.map { "tenant \(names[$0])" })
    }

    /// The lines that all have: id, state, and why it is in that state.
    func commonDetails(_ names: NameBook) -> Details {
        var details = Details()
        details.add("Name", name)
        details.add("ID", id.description)
        details.add("State", .state(state.rawValue))
        details.addIfPresent("Because", stateReason)
        details.addIfPresent("Tenant", owner.map { names.full($0) })
        return details
    }

    static func table(of items: [Self], _ names: NameBook) -> Table {
        var table = Table(columns)
        let sorted = items.sorted {
            let left = ($0.owner.map { names[$0] } ?? "", $0.name)
            let right = ($1.owner.map { names[$0] } ?? "", $1.name)
            return left == right ? $0.id < $1.id : left < right
        }
        for item in sorted { table.append(item.cells(names)) }
        return table
    }
}

/// Options that narrow a noun down.
protocol ScopeOptions: ParsableArguments, Sendable {
    /// The tenant is part of it.
    static var hasTenant: Bool { get }
    /// The option that tells things of the same name apart.
    static var narrowing: String { get }
    /// Filters of the API's list beside the tenant.
    func filters(_ session: Session) async throws -> [String: String]
}

extension ScopeOptions {
    static var narrowing: String { "--tenant" }
}

/// Things of a tenant, by `--tenant` alone.
struct TenantScope: ScopeOptions {
    static let hasTenant = true
    func filters(_ session: Session) async throws -> [String: String] { [:] }
}

/// Things of the cluster.
struct ClusterScope: ScopeOptions {
    static let hasTenant = false
    func filters(_ session: Session) async throws -> [String: String] { [:] }
}

/// The names of things by identifier, for tables; what is not in it is shown by its identifier.
struct NameBook: Sendable {
    private var names: [Identifier: String] = [:]

    mutating func add(_ items: [some Noun]) {
        for item in items { names[item.id] = item.name }
    }

    subscript(id: Identifier) -> String { names[id] ?? id.description }

    /// `name (id)`.
    func full(_ id: Identifier) -> String {
        names[id].map { "\($0) (\(id))" } ?? id.description
    }
}
