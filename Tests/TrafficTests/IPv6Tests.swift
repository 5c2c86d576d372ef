// Flows of IPv6 clients through a load balancer of an IPv6 VPC.

import Configuration
import Testing
import Traffic
import Wire

extension Snapshot {
    /// The self-test's cluster with a VPC of IPv6, and a load balancer in it.
    static func selftestWithIPv6() throws -> Snapshot {
        var snapshot = Snapshot.selftest()
        let vni = VNI(truncating: 600)
        snapshot.vpcs.append(
            VPCEntry(id: 2, tenant: 1, vni: vni, prefix: try #require(IPPrefix("fd00:6::/64"))))
        snapshot.targetGroups.append(
            TargetGroupEntry(
                id: 2, name: "six", vni: vni, preservesClientAddress: true,
                targets: try (1...3).map {
                    TargetEntry(
                        id: UInt64(10 + $0), address: try #require(IPAddress("fd00:6::8:\($0)")),
                        port: Port(8080))
                }))
        snapshot.loadBalancers.append(
            LoadBalancerEntry(
                id: ResourceID(rawValue: 6), tenant: 1, name: "six", vni: vni,
                hashKey: HashKey(first: 5, second: 6),
                address: try #require(IPAddress("fd00:6::9:10")),
                listeners: [
                    ListenerEntry(
                        id: 11, index: 1, ipProtocol: .udp, port: Port(53), targetGroup: 2),
                    ListenerEntry(
                        id: 12, index: 2, ipProtocol: .tcp, port: Port(80), targetGroup: 2),
                ]))
        return snapshot
    }
}

@Suite struct IPv6Tests {
    @Test(arguments: ["udp", "tcp", "imix"])
    func `IPv6 clients reach the targets of a load balancer`(name: String) throws {
        let topology = try Topology(
            .selftestWithIPv6(), selection: Selection(loadBalancers: ["six"]))
        let profile = try #require(Profile.preset(name))
        let plan = RunPlan(profile: profile, flows: 400, seconds: 1, seed: 1)
        var now = Tick.seconds(1)
        var loop = try SelftestLoop(plan, topology, start: now)
        while !loop.engine.isDone, now < .seconds(60) {
            while loop.step(now) {}
            now = now + 250_000
        }
        let report = loop.engine.finish(now, command: "test", generatorOverflow: 0)
        #expect(report.failures == [])
        #expect(report.flows.completed == 400 && report.packets.lost == 0)
        #expect(report.targets?.count == 3)
        #expect(report.targets?.first?.target == "[fd00:6::8:1]:8080")
    }

    @Test func `both families are driven together, and a fault is seen`() throws {
        let topology = try Topology(.selftestWithIPv6(), selection: Selection())
        let plan = RunPlan(profile: .mixed, flows: 600, seconds: 1, seed: 1)
        for fault in [nil, Fault.badChecksum] {
            var now = Tick.seconds(1)
            var loop = try SelftestLoop(plan, topology, fault: fault, start: now)
            while !loop.engine.isDone, now < .seconds(60) {
                while loop.step(now) {}
                now = now + 250_000
            }
            let report = loop.engine.finish(now, command: "test", generatorOverflow: 0)
            #expect((report.verdict == .pass) == (fault == nil))
            #expect(report.flows.established == 600)
        }
    }
}
