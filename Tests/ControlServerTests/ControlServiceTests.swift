// What holds for every change and question: repetition, bad bodies, paths, pages, history, failure.

import ControlClient
import ControlServer
import FoundationEssentials
import Testing

private func body(_ text: String) -> [UInt8] { Array(text.utf8) }

private func problemDocument(_ answer: Answer) throws -> ProblemDocument {
    #expect(answer.contentType == "application/problem+json")
    let problem = try JSONDecoder().decode(ProblemDocument.self, from: Data(answer.body))
    #expect(problem.status == answer.status)
    return problem
}

@Test func `a repeated request gets the first answer`() async throws {
    let installation = try await Installation()
    let first = await installation.call(
        "POST", "/v1/tenants", body: body(#"{"name":"acme"}"#), key: "k1")
    #expect(first.status == 201)
    let again = await installation.call(
        "POST", "/v1/tenants", body: body(#"{"name":"acme"}"#), key: "k1")
    #expect(again == first)
    #expect(try await installation.list(API.Tenant.self).count == 1)
    // The answer is the first one even when the thing is gone.
    let tenant = try JSONDecoder().decode(API.Tenant.self, from: Data(first.body))
    try await installation.delete(API.Tenant.self, tenant.id)
    let late = await installation.call(
        "POST", "/v1/tenants", body: body(#"{"name":"acme"}"#), key: "k1")
    #expect(late == first)
    #expect(try await installation.list(API.Tenant.self).isEmpty)
}

@Test func `an idempotency key is for one request of one actor for a day`() async throws {
    let installation = try await Installation()
    func create(_ name: String, actor: String = "alice") async -> Answer {
        await installation.call(
            "POST", "/v1/tenants", body: body(#"{"name":"\#(name)"}"#), actor: actor, key: "k1")
    }
    #expect(await create("one").status == 201)
    let refusal = try problemDocument(await create("two"))
    #expect(refusal.status == 422)
    #expect(refusal.code == "idempotency-key-reused")
    #expect(await create("two", actor: "bob").status == 201)
    installation.clock.advance(seconds: 86_400)
    #expect(await create("three").status == 201)
    for key in ["", " ", "é", String(repeating: "k", count: 65)] {
        let answer = await installation.call(
            "POST", "/v1/tenants", body: body(#"{"name":"x"}"#), key: key)
        #expect(answer.status == 400)
    }
}

@Test func `a refused request may be repeated with the same key`() async throws {
    let installation = try await Installation()
    let request = body(#"{"name":"acme"}"#)
    let tenant = try await installation.create(API.Tenant.self, .init(name: "acme"))
    let refused = await installation.call("POST", "/v1/tenants", body: request, key: "k1")
    #expect(refused.status == 409)
    try await installation.delete(API.Tenant.self, tenant.id)
    let answer = await installation.call("POST", "/v1/tenants", body: request, key: "k1")
    #expect(answer.status == 201)
}

@Test func `old idempotency keys are forgotten`() async throws {
    let installation = try await Installation()
    _ = await installation.call(
        "POST", "/v1/tenants", body: body(#"{"name":"acme"}"#), key: "k1")
    #expect(try await installation.store.range(prefix: "idempotency/").entries.count == 1)
    installation.clock.advance(seconds: 86_400)
    try await installation.service.advance()
    #expect(try await installation.store.range(prefix: "idempotency/").entries.isEmpty)
    _ = try await installation.create(API.Tenant.self, .init(name: "next"))
}

@Test(arguments: [
    ("", "name"), ("{}", "name"), (#"{"name":7}"#, "name"), (#"{"name":null}"#, "name"),
    (#"{"name":"a","nmae":"b"}"#, "nmae"), ("[]", "the body"),
])
func `a body that doesn't fit is refused by the field's name`(
    text: String, field: String
) async throws {
    let installation = try await Installation()
    let refusal = try problemDocument(
        await installation.call("POST", "/v1/tenants", body: body(text)))
    #expect(refusal.status == 400)
    #expect(refusal.field == field)
}

@Test(arguments: ["{", "name", #"{"name":"a"} x"#, "\u{0}"])
func `a body that is no JSON is refused as such`(text: String) async throws {
    let installation = try await Installation()
    let refusal = try problemDocument(
        await installation.call("POST", "/v1/tenants", body: body(text)))
    #expect(refusal.code == "bad-json")
}

@Test func `a body that is nested to wear the service out is refused at once`() async throws {
    let installation = try await Installation()
    let text = String(repeating: #"{"a":"#, count: 500) + "1" + String(repeating: "}", count: 500)
    let begun = ContinuousClock.now
    let refusal = try problemDocument(
        await installation.call("POST", "/v1/tenants", body: body(text)))
    #expect(refusal.code == "bad-json")
    #expect(ContinuousClock.now - begun < .seconds(1))
    // Brackets inside a text are no nesting.
    let name = String(repeating: #"[{\""#, count: 20)
    let other = try problemDocument(
        await installation.call("POST", "/v1/tenants", body: body(#"{"name":"\#(name)"}"#)))
    #expect(other.code == "invalid-field")
}

@Test func `a field deep inside is named by its path`() async throws {
    let world = try await World(try await Installation())
    func refusal(_ text: String) async throws -> String? {
        try problemDocument(
            await world.installation.call("POST", "/v1/nat-gateways", body: body(text))
        ).field
    }
    let vpc = world.vpc.id
    #expect(
        try await refusal(#"{"vpc":"\#(vpc)","name":"a","eips":["eipalloc-1"]}"#) == "eips[0]")
    #expect(
        try await refusal(#"{"vpc":"\#(vpc)","name":"a","eips":[],"onExpiry":"loud"}"#)
            == "onExpiry")
    #expect(
        try await refusal(
            """
            {"vpc":"\(vpc)","name":"a","eips":[],"timeouts":{"udpSeconds":1,"icmpSeconds":1,
            "tcpEstablishedSeconds":1,"tcpTransitorySeconds":1,"sctpSeconds":1}}
            """) == "timeouts.sctpSeconds")
}

// RFC 9110 §15.5.6, RFC 9457 §3, §3.1, §3.2.
@Test func `paths and methods that don't exist are problems too`() async throws {
    let installation = try await Installation()
    for path in ["/", "/v1", "/v1/", "/v1/cats", "/v1/tenants/", "/v1/tenants/a/b", "//v1/tenants"]
    {
        let refusal = try problemDocument(await installation.call("GET", path))
        #expect(refusal.status == 404)
        #expect(refusal.instance == path)
    }
    let answer = await installation.call("PATCH", "/v1/tenants")
    #expect(try problemDocument(answer).code == "method-not-allowed")
    #expect(answer.headers["Allow"] == "GET, POST")
    #expect(await installation.call("DELETE", "/v1/nodes").status == 405)
}

@Test func `every route has a summary and stands once`() {
    let routes = RouteTable.control.routes
    #expect(routes.allSatisfy { !$0.summary.isEmpty })
    #expect(Set(routes.map { "\($0.method) \($0.pattern)" }).count == routes.count)
}

@Test func `lists are filtered and come in pages`() async throws {
    let installation = try await Installation()
    for index in 0..<25 {
        _ = try await installation.create(API.Tenant.self, .init(name: "t\(index)"))
    }
    #expect(try await installation.list(API.Tenant.self, ["name": "t7"]).map(\.name) == ["t7"])
    #expect(try await installation.list(API.Tenant.self, ["name": "none"]).isEmpty)
    var seen: [Identifier] = []
    var after: String?
    repeat {
        var query = ["limit": "10"]
        query["after"] = after
        let answer = await installation.call("GET", "/v1/tenants", query: query)
        let page = try JSONDecoder().decode(
            API.Page<API.Tenant>.self, from: Data(answer.body))
        seen += page.items.map(\.id)
        after = page.next
    } while after != nil
    #expect(seen.count == 25)
    #expect(seen == seen.sorted())
    for query in [["limit": "0"], ["limit": "x"], ["after": "x"], ["colour": "red"]] {
        let answer = await installation.call("GET", "/v1/tenants", query: query)
        #expect(answer.status == 400)
    }
}

// RFC 6888 §3 REQ-10.
@Test func `the history says what was and what became, without secrets`() async throws {
    let installation = try await Installation()
    let world = try await World(installation)
    let gateway = try await world.natGateway()
    let answer = await installation.call(
        "GET", "/v1/history", query: ["subject": gateway.id.description])
    let page = try JSONDecoder().decode(API.Page<API.Change>.self, from: Data(answer.body))
    let change = try #require(page.items.first)
    #expect(change.actor == "alice")
    #expect(change.reason == "a test")
    #expect(change.before == nil)
    #expect(change.after?.contains("203.0.113") == false)
    let all = await installation.call("GET", "/v1/history", query: ["limit": "1000"])
    let text = String(decoding: all.body, as: UTF8.self)
    #expect(!text.contains("secret"))
    #expect(!text.contains("\"first\\\""))
    for query in [["subject": "x"], ["after": "-1"], ["limit": "1001"], ["who": "alice"]] {
        #expect(await installation.call("GET", "/v1/history", query: query).status == 400)
    }
}

@Test func `a store that fails is a 503, and nothing is changed`() async throws {
    let installation = try await Installation()
    await installation.store.setFailure(StoreError("the disk is full"))
    let refusal = try await problem {
        _ = try await installation.create(API.Tenant.self, .init(name: "acme"))
    }
    #expect(refusal.status == 503)
    #expect(await installation.call("GET", "/readyz").status == 503)
    #expect(await installation.call("GET", "/healthz").status == 200)
    #expect(try await installation.list(API.Tenant.self).isEmpty)
    await installation.store.setFailure(nil)
    _ = try await installation.create(API.Tenant.self, .init(name: "acme"))
}

@Test func `two services on one store never overwrite each other`() async throws {
    let installation = try await Installation()
    let other = try await installation.standby()
    func create(_ service: ControlService, _ name: String) async -> Int {
        await RouteTable.control.answer(
            Call(
                method: "POST", path: "/v1/tenants", body: body(#"{"name":"\#(name)"}"#),
                caller: Caller(actor: "alice")), by: service
        ).status
    }
    for index in 0..<10 {
        #expect(await create(index % 2 == 0 ? installation.service : other, "t\(index)") == 201)
    }
    #expect(await create(other, "t0") == 409)
    let restarted = try await installation.standby()
    let answer = await RouteTable.control.answer(
        Call(method: "GET", path: "/v1/tenants", caller: Caller(actor: "alice")), by: restarted)
    let page = try JSONDecoder().decode(API.Page<API.Tenant>.self, from: Data(answer.body))
    #expect(page.items.count == 10)
}

@Test func `changes made at once are all made, one after the other`() async throws {
    let installation = try await Installation()
    await withTaskGroup { group in
        for index in 0..<50 {
            group.addTask {
                let answer = await installation.call(
                    "POST", "/v1/tenants", body: body(#"{"name":"t\#(index % 25)"}"#))
                #expect([201, 409].contains(answer.status))
            }
        }
    }
    #expect(try await installation.list(API.Tenant.self).count == 25)
}

@Test func `a cluster keeps the settings of its first start`() async throws {
    let store = MemoryStore()
    let settings = ClusterOptions(bucketCount: 4, portRange: 1024...1039, shardSize: 3)
    _ = try await ControlService(store: store, options: settings, clock: { 0 })
    _ = try await ControlService(store: store, options: settings, clock: { 0 })
    _ = try await ControlService(store: store, clock: { 0 })
    for other in [
        ClusterOptions(bucketCount: 8), ClusterOptions(portRange: 1024...1031),
        ClusterOptions(shardSize: 5),
    ] {
        await #expect(throws: RegistryError.self) {
            _ = try await ControlService(store: store, options: other, clock: { 0 })
        }
    }
}

@Test(arguments: [
    ClusterOptions(bucketCount: 0), ClusterOptions(bucketCount: 65), ClusterOptions(shardSize: 0),
    ClusterOptions(shardSize: 17), ClusterOptions(portRange: 0...63),
    ClusterOptions(portRange: 1...65_536),
])
func `settings that can't work are refused before anything is written`(
    options: ClusterOptions
) async throws {
    let store = MemoryStore()
    await #expect(throws: RegistryError.self) {
        _ = try await ControlService(store: store, options: options, clock: { 0 })
    }
    #expect(try await store.range(prefix: "").revision == 0)
}

@Test func `lists are filtered by state, which is worked out for each thing`() async throws {
    let installation = try await Installation()
    let world = try await World(installation)
    let used = try await world.targetGroup("used")
    let unused = try await world.targetGroup("unused")
    let balancer = try await world.loadBalancer()
    _ = try await installation.create(
        API.Listener.self,
        .init(loadBalancer: balancer.id, ipProtocol: .tcp, port: 80, targetGroup: used.id))
    for group in [used, unused] {
        for last in 1...3 {
            _ = try await installation.create(
                API.Target.self,
                .init(targetGroup: group.id, address: "10.0.8.\(last)", port: 80))
        }
    }
    let healthy = try await installation.list(API.Target.self, ["state": "healthy"])
    #expect(healthy.map(\.targetGroup) == [used.id, used.id, used.id])
    let one = try await installation.list(
        API.Target.self, ["state": "unused", "address": "10.0.8.2"])
    #expect(one.map(\.targetGroup) == [unused.id])
    #expect(try await installation.list(API.Target.self, ["state": "pending"]).isEmpty)
    #expect(try await installation.list(API.EIP.self, ["state": "available"]).count == 2)
}
