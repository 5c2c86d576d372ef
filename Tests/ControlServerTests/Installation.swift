// A control service in memory with a clock that is set by hand, asked through the route table as
// the HTTP server asks it.

import Configuration
import ControlClient
import ControlServer
import FoundationEssentials
import Synchronization
import Testing

final class HandClock: Sendable {
    private let milliseconds = Mutex<Int64>(1_000_000_000_000)

    var now: Int64 { milliseconds.withLock { $0 } }

    func advance(seconds: Int64) { advance(milliseconds: seconds * 1_000) }
    func advance(milliseconds: Int64) { self.milliseconds.withLock { $0 += milliseconds } }
}

struct Installation: Sendable {
    let clock = HandClock()
    let store: MemoryStore
    let service: ControlService

    /// With `nodes` nodes in as many zones.
    init(nodes: Int = 5, options: ClusterOptions = ClusterOptions()) async throws {
        store = MemoryStore()
        let clock = clock
        service = try await ControlService(
            store: store, options: options, clock: { clock.now })
        for index in 1...max(nodes, 1) where index <= nodes { _ = try await addNode(index) }
    }

    /// Another service on the same store.
    func standby() async throws -> ControlService {
        let clock = clock
        return try await ControlService(store: store, clock: { clock.now })
    }

    @discardableResult
    func addNode(_ index: Int) async throws -> API.Node {
        try await put(
            "/v1/nodes/\(Identifier(.node, UInt64(index)))",
            API.Node.Creation(
                name: "node\(index)", zone: "zone\(index)", address: "127.0.0.\(10 + index)",
                operations: "http://127.0.0.\(10 + index):8480"))
    }

    func call(
        _ method: String, _ path: String, body: [UInt8] = [], query: [String: String] = [:],
        actor: String = "alice", key: String? = nil, of service: ControlService? = nil
    ) async -> Answer {
        await RouteTable.control.answer(
            Call(
                method: method, path: path, query: query, body: body,
                caller: Caller(actor: actor, reason: "a test"), idempotencyKey: key),
            by: service ?? self.service)
    }

    /// What a node says with a fetch.
    func report(
        _ node: UInt64, closed version: UInt64?, to service: ControlService? = nil
    ) async throws {
        let query = version.map { ["closed": "\($0)"] } ?? [:]
        _ = try bytes(
            await call(
                "GET", "/v1/snapshots/node/\(Identifier(.node, node))", query: query, of: service))
    }

    /// All nodes say that no flow of theirs outlives the newest version, and the quiet time passes.
    func letGo(nodes: ClosedRange<UInt64> = 1...5) async throws {
        let cluster: API.Cluster = try success(await call("GET", "/v1/cluster"))
        for node in nodes { try await report(node, closed: cluster.revision) }
        try await service.advance()
        clock.advance(seconds: 2)
        try await service.advance()
    }

    func create<R: APIResource>(_ type: R.Type, _ creation: R.Creation) async throws -> R {
        let answer = try await call(
            "POST", "/v1/\(R.collection)", body: Array(JSONEncoder().encode(creation)))
        return try success(answer)
    }

    func list<R: APIResource>(
        _ type: R.Type, _ query: [String: String] = [:]
    ) async throws -> [R] {
        let page: API.Page<R> = try success(
            await call("GET", "/v1/\(R.collection)", query: query))
        return page.items
    }

    func show<R: APIResource>(
        _ type: R.Type, _ id: Identifier, of service: ControlService? = nil
    ) async throws -> R {
        try success(await call("GET", "/v1/\(R.collection)/\(id)", of: service))
    }

    func change<R: ChangeableResource>(
        _ type: R.Type, _ id: Identifier, _ settings: R.Settings
    ) async throws -> R {
        try success(
            await call(
                "PATCH", "/v1/\(R.collection)/\(id)", body: Array(JSONEncoder().encode(settings))))
    }

    func delete<R: APIResource>(_ type: R.Type, _ id: Identifier) async throws {
        _ = try bytes(await call("DELETE", "/v1/\(R.collection)/\(id)"))
    }

    func post<Body: Encodable, T: Decodable>(_ path: String, _ body: Body) async throws -> T {
        try success(try await call("POST", path, body: Array(JSONEncoder().encode(body))))
    }

    func put<Body: Encodable, T: Decodable>(_ path: String, _ body: Body) async throws -> T {
        try success(try await call("PUT", path, body: Array(JSONEncoder().encode(body))))
    }

    func history(of subject: Identifier) async throws -> API.Page<API.Change> {
        try success(await call("GET", "/v1/history", query: ["subject": "\(subject)"]))
    }

    func snapshot(_ role: String, _ id: Identifier) async throws -> Snapshot {
        let bytes = try bytes(await call("GET", "/v1/snapshots/\(role)/\(id)"))
        return try SnapshotEnvelope.open(bytes)
    }

    private func bytes(_ answer: Answer) throws -> [UInt8] {
        guard (200..<300).contains(answer.status) else {
            #expect(answer.contentType == ProblemDocument.contentType)
            throw try JSONDecoder().decode(ProblemDocument.self, from: Data(answer.body))
        }
        return answer.body
    }

    private func success<T: Decodable>(_ answer: Answer) throws -> T {
        try JSONDecoder().decode(T.self, from: Data(bytes(answer)))
    }
}

/// The problem that `body` ends with.
func problem(_ body: () async throws -> Void) async throws -> ProblemDocument {
    do {
        try await body()
    } catch let problem as ProblemDocument {
        #expect(problem.type == "urn:hyperplane:problem:" + problem.code)
        #expect(!problem.detail.isEmpty)
        return problem
    }
    Issue.record("nothing was refused")
    throw CancellationError()
}

/// A tenant with a VPC 10.0.0.0/16 and EIPs 203.0.113.<first> and the next.
struct World: Sendable {
    let installation: Installation
    let tenant: API.Tenant
    let vpc: API.VPC
    let eips: [API.EIP]

    init(_ installation: Installation, name: String = "acme", firstEIP: Int = 1) async throws {
        self.installation = installation
        let tenant = try await installation.create(API.Tenant.self, .init(name: name))
        vpc = try await installation.create(
            API.VPC.self, .init(tenant: tenant.id, name: "main", prefix: "10.0.0.0/16"))
        var eips: [API.EIP] = []
        for last in firstEIP...firstEIP + 1 {
            eips.append(
                try await installation.create(
                    API.EIP.self, .init(tenant: tenant.id, address: "203.0.113.\(last)")))
        }
        self.tenant = tenant
        self.eips = eips
    }

    func natGateway(_ name: String = "main", eips: [API.EIP]? = nil) async throws -> API.NATGateway
    {
        try await installation.create(
            API.NATGateway.self,
            .init(vpc: vpc.id, name: name, eips: (eips ?? self.eips).map(\.id)))
    }

    func loadBalancer(_ name: String = "web") async throws -> API.LoadBalancer {
        try await installation.create(
            API.LoadBalancer.self, .init(vpc: vpc.id, name: name, address: "10.0.9.10"))
    }

    func targetGroup(_ name: String = "web") async throws -> API.TargetGroup {
        try await installation.create(API.TargetGroup.self, .init(vpc: vpc.id, name: name))
    }
}
