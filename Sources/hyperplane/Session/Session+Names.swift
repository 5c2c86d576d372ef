// From names to things: every command finds what it was given a name or an identifier of by these.

import ControlClient

extension Session {
    /// What the noun's options and the tenant narrow a list down to.
    func filters<N: Noun>(_ type: N.Type, _ scope: N.Scope) async throws -> [String: String] {
        var filters = try await scope.filters(self)
        if N.Scope.hasTenant, let tenant = try await chosenTenant() {
            filters["tenant"] = tenant.description
        }
        return filters
    }

    /// The thing that `text` means.
    func find<N: Noun>(
        _ type: N.Type, _ text: String, where filters: [String: String]
    ) async throws -> N {
        let reference = Reference(text, N.kind, N.words, narrowing: N.Scope.narrowing)
        if let id = try reference.identifier() { return try await show(type, id) }
        let named = try await list(type, where: filters.merging(["name": text]) { $1 })
        // A name may have been given on while its former holder goes.
        let holders = named.filter(\.holdsItsName)
        if holders.count == 1 { return holders[0] }
        if named.count == 1 { return named[0] }
        if named.isEmpty { return try await findOtherwise(type, reference, where: filters) }
        throw reference.ambiguous(try await candidates(named))
    }

    /// The thing that `text` means, among the chosen tenant's.
    func find<N: Noun>(_ type: N.Type, _ text: String) async throws -> N
    where N.Scope == TenantScope {
        try await find(type, text, where: filters(type, TenantScope()))
    }

    /// By another text than its name; else the error that says what there is.
    private func findOtherwise<N: Noun>(
        _ type: N.Type, _ reference: Reference, where filters: [String: String]
    ) async throws -> N {
        let all = try await list(type, where: filters)
        let aliased = all.filter { $0.aliases.contains(reference.text) }
        if aliased.count == 1 { return aliased[0] }
        if aliased.count > 1 { throw reference.ambiguous(try await candidates(aliased)) }
        var elsewhere = filters
        var advice: [String] = []
        if elsewhere.removeValue(forKey: "tenant") != nil {
            elsewhere["name"] = reference.text
            let others = try await candidates(try await list(type, where: elsewhere))
            advice = others.map { "Another tenant has one: \($0.text)" }
        }
        throw reference.unknown(among: try await candidates(all), advice: advice)
    }

    private func show<N: Noun>(_ type: N.Type, _ id: Identifier) async throws -> N {
        do {
            return try await ask { client throws(ControlError) in try await client.show(type, id) }
        } catch let failure as Failure where failure.status == .notFound {
            throw Failure(
                .notFound, "there is no \(N.words.one) \(id)",
                advice: ["See what there is: hyperplane \(N.noun) list"])
        }
    }

    func list<N: Noun>(_ type: N.Type, where filters: [String: String]) async throws -> [N] {
        try await ask { client throws(ControlError) in
            try await client.list(type, where: filters.merging(["limit": "1000"]) { $1 })
        }
    }

    func candidates<N: Noun>(_ items: [N]) async throws -> [Candidate] {
        let names = N.Scope.hasTenant ? try await nameBook([API.Tenant.self]) : NameBook()
        return items.map { $0.candidate(names) }
    }

    /// Names of all that the nouns have.
    func nameBook(_ nouns: [any Noun.Type]) async throws -> NameBook {
        var book = NameBook()
        for noun in nouns { try await add(noun, to: &book) }
        return book
    }

    private func add<N: Noun>(_ noun: N.Type, to book: inout NameBook) async throws {
        book.add(try await list(noun, where: [:]))
    }
}

extension Session {
    /// `--tenant`, else the context's tenant; nil for all tenants.
    func chosenTenant() async throws -> Identifier? {
        guard let text = options.tenant ?? cluster.defaultTenant else { return nil }
        let reference = Reference(text, .tenant, API.Tenant.words)
        if let id = try reference.identifier() { return id }
        do {
            return try await find(API.Tenant.self, text, where: [:]).id
        } catch var failure as Failure where options.tenant == nil {
            failure.advice.append("The tenant comes from context '\(cluster.context ?? "")'.")
            throw failure
        }
    }

    /// The tenant to create something in: the chosen one, else the only one.
    func tenant() async throws -> Identifier {
        if let chosen = try await chosenTenant() { return chosen }
        let all = try await list(API.Tenant.self, where: [:])
        return try Reference.only(
            of: all.map { $0.candidate(NameBook()) }, API.Tenant.words, option: "--tenant")
    }

    /// The VPC named, else the only one of the tenant.
    func vpc(_ text: String?) async throws -> API.VPC {
        if let text { return try await find(API.VPC.self, text) }
        let all = try await list(
            API.VPC.self, where: filters(API.VPC.self, TenantScope()))
        let id = try Reference.only(
            of: try await candidates(all), API.VPC.words, option: "--vpc")
        return all.first { $0.id == id }!
    }
}
