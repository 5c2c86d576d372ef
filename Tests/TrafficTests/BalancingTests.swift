// Flows through load balancers: clients outside and inside, and what became of each target's flows.

import Configuration
import Testing
import Traffic
import Wire

@Suite struct BalancingTests {
    @Test(arguments: ["udp", "tcp"])
    func `clients inside and outside reach the targets`(name: String) throws {
        let profile = try #require(Profile.preset(name))
        let report = try runInVirtualTime(profile, selection: Selection(loadBalancers: ["web"]))
        #expect(report.failures == [])
        #expect(report.flows.completed == 800 && report.packets.leaked == 0)
        let targets = try #require(report.targets)
        #expect(targets.count == 4 && targets.reduce(0) { $0 + $1.flows } == 800)
        #expect(targets.allSatisfy { $0.broken == 0 && $0.changed == 0 && !$0.isKilled })
    }

    @Test func `half of the clients are outside`() throws {
        let topology = try Topology(.selftest(), selection: Selection(loadBalancers: ["web"]))
        let plan = RunPlan(profile: .udp, flows: 1000, seconds: 1, seed: 1)
        var now = Tick.seconds(1)
        var engine = try TrafficEngine(plan, topology, start: now)
        var pool = FramePool(count: 4096, frameBytes: 2048)
        var sent = Array(repeating: 0, count: topology.endpoints.count)
        while engine.isOpening, now < .seconds(3) {
            now = now + 1_000_000
            _ = engine.tick(now, pool: &pool)
            for endpoint in sent.indices {
                sent[endpoint] += engine.outbox[endpoint].count
                for packet in engine.outbox[endpoint] { pool.give(packet.frame) }
                engine.clearOutbox(endpoint)
            }
        }
        let edge = Double(sent[topology.hostCount]) / Double(sent.reduce(0, +))
        #expect(edge > 0.4 && edge < 0.6)
    }

    @Test func `flows may break with a target that is killed, and with no other`() throws {
        let topology = try Topology(.selftest(), selection: Selection(loadBalancers: ["web"]))
        for killed in ["10.0.8.2:8080", "10.0.8.3:8080"] {
            var plan = RunPlan.hold(
                .udp, flows: 200, rampSeconds: 0.5, seconds: 2, keepAliveSeconds: 0.5, seed: 2)
            plan.killedTargets = [killed]
            var now = Tick.seconds(1)
            var loop = try SelftestLoop(plan, topology, start: now)
            // From now on nothing of the second target comes back.
            loop.translator.silence(IPv4Address(10, 0, 8, 2), after: .seconds(2))
            while !loop.engine.isDone, now < .seconds(60) {
                loop.translator.now = now
                while loop.step(now) {}
                now = now + 1_000_000
            }
            let report = loop.engine.finish(now, command: "hold", generatorOverflow: 0)
            let wasMeant = killed == "10.0.8.2:8080"
            #expect((report.flows.killed > 0) == wasMeant)
            #expect((report.flows.broken > 0) == !wasMeant)
            let broken = report.targets?.filter { $0.broken > 0 }.map(\.target)
            #expect(broken == ["10.0.8.2:8080"])
        }
    }
}
