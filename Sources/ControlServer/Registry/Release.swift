// How an address, a resource or a reset target is given up: by the word of the nodes that served it, never by a
// clock alone (design, part 5, rule 20). A node says with every fetch of its snapshot which
// configuration no flow of its outlives; the address is free once all of them have said at least
// the version that gave it up, and the quiet time has passed in which none took that back.

import ControlClient

/// What is awaited before something is free. Part of the record that is given up.
struct Release: Codable, Sendable, Equatable {
    /// The registry's version that gave it up.
    var version: UInt64
    /// The nodes that served it then, in the order of their group.
    var nodes: [Identifier]
}

/// What nodes have said last, by identifier: the newest version that all their engines have
/// closed. Only of this process's life: a service that starts knows nothing until they report.
typealias NodeReports = [UInt64: UInt64]

extension Registry {
    /// A release by the next version, awaiting the nodes that serve the tenant.
    func release(ofTenant tenant: Identifier) -> Release {
        let group = tenants[tenant.rawValue]?.group.flatMap { groups[$0.rawValue] }
        return Release(version: version + 1, nodes: group?.members ?? [])
    }

    /// Those of its nodes that have not said that they are past it. A node that was deleted is
    /// awaited no more: who deletes it says that it is gone.
    func awaited(by release: Release) -> [Identifier] {
        release.nodes.filter { node in
            nodes[node.rawValue] != nil && (reports[node.rawValue] ?? 0) < release.version
        }
    }

    /// All nodes whose word something waits for.
    var awaitedNodes: Set<Identifier> {
        let releases =
            eips.rows.values.compactMap(\.release)
            + loadBalancers.rows.values.compactMap(\.release)
            + targets.rows.values.compactMap(\.release)
        return Set(releases.flatMap { awaited(by: $0) })
    }

    /// What a given-up thing waits for, in words.
    func reason(for release: Release?, until: Int64?) -> String? {
        if let until { return "until \(Timestamp.text(until))" }
        guard let release else { return nil }
        let names = awaited(by: release).map { nodes[$0.rawValue]?.name ?? "\($0)" }
        guard !names.isEmpty else { return "the quiet time begins" }
        return "waits for \(names.joined(separator: ", ")) to close configuration "
            + "\(release.version)"
    }

    /// Where a given-up thing stands at `now`.
    enum ReleaseStep: Equatable {
        case waiting
        /// The last node has said its word: free at this time. Nil: one has taken its word back.
        case quiet(until: Int64?)
        case free
    }

    func step(of release: Release?, until: Int64?, at now: Int64) -> ReleaseStep {
        if let release, !awaited(by: release).isEmpty {
            return until == nil ? .waiting : .quiet(until: nil)
        }
        if let until { return until <= now ? .free : .waiting }
        let quiet = max(quietMilliseconds, Int64(cluster.quietSeconds ?? 0) * 1_000)
        return quiet == 0 ? .free : .quiet(until: now + quiet)
    }
}
