// What somebody wrote where a name or an identifier is expected, and the choice among what there
// is. A wrong name is answered with those it may have meant, an ambiguous one with all it may mean.

package import ControlClient

/// How a noun is called in sentences.
package struct NounWords: Sendable {
    package var article: String
    package var one: String
    package var many: String

    package init(_ article: String, _ one: String, _ many: String) {
        self.article = article
        self.one = one
        self.many = many
    }
}

/// Something that a reference can mean.
package struct Candidate: Sendable, Equatable {
    package var id: Identifier
    package var name: String
    /// Other texts that name it, such as an EIP's address.
    package var aliases: [String]
    /// Tells it from others of the same name, such as "tenant acme".
    package var scope: String?

    package init(id: Identifier, name: String, aliases: [String] = [], scope: String? = nil) {
        self.id = id
        self.name = name
        self.aliases = aliases
        self.scope = scope
    }

    /// `name (id, scope)`.
    package var text: String {
        "\(name) (\(([id.description] + [scope].compactMap(\.self)).joined(separator: ", ")))"
    }

    func isCalled(_ text: String) -> Bool { name == text || aliases.contains(text) }
}

/// A name or an identifier of a noun.
package struct Reference: Sendable {
    package var text: String
    package var kind: IdentifierKind
    package var words: NounWords

    /// The option that tells things of the same name apart.
    package var narrowing: String

    package init(
        _ text: String, _ kind: IdentifierKind, _ words: NounWords, narrowing: String = "--tenant"
    ) {
        self.text = text
        self.kind = kind
        self.words = words
        self.narrowing = narrowing
    }

    /// The identifier, if the text is one. Throws if it is one of another kind.
    package func identifier() throws -> Identifier? {
        guard let identifier = Identifier(text) else { return nil }
        guard identifier.kind == kind else {
            throw Failure(
                .usage, "\(text) is not the id of \(words.article) \(words.one)",
                advice: ["Those begin with '\(kind.rawValue)-'."])
        }
        return identifier
    }

    /// The only one of this name, by identifier.
    package func choose(among all: [Candidate]) throws -> Identifier {
        let matching = all.filter { $0.isCalled(text) }
        if matching.count == 1 { return matching[0].id }
        throw matching.isEmpty ? unknown(among: all) : ambiguous(matching)
    }

    /// Nothing is called so.
    package func unknown(among all: [Candidate], advice: [String] = []) -> Failure {
        let near = Candidates.near(text, among: all.flatMap { [$0.name] + $0.aliases })
        var lines = advice
        if !near.isEmpty {
            let meant = all.filter { candidate in near.contains { candidate.isCalled($0) } }
            lines.append("Did you mean:")
            lines += meant.prefix(Candidates.limit).map { "  \($0.text)" }
        } else if all.isEmpty {
            lines.append("There are no \(words.many).")
        } else if all.count <= Candidates.limit {
            lines.append("There are:")
            lines += all.map { "  \($0.text)" }
        }
        return Failure(
            .notFound, "there is no \(words.one) '\(text)'", advice: lines)
    }

    /// Several are called so.
    package func ambiguous(_ matching: [Candidate]) -> Failure {
        Failure(
            .usage, "\(matching.count) \(words.many) are called '\(text)'",
            advice: ["Give the id of one, or \(narrowing):"] + matching.map { "  \($0.text)" })
    }

    /// The only one there is, where none was named.
    package static func only(
        of all: [Candidate], _ words: NounWords, option: String
    ) throws -> Identifier {
        if all.count == 1 { return all[0].id }
        guard !all.isEmpty else {
            throw Failure(.notFound, "there is no \(words.one) yet", advice: ["Create one first."])
        }
        let shown = all.prefix(10).map { "  \($0.text)" }
        let more = all.count > 10 ? ["  and \(all.count - 10) more"] : []
        throw Failure(
            .usage, "there are \(all.count) \(words.many); say which with \(option)",
            advice: shown + more)
    }
}
