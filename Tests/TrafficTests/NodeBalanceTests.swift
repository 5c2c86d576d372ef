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
