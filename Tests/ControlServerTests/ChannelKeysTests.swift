// The keys of the channels between nodes: drawn with the cluster, told to nodes and to nobody else,
// changed without an epoch that a node could have missed.

import Configuration
import ControlClient
import ControlServer
import FoundationEssentials
import Testing
import Wire

extension Installation {
    fileprivate func cluster() async throws -> API.Cluster {
        try JSONDecoder().decode(
            API.Cluster.self, from: Data(await call("GET", "/v1/cluster").body))
    }

    fileprivate func keys() async throws -> ChannelKeys {
        try #require(try await snapshot("node", Identifier(.node, 1)).cluster.keys)
    }

    fileprivate func rotate(key: String? = nil) async -> Answer {
        await call("POST", "/v1/cluster/rotate-keys", key: key)
    }
}

@Test func `a new cluster has keys, and nodes alone are told them`() async throws {
    let installation = try await Installation(nodes: 2)
    let keys = try await installation.keys()
    #expect(keys.current.epoch == 1 && keys.previous == nil)
    #expect(Set(keys.current.bytes).count > 8)
    let edge = try await installation.create(
        API.Edge.self, .init(name: "edge1", address: "127.0.2.1"))
    let host = try await installation.create(
        API.Host.self, .init(name: "host1", address: "127.0.1.1"))
    // A node, a router and an edge of which each has no group: alike but for the keys.
    #expect(try await installation.keys() == keys)
    #expect(try await installation.snapshot("edge", edge.id).cluster.keys == nil)
    #expect(try await installation.snapshot("router", host.id).cluster.keys == nil)
    let other = try await Installation(nodes: 1)
    #expect(try await other.keys() != keys)
}

@Test func `keys are changed on request, and the ones before are kept`() async throws {
    let installation = try await Installation(nodes: 1)
    let first = try await installation.keys().current
    #expect(await installation.rotate().status == 200)
    let second = try await installation.keys()
    #expect(second.current.epoch == 2 && second.previous == first)
    #expect(second.current.bytes != first.bytes)
    #expect(try await installation.cluster().keyEpoch == 2)
    // A node could have missed the second.
    let early = await installation.rotate()
    #expect(early.status == 409)
    #expect(String(decoding: early.body, as: UTF8.self).contains("keys-too-young"))
    installation.clock.advance(seconds: 10)
    #expect(await installation.rotate().status == 200)
    let third = try await installation.keys()
    #expect(third.current.epoch == 3 && third.previous == second.current)
}

@Test func `a change of keys that is asked for twice is made once`() async throws {
    let installation = try await Installation(nodes: 1)
    #expect(await installation.rotate(key: "once").status == 200)
    #expect(await installation.rotate(key: "once").status == 200)
    #expect(try await installation.keys().current.epoch == 2)
}

@Test func `no secret stands in an answer or in the history`() async throws {
    let installation = try await Installation(nodes: 1)
    _ = await installation.rotate()
    let keys = try await installation.keys()
    var texts: [String] = []
    for path in ["/v1/cluster", "/v1/history", "/v1/nodes"] {
        texts.append(
            String(decoding: await installation.call("GET", path).body, as: UTF8.self))
    }
    texts.append("\(keys) \(Mirror(reflecting: keys.current).children.map(\.value))")
    for key in [keys.current, keys.previous].compactMap(\.self) {
        // As a list of numbers, in hexadecimal, in base 64.
        let forms = [
            key.bytes.prefix(4).map(String.init).joined(separator: ","),
            key.bytes.prefix(4).map { String($0, radix: 16) }.joined(),
            Data(key.bytes.prefix(6)).base64EncodedString(),
        ]
        for text in texts { for form in forms { #expect(!text.contains(form)) } }
    }
    // But that they were changed, by whom and when.
    #expect(texts[1].contains(#"\"keyEpoch\":2"#))
}

@Test func `keys outlive the process, and a registry without any gets some`() async throws {
    let installation = try await Installation(nodes: 1)
    let keys = try await installation.keys()
    let standby = try await installation.standby()
    let bytes = await installation.call(
        "GET", "/v1/snapshots/node/\(Identifier(.node, 1))", of: standby
    ).body
    #expect(try SnapshotEnvelope.open(bytes).cluster.keys == keys)
    // As a registry of an older release is.
    let entry = try #require(try await installation.store.get("meta/channel-keys"))
    _ = try await installation.store.transaction(
        compare: [], then: [.delete(entry.key)],
        note: ChangeNote(actor: "test", reason: nil, idempotencyToken: nil, time: 0))
    let upgraded = try await ControlService(store: installation.store, clock: { 5 })
    func read() async throws -> ChannelKeys? {
        let answer = await installation.call(
            "GET", "/v1/snapshots/node/\(Identifier(.node, 1))", of: upgraded)
        return try SnapshotEnvelope.open(answer.body).cluster.keys
    }
    #expect(try await read() == nil)
    try await upgraded.advance()
    #expect(try await read() != nil)
}

@Test func `copies and times of consensus are fixed at the first start`() async throws {
    var options = ClusterOptions(shardSize: 4)
    options.copies = 3
    options.heartbeatMilliseconds = 20
    options.leaseMilliseconds = 100
    options.suspectMilliseconds = 150
    options.driftPartsPerMillion = 500
    let installation = try await Installation(nodes: 4, options: options)
    let cluster = try await installation.snapshot("node", Identifier(.node, 1)).cluster
    #expect(cluster.copies == 3 && cluster.quorum(members: 4).copies == 3)
    #expect(cluster.heartbeatMilliseconds == 20 && cluster.leaseMilliseconds == 100)
    #expect(cluster.suspectMilliseconds == 150 && cluster.driftPartsPerMillion == 500)
    let shown = try await installation.cluster()
    #expect(shown.shardSize == 4 && shown.copies == 3 && shown.leaseMilliseconds == 100)
    // A later start that says the same is fine, another is not.
    _ = try await ControlService(
        store: installation.store, options: options, clock: { 0 })
    options.leaseMilliseconds = 90
    await #expect(throws: RegistryError.self) {
        _ = try await ControlService(
            store: installation.store, options: options, clock: { 0 })
    }
}

@Test(
    arguments: [
        { options in options.copies = 4 }, { options in options.copies = 0 },
        { options in options.leaseMilliseconds = 30 },
        { options in options.leaseMilliseconds = 70 },
        { options in options.suspectMilliseconds = 50 }, { options in options.shardSize = 8 },
        { options in options.heartbeatMilliseconds = 0 },
        { options in
            options.shardSize = 3
            options.copies = 3
        },
        { options in options.driftPartsPerMillion = 100_001 },
    ] as [@Sendable (inout ClusterOptions) -> Void])
func `numbers of consensus that don't fit together initialise no cluster`(
    change: @Sendable (inout ClusterOptions) -> Void
) async throws {
    var options = ClusterOptions()
    change(&options)
    await #expect(throws: RegistryError.self) {
        _ = try await Installation(nodes: 0, options: options)
    }
}

@Test(arguments: [(1, 1, 1), (2, 2, 2), (3, 2, 2), (5, 3, 3), (7, 3, 5)])
func `a shard of any size keeps copies that any quorum meets`(
    size: Int, copies: Int, promises: Int
) async throws {
    let installation = try await Installation(
        nodes: 7, options: ClusterOptions(shardSize: size))
    let world = try await World(installation)
    let snapshot = try await installation.snapshot("node", world.tenant.nodes[0])
    let group = snapshot.groups[0]
    #expect(group.members.count == size && group.configuration == 1)
    let quorum = snapshot.cluster.quorum(members: group.members.count)
    #expect(quorum.copies == copies && quorum.promises == promises)
    #expect(try await installation.cluster().copies == copies)
}
