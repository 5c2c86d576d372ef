// Nodes that die under flows that are held, in virtual time: with nobody to take over, and with a
// view that is announced a moment later.

import Configuration
import Testing
import Traffic
import Wire

/// A gateway on three nodes, of which one dies a second after all flows are open.
private struct DyingCluster: ~Copyable {
    static let flows = 1500
    var loop: SelftestLoop
    var now = Tick.seconds(1000)
    let snapshot = Snapshot.selftest(nodes: 3)

    init(change: (inout RunPlan) -> Void = { _ in }) throws {
        let topology = try Topology(
            snapshot, selection: Selection(natGateways: ["main"]))
        var profile = Profile.udp
        profile.patience.retryMilliseconds = 500
        var plan = RunPlan.holdUnderFaults(
            profile, flows: Self.flows, rampSeconds: 1, seconds: 3, packetsPerSecond: 6000,
            newFlowsPerSecond: 100, seed: 5)
        plan.newcomers?.limits.leastPacketsPerSecond = 5500
        plan.newcomers?.limits.leastFlowsSentInOutage = 50
        change(&plan)
        loop = try SelftestLoop(plan, topology, start: now)
    }

    /// Runs to the end; the new view comes so long after the death, or never.
    mutating func run(newViewAfterMilliseconds delay: UInt64?) -> RunReport {
        var struck: Tick?
        var isAnnounced = false
        while !loop.engine.isDone, now < .seconds(1100) {
            while loop.step(now) {}
            now = now + 250_000
            if struck == nil, let open = loop.engine.allOpen, now - open > 1_000_000_000 {
                struck = now
                loop.translator.killNode(at: snapshot.nodes[0].address)
                loop.engine.noteStrike(node: snapshot.nodes[0].name, "killed", at: now)
            }
            if let struck, let delay, !isAnnounced, now - struck >= delay * 1_000_000 {
                isAnnounced = true
                announce()
            }
        }
        #expect(loop.pool.freeCount == loop.pool.count, "every frame is given back")
        return loop.engine.finish(now, command: "hold", generatorOverflow: 0)
    }

    /// The second node leads what the first led.
    private mutating func announce() {
        let group = snapshot.groups[0]
        let announcement = ViewAnnouncement(
            cluster: snapshot.cluster.id, group: group.id,
            ballot: Ballot(generation: 1, number: 2, proposer: group.members[1]),
            members: group.members, live: SeatSet(rawValue: 0b110),
            leads: group.leaders.map { BucketLead(seat: $0 == 0 ? 1 : $0, term: 0) })
        guard let frame = loop.pool.take() else { return }
        var bytes = loop.pool.mutableBytes(frame, start: 64, count: announcement.byteCount)
        announcement.write(to: &bytes)
        let packet = Packet(
            frame: frame, start: 64, length: UInt16(announcement.byteCount),
            remote: snapshot.nodes[1].address)
        loop.engine.handle([packet], at: 0, now, pool: &loop.pool)
    }
}

@Suite struct FaultTests {
    @Test func `with nobody to take over, exactly the dead node's flows are broken`() throws {
        var cluster = try DyingCluster()
        let report = cluster.run(newViewAfterMilliseconds: nil)
        let strike = try #require(report.faults?.strikes.first)
        #expect(report.verdict == .fail)
        #expect(strike.flowsLed > DyingCluster.flows / 4)
        #expect(report.flows.broken == UInt64(strike.flowsLed))
        #expect(strike.outageMilliseconds > 2000)
    }

    @Test func `a view that comes at once saves them all`() throws {
        var cluster = try DyingCluster()
        let report = cluster.run(newViewAfterMilliseconds: 90)
        let faults = try #require(report.faults)
        let strike = try #require(faults.strikes.first)
        #expect(report.failures == [])
        #expect((80..<120).contains(report.longestOutageMilliseconds))
        #expect(strike.flowsSentInOutage > 50 && strike.flowsSentInOutage < 400)
        #expect((0.99...1.02).contains(strike.afterAllOpenSeconds))
        #expect(faults.flowsAtFault == DyingCluster.flows)
        #expect(faults.flowsSentAfterFault == DyingCluster.flows)
        #expect(report.flows.attempted == UInt64(DyingCluster.flows + 300))
        #expect(report.steering?.viewsTaken == 1)
        #expect(report.perNode[0].packetsSent > 0)
    }

    @Test func `a view that comes late fails the run, and says so`() throws {
        var cluster = try DyingCluster()
        let report = cluster.run(newViewAfterMilliseconds: 300)
        #expect(report.flows.broken == 0)
        #expect(report.failures.count == 1)
        #expect(report.failures.first?.contains("the longest outage") == true)
    }

    @Test func `a run that shows too little fails`() throws {
        var cluster = try DyingCluster {
            $0.newcomers?.limits.leastPacketsPerSecond = 20_000
            $0.newcomers?.limits.leastFlowsSentInOutage = 1000
            $0.newcomers?.limits.leastShareOfFlows = 0.9
            $0.newcomers?.limits.coarsestResolutionMilliseconds = 1
        }
        let report = cluster.run(newViewAfterMilliseconds: 90)
        #expect(report.failures.count == 4)
    }
}
