// Whole runs against the perfect translator, in virtual time.

import Configuration
import Testing
import Traffic
import Wire

/// Runs a plan to its end, a quarter of a millisecond a step, and returns its report.
func runInVirtualTime(
    _ profile: Profile, flows: Int = 2000, seconds: Double = 1, fault: Fault? = nil,
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
        #expect(report.flows.attempted == 2000)
        #expect(report.flows.established == 2000)
        #expect(report.flows.completed == 2000)
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
}
