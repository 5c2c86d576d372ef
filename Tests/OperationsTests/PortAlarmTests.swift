// Who is warned of what: alarms, refusals, and how many lines there are for them.

import ControlClient
import Operations
import Testing
import Wire

struct PortAlarmTests {
    private func share(_ used: Int, _ port: UInt16 = 443, gateway: UInt64 = 1) -> PortShare {
        PortShare(
            place: PortPlace(
                gateway: ResourceID(rawValue: gateway), subject: nil,
                target: PortTarget(
                    remote: IPv4Address(198, 51, 100, 7), remotePort: Port(port), ipProtocol: .tcp)),
            used: used, of: 100)
    }

    private func refusal(
        _ count: UInt64, client: String = "10.0.1.5", resource: UInt64 = 1, ago: Double = 0
    ) -> NodeAPI.FlowRefusal {
        NodeAPI.FlowRefusal(
            resource: Identifier(.natGateway, resource).description, tenant: "", client: client,
            destination: "198.51.100.7", destinationPort: 443, ipProtocol: "tcp",
            reason: "portsExhausted", count: count, agoSeconds: ago)
    }

    /// An allowance of which nothing is left.
    private func usedUp(at now: Tick) -> LineAllowance {
        var lines = LineAllowance()
        while lines.take(at: now) {}
        return lines
    }

    @Test func `an alarm is raised at 80 percent, and again only after it fell below 70`() {
        var alarm = PortAlarm()
        func observe(_ shares: [PortShare]) -> (raised: [PortShare], eased: [PortPlace]) {
            var lines = LineAllowance()
            let seen = alarm.observe(shares, &lines, at: .seconds(1000))
            return (seen.raised, seen.eased)
        }
        #expect(observe([share(79)]).raised.isEmpty)
        #expect(observe([share(80)]).raised == [share(80)])
        for used in [79, 85, 70, 100, 80] {
            let (raised, eased) = observe([share(used)])
            #expect(raised.isEmpty && eased.isEmpty)
        }
        #expect(observe([share(69)]).eased == [share(69).place])
        #expect(observe([share(90)]).raised == [share(90)])
        #expect(observe([]).eased.count == 1)
    }

    @Test func `destinations are alarmed apart, and no more of a gateway than are remembered`() {
        var alarm = PortAlarm()
        let all = (0..<2000).map { share(90, UInt16($0)) }
        for _ in 0..<100 {
            var lines = LineAllowance()
            _ = alarm.observe(all, &lines, at: .seconds(1000))
        }
        #expect(alarm.raised.count == PortAlarm.capacityPerGateway)
        var lines = LineAllowance()
        let seen = alarm.observe([all[0]] + [share(80, gateway: 2)], &lines, at: .seconds(1000))
        #expect(seen.raised == [share(80, gateway: 2)])
        #expect(seen.eased.count == PortAlarm.capacityPerGateway - 1)
    }

    @Test func `a destination for which there was no line is warned of when there is one`() {
        var alarm = PortAlarm()
        var now = Tick.seconds(1000)
        var lines = usedUp(at: now)
        let first = alarm.observe([share(90)], &lines, at: now)
        #expect(first.raised.isEmpty && first.waiting == 1 && alarm.raised.isEmpty)
        now = .seconds(1006)
        let second = alarm.observe([share(90)], &lines, at: now)
        #expect(second.raised == [share(90)] && second.waiting == 0)
        #expect(alarm.observe([share(90)], &lines, at: .seconds(1100)).raised.isEmpty)
    }

    @Test func `a gateway with many destinations keeps no other from being heard`() {
        var alarm = PortAlarm()
        var lines = LineAllowance()
        let many = (0..<500).map { share(100, UInt16($0)) }
        let first = alarm.observe(many + [share(81, gateway: 2)], &lines, at: .seconds(1000))
        #expect(first.raised.prefix(2) == [many[0], share(81, gateway: 2)])
        #expect(first.raised.count == 10)
        // And one that comes later has the next line.
        let later = many + [share(81, gateway: 2), share(82, gateway: 3)]
        #expect(alarm.observe(later, &lines, at: .seconds(1001)).raised.isEmpty)
        #expect(
            alarm.observe(later, &lines, at: .seconds(1006)).raised == [share(82, gateway: 3)])
    }

    @Test func `lines come in a burst and then seldom`() {
        var allowance = LineAllowance()
        var now = Tick.seconds(1000)
        var written = 0
        for _ in 0..<600 {
            now = now + 100_000_000
            if allowance.take(at: now) { written += 1 }
        }
        #expect((18...21).contains(written))
    }

    @Test func `a client's refusals are told at once, then with their number once a minute`() {
        var news = RefusalNews()
        func more(_ refusal: NodeAPI.FlowRefusal, at now: Tick) -> [UInt64] {
            var lines = LineAllowance()
            return news.news([refusal], &lines, at: now).news.map(\.more)
        }
        #expect(more(refusal(3), at: .seconds(100)) == [3])
        #expect(more(refusal(3), at: .seconds(101)).isEmpty)
        #expect(more(refusal(900), at: .seconds(102)).isEmpty)
        #expect(more(refusal(1000), at: .seconds(160)) == [997])
        #expect(more(refusal(1000), at: .seconds(300)).isEmpty)
        // Another took its place meanwhile.
        #expect(more(refusal(2), at: .seconds(301)) == [2])
    }

    @Test func `a refusal without a line is told later, unless it is over`() {
        var news = RefusalNews()
        var lines = usedUp(at: .seconds(1000))
        let first = news.news([refusal(3)], &lines, at: .seconds(1000))
        #expect(first.news.isEmpty && first.waiting == 1)
        #expect(news.news([refusal(5)], &lines, at: .seconds(1006)).news.map(\.more) == [5])
        lines = LineAllowance()
        let old = refusal(2, client: "10.0.1.6", ago: 60)
        #expect(news.news([refusal(5), old], &lines, at: .seconds(1010)).news.isEmpty)
    }

    @Test func `a resource with endless refusals keeps no other from being told`() {
        var news = RefusalNews()
        var lines = LineAllowance()
        func endless(_ second: Int) -> [NodeAPI.FlowRefusal] {
            (0..<256).map { refusal(UInt64(second), client: "10.0.2.\($0)") }
        }
        for second in 1000..<1030 {
            _ = news.news(endless(second), &lines, at: .seconds(UInt64(second)))
        }
        var told: [String] = []
        for second in 1030..<1037 {
            let all = endless(second) + [refusal(1, client: "10.0.3.1", resource: 2)]
            told += news.news(all, &lines, at: .seconds(UInt64(second))).news
                .map(\.refusal.client)
        }
        #expect(told.contains("10.0.3.1"), "\(told)")
    }
}
