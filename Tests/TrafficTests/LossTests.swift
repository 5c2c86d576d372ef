// What the engine makes of a cluster that loses packets or falls silent.

import Configuration
import Testing
import Traffic
import Wire

/// Runs a plan while `drops` says which packets into the cluster are lost.
private func run(
    _ profile: Profile, flows: Int = 400, seconds: Double = 2,
    drops: (_ index: Int, _ elapsedMilliseconds: UInt64) -> Bool
) throws -> RunReport {
    let topology = try Topology(.selftest(), selection: Selection())
    let plan = RunPlan(profile: profile, flows: flows, seconds: seconds, seed: 2)
    let start = Tick.seconds(10)
    var now = start
    var engine = try TrafficEngine(plan, topology, start: start)
    var translator = PerfectTranslator(topology, capacity: flows)
    var pool = FramePool(count: 1024, frameBytes: 2048)
    var inboxes: [[Packet]] = Array(repeating: [], count: topology.endpoints.count)
    var index = 0
    while !engine.isDone, now < .seconds(100) {
        _ = engine.tick(now, pool: &pool)
        for endpoint in topology.endpoints.indices {
            var kept: [Packet] = []
            for packet in engine.outbox[endpoint] {
                if drops(index, (now - start) / 1_000_000) {
                    pool.give(packet.frame)
                } else {
                    kept.append(packet)
                }
                index += 1
            }
            engine.clearOutbox(endpoint)
            translator.forward(kept, from: endpoint, pool: &pool, into: &inboxes)
        }
        for endpoint in topology.endpoints.indices {
            engine.handle(inboxes[endpoint], at: endpoint, now, pool: &pool)
            inboxes[endpoint].removeAll()
        }
        now = now + 250_000
    }
    return engine.finish(now, command: "test", generatorOverflow: 0)
}

@Suite struct LossTests {
    @Test(arguments: ["udp", "tcp", "mixed"])
    func `lost packets are counted, and repeated until answered`(name: String) throws {
        let profile = try #require(Profile.preset(name))
        let report = try run(profile) { index, _ in index % 50 == 13 }
        #expect(report.packets.lost > 0 && report.packets.repeated > 0)
        #expect(report.flows.established == 400)
        #expect(report.flows.broken == 0 && report.flows.refused == 0)
        #expect(report.flows.misdelivered == 0 && report.packets.badTCPNumbers == 0)
        #expect(report.verdict == .fail, "two in a hundred are too many")
    }

    @Test func `a silence is an outage of its length`() throws {
        var profile = Profile.long
        profile.protocols = ProtocolShares(udp: 1)
        profile.requestIntervalMilliseconds = 20
        profile.lifetime = Lifetime(.fixed, meanMilliseconds: 3000)
        let report = try run(profile, flows: 200, seconds: 1) { _, time in
            (1500..<1800).contains(time)
        }
        let resolution = report.outageResolutionMilliseconds
        #expect(report.flows.established == 200 && report.flows.broken == 0)
        #expect(resolution > 0 && resolution < 20)
        #expect(report.longestOutageMilliseconds > 280)
        #expect(report.longestOutageMilliseconds < 340)
    }

    @Test func `flows that never get an answer are refused, silenced ones are broken`() throws {
        let never = try run(.udp) { _, _ in true }
        #expect(never.flows.refused == 400 && never.flows.established == 0)
        #expect(never.packets.received == 0 && never.packets.lost == never.packets.sent)
        let silenced = try run(.tcp) { _, time in time > 1000 }
        #expect(silenced.flows.broken > 0 && silenced.flows.refused > 0)
        #expect(silenced.flows.broken + silenced.flows.refused + silenced.flows.completed == 400)
    }
}
