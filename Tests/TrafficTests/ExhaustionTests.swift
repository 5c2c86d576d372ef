// Using up a destination's ports against the perfect translator, in virtual time.

import Configuration
import Testing
import Traffic
import Wire

/// A gateway with few ports, and a run that uses them up.
private struct Filling: ~Copyable {
    var loop: SelftestLoop
    var now = Tick.seconds(1)

    init(_ shares: ProtocolShares, eips: Int) throws {
        let topology = try Topology(
            .selftest(eips: eips, bucketCount: 8, portRange: 2048...2175),
            selection: Selection(natGateways: ["main"]))
        let destination = ExhaustedDestination(
            address: IPv4Address(198, 51, 100, 7), port: Port(443), bystanders: 4)
        let plan = RunPlan.exhaust(
            shares, destination, flows: 3000, flowsPerSecond: 500, seed: 4)
        loop = try SelftestLoop(plan, topology, start: .seconds(1))
    }

    mutating func run(_ isOver: (borrowing TrafficEngine) -> Bool) {
        let end = now + 200_000_000_000
        while !isOver(loop.engine), now < end {
            loop.translator.now = now
            while loop.step(now) {}
            now = now + 1_000_000
        }
    }

    mutating func fill(_ name: String, expected: Int) {
        loop.engine.beginStage(name, expected: expected, flows: 1500, now)
        run { $0.isFilled }
        loop.engine.closeStage()
    }

    mutating func prove(keeping: Bool) {
        loop.engine.proveAll(now, over: 100_000_000, keeping: keeping)
        run { keeping ? $0.isProven : $0.isDone }
        loop.engine.closeProof()
    }

    mutating func report(_ census: ExhaustionReport) -> RunReport {
        loop.engine.finish(now, command: "exhaust", generatorOverflow: 0, exhaustion: census)
    }
}

@Suite struct ExhaustionTests {
    @Test(arguments: [ProtocolShares(udp: 1), ProtocolShares(udp: 0, tcp: 1)])
    func `exhausting a destination uses every port, and proves each flow alive`(
        shares: ProtocolShares
    ) throws {
        var filling = try Filling(shares, eips: 2)
        filling.fill("2 EIPs", expected: 256)
        let census = filling.loop.engine.census()
        #expect(census.held == 256)
        #expect(census.perEIP.map(\.ports) == [128, 128])
        #expect(census.leastOfABucket == 32 && census.mostOfABucket == 32)
        filling.prove(keeping: false)
        let report = filling.report(census)
        #expect(report.failures == [])
        #expect(report.flows.established == 256 && report.exhaustion?.proven == 256)
        let stage = try #require(report.stages?.first)
        #expect(stage.established == 256 && stage.held == 256 && stage.proven == 256)
        #expect(stage.refused > 0 && stage.refusals.silent == stage.refused)
        #expect(report.flows.refused > 0 && report.packets.lost == 0)
    }

    @Test func `ports that come late are waited for`() throws {
        var filling = try Filling(ProtocolShares(udp: 1), eips: 1)
        filling.loop.translator.holdBack(until: .seconds(4))
        filling.fill("1 EIP", expected: 128)
        let census = filling.loop.engine.census()
        filling.prove(keeping: false)
        let report = filling.report(census)
        #expect(report.failures == [])
        let stage = try #require(report.stages?.first)
        #expect(stage.established == 128 && stage.proven == 128)
        #expect(stage.refusedWhilePortsWereLeft >= 8 * 3)
        #expect(stage.refused >= stage.refusedWhilePortsWereLeft + 8)
    }

    @Test func `ports that come too late are given up`() throws {
        var filling = try Filling(ProtocolShares(udp: 1), eips: 1)
        filling.loop.translator.holdBack(until: .seconds(100))
        filling.fill("1 EIP", expected: 128)
        #expect(filling.now < .seconds(20))
        filling.prove(keeping: false)
        let report = filling.report(filling.loop.engine.census())
        #expect(report.stages?.first?.established == 120)
        #expect(report.failures.contains { $0.contains("120 flows could be opened, of 128") })
    }

    @Test(arguments: [ProtocolShares(udp: 1), ProtocolShares(udp: 0, tcp: 1)])
    func `flows to another destination go on throughout`(shares: ProtocolShares) throws {
        var filling = try Filling(shares, eips: 1)
        filling.fill("1 EIP", expected: 128)
        filling.prove(keeping: false)
        let bystanders = try #require(
            filling.report(filling.loop.engine.census()).exhaustion?.bystanders)
        #expect(bystanders.flows == 4 && bystanders.established == 4)
        #expect(bystanders.broken == 0 && bystanders.requests > 20)
        #expect(bystanders.answered == bystanders.requests)
        #expect(bystanders.destination == "198.51.100.8")
    }

    @Test func `flows go on after a proof, and prove themselves again`() throws {
        var filling = try Filling(ProtocolShares(udp: 0, tcp: 1), eips: 1)
        filling.fill("1 EIP", expected: 128)
        filling.prove(keeping: true)
        filling.fill("another", expected: 0)
        let census = filling.loop.engine.census()
        filling.prove(keeping: false)
        let report = filling.report(census)
        #expect(report.stages?.map(\.held) == [128, 128])
        #expect(report.stages?.map(\.proven) == [128, 128])
        #expect(report.stages?.map(\.established) == [128, 0])
        #expect(report.flows.broken == 0 && report.flows.completed == 128)
    }

    @Test func `ports that were freed must be there again`() throws {
        var filling = try Filling(ProtocolShares(udp: 1), eips: 1)
        filling.fill("1 EIP", expected: 128)
        let census = filling.loop.engine.census()
        filling.prove(keeping: true)
        filling.loop.engine.release(40, filling.now)
        // The translator keeps every flow that it has seen, so nothing is free again.
        filling.loop.engine.beginReuse(filling.now)
        filling.run { $0.isFilled }
        filling.loop.engine.closeStage()
        filling.prove(keeping: false)
        let report = filling.report(census)
        let reuse = try #require(report.stages?.last)
        #expect(reuse.name == "freed ports" && reuse.expected == 40)
        #expect(reuse.established == 0 && reuse.refused == 40)
        #expect(report.failures.contains { $0.hasPrefix("freed ports") })
    }

    @Test func `an outage of the other destination is named and fails the run`() throws {
        var filling = try Filling(ProtocolShares(udp: 1), eips: 1)
        filling.loop.translator.silence(IPv4Address(198, 51, 100, 8), after: .seconds(2))
        filling.fill("1 EIP", expected: 128)
        filling.prove(keeping: false)
        let report = filling.report(filling.loop.engine.census())
        #expect(report.longestOutageMilliseconds > 1000)
        #expect(report.outageBucket == "flows to another destination")
        #expect(report.verdict == .fail)
        #expect(report.failures.contains { $0.contains("to another destination") })
        // They are none of the flows that the ports are counted by.
        #expect(report.flows.established == 128 && report.flows.attempted > 128)
    }
}
