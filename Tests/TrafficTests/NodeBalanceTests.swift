// A node that loses count of a packet fails a run that was perfect otherwise.

import Testing
import Traffic

@Suite struct NodeBalanceTests {
    private func balance(
        dropped: UInt64, named: UInt64, packetsIn: UInt64 = 10
    ) -> NodeBalance {
        NodeBalance(
            node: "node1", packetsIn: packetsIn, packetsOut: 7, packetsParked: 1,
            packetsDropped: dropped, drops: [.init(reason: "unknownFlow", packets: named)])
    }

    @Test func `a node that accounts for all leaves the verdict`() throws {
        var report = try runInVirtualTime(.udp)
        report.add([balance(dropped: 2, named: 2)])
        #expect(report.verdict == .pass)
        #expect(report.balance?.count == 1)
    }

    @Test func `a packet that vanished in a node fails the run`() throws {
        var report = try runInVirtualTime(.udp)
        report.add([balance(dropped: 1, named: 1)])
        #expect(report.verdict == .fail)
        #expect(
            report.failures == ["node1 lost count: 10 packets in, 7 out, 1 parked, 1 dropped"])
    }

    @Test func `a drop without a name fails the run`() throws {
        var report = try runInVirtualTime(.udp)
        report.add([balance(dropped: 2, named: 1)])
        #expect(report.verdict == .fail)
    }
}

@Suite struct ResourceBalanceTests {
    private func balance(packetsIn: UInt64, parked: UInt64, named: UInt64 = 2) -> NodeBalance {
        NodeBalance(
            node: "node1", packetsIn: 12 + parked, packetsOut: 10, packetsParked: parked,
            packetsDropped: 2, drops: [.init(reason: "unknownFlow", packets: 2)],
            resources: [
                ResourceBalance(
                    resource: "nat-01", packetsIn: packetsIn, packetsOut: 8, packetsDropped: 2,
                    drops: [.init(reason: "unknownFlow", packets: named)])
            ])
    }

    @Test func `each resource's counts are summed over the nodes`() throws {
        var report = try runInVirtualTime(.udp)
        report.add([balance(packetsIn: 10, parked: 0), balance(packetsIn: 11, parked: 1)])
        #expect(report.verdict == .pass)
        let sum = try #require(report.perResource?.first)
        #expect(sum.packetsIn == 21 && sum.packetsOut == 16 && sum.packetsDropped == 4)
        #expect(sum.drops == [.init(reason: "unknownFlow", packets: 4)])
    }

    @Test(arguments: [(9, 0, 2), (11, 0, 2), (12, 1, 2), (10, 0, 1)])
    func `a packet that vanished from a resource's count fails the run`(
        packetsIn: UInt64, parked: UInt64, named: UInt64
    ) throws {
        var report = try runInVirtualTime(.udp)
        report.add([balance(packetsIn: packetsIn, parked: parked, named: named)])
        #expect(report.verdict == .fail)
        #expect(report.failures.first?.hasPrefix("node1 lost count of nat-01") == true)
    }
}
