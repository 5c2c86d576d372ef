// Whole runs against the perfect translator, in virtual time.

import Configuration
import Testing
import Traffic
import Wire

/// Runs a plan to its end, a quarter of a millisecond a step, and returns its report.
func runInVirtualTime(
    _ profile: Profile, flows: Int = 800, seconds: Double = 1, fault: Fault? = nil,
    selection: Selection = Selection(), seed: UInt64 = 1
) throws -> RunReport {
    let topology = try Topology(.selftest(), selection: selection)
    let plan = RunPlan(profile: profile, flows: flows, seconds: seconds, seed: seed)
    var now = Tick.seconds(1000)
    var loop = try SelftestLoop(plan, topology, fault: fault, start: now)
    while !loop.engine.isDone, now < .seconds(1100) {
        while loop.step(now) {}
        now = now + 250_000
    }
    #expect(loop.pool.freeCount == loop.pool.count, "every frame is given back")
    #expect(fault == nil || loop.translator.faultIsPlanted)
    return loop.engine.finish(now, command: "test", generatorOverflow: 0)
}

@Suite struct SelftestTests {
    @Test(arguments: Profile.presets.map(\.name))
    func `every preset passes against a perfect translator`(name: String) throws {
        let profile = try #require(Profile.preset(name))
        let report = try runInVirtualTime(profile)
        #expect(report.failures == [])
        #expect(report.verdict == .pass)
        #expect(report.flows.attempted == 800)
        #expect(report.flows.established == 800)
        #expect(report.flows.completed == 800)
        #expect(report.packets.lost == 0)
        #expect(report.packets.sent == report.packets.received)
        #expect(report.packets.late == 0 && report.packets.unexpected == 0)
        #expect(report.longestOutageMilliseconds == 0)
    }

    @Test(arguments: Fault.allCases)
    func `a planted fault is reported`(fault: Fault) throws {
        var profile = Profile.udp
        profile.destinations.count = 4
        profile.destinations.ports = [53]
        let report = try runInVirtualTime(profile, fault: fault)
        #expect(fault.count(in: report) >= 1)
        #expect(report.verdict == .fail)
    }

    @Test func `the same seed gives the same run`() throws {
        let first = try runInVirtualTime(.mixed, seed: 7)
        let second = try runInVirtualTime(.mixed, seed: 7)
        let other = try runInVirtualTime(.mixed, seed: 8)
        #expect(first == second)
        #expect(first.packets.sent != other.packets.sent)
    }

    @Test func `each resource can be driven alone`() throws {
        let nat = try runInVirtualTime(.tcp, selection: Selection(natGateways: ["main"]))
        #expect(nat.verdict == .pass && nat.flows.borrowedPorts == 0)
        let balancer = try runInVirtualTime(.tcp, selection: Selection(loadBalancers: ["web"]))
        #expect(balancer.verdict == .pass)
    }

    @Test func `a name that the snapshot doesn't have is refused`() {
        #expect(throws: TopologyError.self) {
            try Topology(.selftest(), selection: Selection(natGateways: ["other"]))
        }
        #expect(throws: TopologyError.self) {
            try Topology(.selftest(), selection: Selection(tenants: ["other"]))
        }
    }

    @Test func `held flows are all open together and all proven`() throws {
        let topology = try Topology(.selftest(), selection: Selection())
        let plan = RunPlan.hold(
            .mixed, flows: 500, rampSeconds: 1, seconds: 3, keepAliveSeconds: 1, seed: 9)
        var now = Tick.seconds(1)
        let start = now
        var loop = try SelftestLoop(plan, topology, start: now)
        var most = 0
        while !loop.engine.isDone, now < .seconds(60) {
            while loop.step(now) {}
            if now - start == 3_000_000_000 { most = loop.engine.liveFlows }
            now = now + 1_000_000
        }
        let report = loop.engine.finish(now, command: "hold", generatorOverflow: 0)
        #expect(most == 500)
        #expect(report.verdict == .pass && report.flows.completed == 500)
    }
}
