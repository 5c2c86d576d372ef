// A newer snapshot in the middle of a run.

import Configuration
import Testing
import Traffic
import Wire

@Suite struct UpdateTests {
    private func startedLoop(flows: Int = 400) throws -> SelftestLoop {
        let topology = try Topology(.selftest(nodes: 3), selection: Selection())
        let plan = RunPlan(profile: .udp, flows: flows, seconds: 1, seed: 3)
        return try SelftestLoop(plan, topology, start: .seconds(1))
    }

    @Test func `packets follow the new leaders, and a new node gets its share`() throws {
        var loop = try startedLoop()
        var now = Tick.seconds(1)
        while !loop.engine.isDone, now < .seconds(20) {
            if now == .seconds(1) + 500_000_000 {
                var newer = Snapshot.selftest(nodes: 4)
                newer.groups[0].leaders = Array(repeating: 3, count: 64)
                loop.engine.update(newer)
            }
            while loop.step(now) {}
            now = now + 250_000
        }
        let report = loop.engine.finish(now, command: "test", generatorOverflow: 0)
        #expect(report.perNode.count == 4)
        #expect(report.perNode[3].packetsSent > 0)
        #expect(report.perNode[0].packetsSent > 0)
        #expect(report.verdict == .pass)
    }

    @Test func `an EIP that was added is the gateway's, one that was given up still is`() throws {
        var loop = try startedLoop()
        var newer = Snapshot.selftest(nodes: 3, eips: 3)
        newer.natGateways[0].eips.removeFirst()
        loop.engine.update(newer)
        #expect(
            loop.engine.topology.services[0].eips == [
                IPv4Address(203, 0, 113, 1), IPv4Address(203, 0, 113, 2),
                IPv4Address(203, 0, 113, 3),
            ])
    }

    @Test func `a snapshot without the resources changes nothing about them`() throws {
        var loop = try startedLoop()
        var newer = Snapshot.selftest(nodes: 3)
        newer.natGateways = []
        newer.loadBalancers = []
        loop.engine.update(newer)
        #expect(loop.engine.topology.services.count == 2)
    }
}
