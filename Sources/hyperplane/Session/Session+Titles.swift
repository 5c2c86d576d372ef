// Identifiers in an error become names: what stands in the way is told as people know it.

import ControlClient

extension Session {
    /// All nouns that an error can point at.
    private static let nouns: [any Noun.Type] = [
        API.Tenant.self, API.Node.self, API.VPC.self, API.Host.self, API.Edge.self,
        API.EIP.self, API.NATGateway.self, API.LoadBalancer.self, API.Listener.self,
        API.TargetGroup.self, API.Target.self,
    ]

    private static let titlesShown = 10

    /// A line for each, as far as the service still answers.
    func titles(of ids: [Identifier]) async -> [String] {
        var lines: [String] = []
        for id in ids.prefix(Self.titlesShown) {
            guard let noun = Self.nouns.first(where: { $0.kind == id.kind }) else { continue }
            if let title = await title(noun, id) { lines.append("  \(title)") }
        }
        guard !lines.isEmpty else { return [] }
        let rest = ids.count - Self.titlesShown
        return [ids.count == 1 ? "That is:" : "Those are:"] + lines
            + (rest > 0 ? ["  and \(rest) more"] : [])
    }

    private func title<N: Noun>(_ noun: N.Type, _ id: Identifier) async -> String? {
        (try? await client.show(noun, id))?.title
    }
}
