// The routes about the cluster as a whole: its settings, snapshots, history, health and metrics.

import ControlClient

extension RouteTable {
    static let clusterRoutes: [Route] = [
        Route(method: "GET", pattern: "/v1/cluster", summary: "Show the cluster's settings") {
            _, service throws(Problem) in
            .json(API.Cluster(await service.current))
        },
        Route(
            method: "PATCH", pattern: "/v1/cluster", summary: "Change the cluster's settings"
        ) { call, service throws(Problem) in
            let settings = try call.decodeBody(API.Cluster.Settings.self)
            return Answer(
                try await service.change(by: call.caller) { registry, _ throws(Problem) in
                    try registry.change(settings)
                    return { Outcome(status: 200, body: JSON.encode(API.Cluster($0))) }
                })
        },
        Route(
            method: "POST", pattern: "/v1/cluster/rotate-keys",
            summary: "Draw new keys for the channels between nodes"
        ) { call, service throws(Problem) in
            let token = try call.token()
            return Answer(
                try await service.change(by: call.caller, token: token) {
                    registry, occasion throws(Problem) in
                    try registry.rotateChannelKeys(on: &occasion)
                    return { Outcome(status: 200, body: JSON.encode(API.Cluster($0))) }
                })
        },
        Route(
            method: "GET", pattern: "/v1/snapshots/{role}/{id}",
            summary: "The configuration that a node, router or edge runs by, as bytes"
        ) { call, service throws(Problem) in
            let reader = try reader(call)
            let bytes = try await service.snapshotBytes(for: reader)
            if case .node(let id) = reader {
                try call.checkQuery(["closed"])
                await service.note(try closedVersion(call), by: id)
            } else {
                try call.checkQuery([])
            }
            return Answer(
                status: 200, contentType: "application/octet-stream", body: bytes)
        },
        Route(method: "GET", pattern: "/v1/history", summary: "List changes, oldest first") {
            call, service throws(Problem) in .json(try await history(call, service))
        },
        Route(method: "GET", pattern: "/healthz", summary: "Whether the process runs") {
            _, _ throws(Problem) in .plain("ok\n")
        },
        Route(method: "GET", pattern: "/readyz", summary: "Whether changes can be taken") {
            _, service throws(Problem) in
            try await service.checkReadiness()
            return .plain("ready\n")
        },
    ]

    /// What a node says with its fetch; nil if it says nothing.
    private static func closedVersion(_ call: Call) throws(Problem) -> UInt64? {
        guard let text = call.query["closed"] else { return nil }
        guard let version = UInt64(text) else {
            throw .invalid("closed", "closed \"\(text)\" is not a version")
        }
        return version
    }

    private static func reader(_ call: Call) throws(Problem) -> Registry.Reader {
        let role = call.parameters["role"] ?? ""
        switch role {
        case "node": return .node(try call.identifier(noun: API.Node.noun))
        case "router": return .router(try call.identifier(noun: API.Host.noun))
        case "edge": return .edge(try call.identifier(noun: API.Edge.noun))
        default:
            throw Problem(
                status: 404, code: "no-such-path", title: "No such path",
                detail: "\"\(role)\" is not a role", hint: "Use node, router or edge.")
        }
    }

    private static func history(
        _ call: Call, _ service: ControlService
    ) async throws(Problem) -> API.Page<API.Change> {
        try call.checkQuery(["after", "limit", "subject"])
        let limit = try call.pageSize()
        let afterText = call.query["after"] ?? "0"
        guard let after = UInt64(afterText), after <= UInt64(Int64.max) else {
            throw .invalid("after", "after \"\(afterText)\" is not a revision")
        }
        let entries = try await service.history(
            after: after, subject: try call.query["subject"].map(historyKey), limit: limit)
        let changes = entries.map { entry in
            API.Change(
                revision: entry.revision, time: Timestamp.text(entry.note.time),
                actor: entry.note.actor, reason: entry.note.reason,
                subject: String(entry.key[entry.key.firstIndex(of: "/")!...].dropFirst()),
                before: entry.before.map { String(decoding: $0, as: UTF8.self) },
                after: entry.after.map { String(decoding: $0, as: UTF8.self) })
        }
        let isFull = changes.count >= limit
        return API.Page(items: changes, next: isFull ? changes.last.map { "\($0.revision)" } : nil)
    }

    /// The store's key of what an identifier names.
    private static func historyKey(_ subject: String) throws(Problem) -> String {
        if subject == "cluster" { return Registry.clusterKey }
        guard let id = Identifier(subject) else {
            throw .invalid("subject", "subject \"\(subject)\" is not an identifier")
        }
        let collection =
            switch id.kind {
            case .tenant: TenantRecord.collection
            case .node: NodeRecord.collection
            case .vpc: VPCRecord.collection
            case .host: HostRecord.collection
            case .edge: EdgeRecord.collection
            case .eip: EIPRecord.collection
            case .natGateway: NATGatewayRecord.collection
            case .loadBalancer: LoadBalancerRecord.collection
            case .listener: ListenerRecord.collection
            case .targetGroup: TargetGroupRecord.collection
            case .target: TargetRecord.collection
            case .group: GroupRecord.collection
            case .cluster: "meta"
            }
        return "\(collection)/\(id)"
    }
}

extension Answer {
    static func plain(_ text: String) -> Answer {
        Answer(status: 200, contentType: "text/plain; charset=utf-8", body: Array(text.utf8))
    }
}
