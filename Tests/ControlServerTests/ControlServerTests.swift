// The server over real sockets, through the client that everything else uses.

import Configuration
import ControlClient
import ControlServer
import FoundationEssentials
import Glibc
import Logging
import Testing

/// Runs a server on a free loopback port while `body` runs.
func withServer(
    _ service: ControlService, _ body: @escaping @Sendable (ControlClient) async throws -> Void
) async throws {
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    let server = ControlServer(service: service, host: "127.0.0.1", port: 0, logger: logger)
    let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await server.run { continuation.yield($0) } }
        for await port in ports {
            let client = try ControlClient(
                url: "http://127.0.0.1:\(port)/", actor: "alice", reason: "a test")
            try await body(client)
            break
        }
        group.cancelAll()
    }
}

@Test func `the client says and hears what the service does`() async throws {
    let installation = try await Installation()
    try await withServer(installation.service) { client in
        try await client.checkReadiness()
        let tenant = try await client.create(
            API.Tenant.self, .init(name: "acme"), idempotencyKey: "k")
        let again = try await client.create(
            API.Tenant.self, .init(name: "acme"), idempotencyKey: "k")
        #expect(again == tenant)
        #expect(try await client.show(API.Tenant.self, tenant.id) == tenant)
        #expect(try await client.list(API.Tenant.self, where: ["name": "acme"]) == [tenant])
        let vpc = try await client.create(
            API.VPC.self, .init(tenant: tenant.id, name: "main", prefix: "10.0.0.0/16"))
        var eips: [API.EIP] = []
        for last in 1...2 {
            eips.append(
                try await client.create(
                    API.EIP.self, .init(tenant: tenant.id, address: "203.0.113.\(last)")))
        }
        let gateway = try await client.create(
            API.NATGateway.self, .init(vpc: vpc.id, name: "main", eips: [eips[0].id]))
        #expect(try await client.addEIP(eips[1].id, to: gateway.id).eips.count == 2)
        let drained = try await client.drainEIP(eips[1].id, of: gateway.id, maxDrainSeconds: 5)
        #expect(drained.eips.map(\.state) == [.associated, .draining])
        #expect(try await client.delete(API.NATGateway.self, gateway.id)?.state == .deleting)
        #expect(try await client.cluster().bucketCount == 64)
        let history = try await client.history(subject: gateway.id)
        #expect(history.items.map(\.actor).allSatisfy { $0 == "alice" })
        #expect(history.items.count == 3)
    }
}

@Test func `the client gives the service's problems as they are`() async throws {
    let installation = try await Installation()
    try await withServer(installation.service) { client in
        let error = await #expect(throws: ControlError.self) {
            _ = try await client.show(API.Tenant.self, Identifier(.tenant, 7))
        }
        guard case .problem(let document) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(document.code == "not-found")
        #expect(document.hint?.isEmpty == false)
    }
}

@Test func `more than a page is listed whole`() async throws {
    let installation = try await Installation()
    for index in 0..<230 {
        _ = try await installation.create(API.Tenant.self, .init(name: "t\(index)"))
    }
    try await withServer(installation.service) { client in
        let tenants = try await client.list(API.Tenant.self)
        #expect(tenants.count == 230)
    }
}

@Test func `a service that isn't there is named with its URL and what to do`() async throws {
    let client = try ControlClient(url: "http://127.0.0.1:1")
    let error = await #expect(throws: ControlError.self) { _ = try await client.cluster() }
    guard case .unreachable(let url, let cause) = error else {
        Issue.record("\(String(describing: error))")
        return
    }
    #expect(url == "http://127.0.0.1:1")
    #expect(cause == "connection refused")
    #expect(error?.hint?.contains("Is it running?") == true)
}

@Test(arguments: ["", "127.0.0.1:8470", "ftp://x", "http://", "http://a b"])
func `a URL that can't be one is refused`(url: String) {
    #expect(throws: ControlError.self) { try ControlClient(url: url) }
}

@Test func `a snapshot is fetched, kept, and served from the disk without a service`() async throws
{
    let installation = try await Installation()
    let directory = try temporaryDirectory()
    let reader = SnapshotReader.node(Identifier(.node, 1))
    try await withServer(installation.service) { client in
        let fetcher = SnapshotFetcher(client: client, reader: reader, directory: directory)
        #expect(await fetcher.loadFromDisk() == nil)
        guard case .new(let first) = await fetcher.fetch() else {
            Issue.record("no snapshot came")
            return
        }
        #expect(await fetcher.fetch() == .unchanged)
        _ = try await client.create(API.Tenant.self, .init(name: "acme"))
        guard case .new(let second) = await fetcher.fetch() else {
            Issue.record("no newer snapshot came")
            return
        }
        #expect(second.version > first.version)
        #expect(second.tenants.map(\.name) == ["acme"])
    }
    let gone = try ControlClient(url: "http://127.0.0.1:1")
    let fetcher = SnapshotFetcher(client: gone, reader: reader, directory: directory)
    guard case .new(let kept) = await fetcher.loadFromDisk() else {
        Issue.record("nothing was kept")
        return
    }
    #expect(kept.tenants.map(\.name) == ["acme"])
    guard case .failed = await fetcher.fetch() else {
        Issue.record("it can't have come")
        return
    }
    #expect(await fetcher.held?.tenants.map(\.name) == ["acme"])
}

@Test func `a snapshot of another cluster or of an older version is refused`() async throws {
    let directory = try temporaryDirectory()
    let reader = SnapshotReader.node(Identifier(.node, 1))
    func outcome(_ installation: Installation) async throws -> String {
        let box = try temporaryDirectory()
        try await withServer(installation.service) { client in
            let fetcher = SnapshotFetcher(client: client, reader: reader, directory: directory)
            _ = await fetcher.loadFromDisk()
            let outcome =
                switch await fetcher.fetch() {
                case .new: "new"
                case .unchanged: "unchanged"
                case .refused(let refusal, _): refusal.rawValue
                case .failed: "failed"
                }
            try Data(outcome.utf8).write(to: URL(filePath: box + "/outcome"))
        }
        return String(
            decoding: try Data(contentsOf: URL(filePath: box + "/outcome")), as: UTF8.self)
    }
    let installation = try await Installation()
    let older = try await installation.standby()
    _ = try await installation.create(API.Tenant.self, .init(name: "acme"))
    #expect(try await outcome(installation) == "new")
    #expect(try await outcome(installation) == "unchanged")
    try await withServer(older) { client in
        let fetcher = SnapshotFetcher(client: client, reader: reader, directory: directory)
        _ = await fetcher.loadFromDisk()
        guard case .refused(.older, _) = await fetcher.fetch() else {
            Issue.record("an older snapshot was taken")
            return
        }
        #expect(await fetcher.counters.refused == [.older: 1])
    }
    #expect(try await outcome(try await Installation()) == "foreignCluster")
}
