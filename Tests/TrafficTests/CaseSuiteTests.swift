// The suites of cases against a cluster that obeys, and against ones that do one thing wrong.

import Configuration
import Testing
import Traffic
import Wire

private let gateway = Selection(natGateways: ["main"])
private let balancer = Selection(loadBalancers: ["web"])

private func play(
    _ suite: CaseSuite, through selection: Selection = gateway, repetitions: Int = 2,
    fault: CaseFault? = nil
) throws -> RunReport {
    var snapshot = try Snapshot.selftestWithIPv6()
    if suite.name == "expiry" {
        let timers = FlowTimers(
            IdleTimeouts(
                tcpEstablishedSeconds: 2, tcpOpeningSeconds: 2, tcpClosingSeconds: 2,
                udpSeconds: 2, icmpSeconds: 2))
        snapshot.natGateways[0].timers = timers
        for index in snapshot.loadBalancers.indices {
            snapshot.loadBalancers[index].timers = timers
        }
    }
    let topology = try Topology(snapshot, selection: selection)
    var now = Tick.seconds(10)
    var cluster = try ObedientCluster(
        suite, repetitions: repetitions, topology, fault: fault, start: now)
    while !cluster.engine.isDone, now < .seconds(100) {
        cluster.step(now)
        now = now + 1_000_000
    }
    let isDone = cluster.engine.isDone
    #expect(isDone)
    #expect(cluster.pool.freeCount == cluster.pool.count, "every frame is given back")
    return cluster.engine.finish(now, command: "test", generatorOverflow: 0)
}

@Suite struct CaseSuiteTests {
    @Test(arguments: CaseSuite.all.map(\.name))
    func `every case passes when the cluster does what it must`(name: String) throws {
        let suite = try #require(CaseSuite.named(name))
        let report = try play(suite)
        #expect(report.failures == [])
        #expect(report.verdict == .pass)
        let cases = try #require(report.cases)
        #expect(cases.map(\.name) == suite.caseNames)
        #expect(cases.allSatisfy { $0.sent == 2 && $0.ok == 2 && $0.failed == 0 })
    }

    @Test(arguments: CaseSuite.all.map(\.name))
    func `cases of UDP and TCP pass through a load balancer, too`(name: String) throws {
        let suite = try #require(CaseSuite.named(name))
        let report = try play(suite, through: balancer)
        #expect(report.failures == [])
        let cases = try #require(report.cases)
        #expect(!cases.isEmpty && Set(cases.map(\.name)).isSubset(of: suite.caseNames))
        #expect(cases.allSatisfy { $0.sent == 2 && $0.ok == 2 })
    }

    @Test(arguments: CaseSuite.all.map(\.name))
    func `the same pass over IPv6, but for what only IPv4 has`(name: String) throws {
        let suite = try #require(CaseSuite.named(name))
        let report = try play(suite, through: Selection(loadBalancers: ["six"]))
        #expect(report.failures == [])
        let cases = try #require(report.cases)
        #expect(cases.count > 5 || name == "pmtu")
        #expect(cases.allSatisfy { $0.sent == 2 && $0.ok == 2 })
        #expect(report.packets.malformed == 0)
    }

    @Test func `a load balancer that changes data fails`() throws {
        let report = try play(.errors, through: balancer, fault: .changesData)
        #expect(report.verdict == .fail)
    }

    @Test(arguments: CaseSuite.all.map(\.name))
    func `no two cases of a suite have one name`(name: String) throws {
        let names = try #require(CaseSuite.named(name)).caseNames
        #expect(Set(names).count == names.count)
    }

    @Test(arguments: CaseFault.allCases)
    func `a cluster that does one thing wrong fails`(fault: CaseFault) throws {
        let suite: CaseSuite =
            switch fault {
            case .passesWhatIsWrong: .invalid
            case .neverResets: .expiry
            default: .errors
            }
        let report = try play(suite, fault: fault)
        #expect(report.verdict == .fail)
        #expect(report.cases?.contains { $0.failed > 0 } == true)
    }

    @Test func `an idle connection whose ends are not reset fails`() throws {
        let report = try play(.expiry, fault: .neverResets)
        let problems = report.cases?.flatMap(\.problems) ?? []
        #expect(problems.contains { $0.hasSuffix("not both ends were reset") })
    }

    @Test func `timers of minutes are refused, with what to do`() throws {
        let topology = try Topology(.selftest(), selection: Selection(natGateways: ["main"]))
        #expect(throws: TopologyError.self) {
            _ = try ObedientCluster(.expiry, repetitions: 1, topology, start: .seconds(1))
        }
    }

    @Test func `a packet that came out untranslated is named so`() throws {
        let report = try play(.states, fault: .leaks)
        let problems = report.cases?.flatMap(\.problems) ?? []
        #expect(problems.contains { $0.hasSuffix("came out untranslated") })
    }
}
