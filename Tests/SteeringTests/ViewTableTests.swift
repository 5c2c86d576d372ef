// What a router believes of who leads, as announcements come late, twice and out of order.

import Steering
import Testing
import Wire

struct ViewTableTests {
    private let nodes = (1...4).map { NodeID(rawValue: UInt64($0)) }

    private func table() -> ViewTable {
        var table = ViewTable(cluster: 5, bucketCount: 4)
        table.use([
            .init(id: 9, members: Array(nodes[0...2])), .init(id: 3, members: Array(nodes[1...3])),
        ])
        return table
    }

    private func announcement(
        _ number: UInt64, _ leads: [(seat: UInt8, term: UInt32)],
        live: SeatSet = [.init(rawValue: 7)]
    ) -> ViewAnnouncement {
        ViewAnnouncement(
            cluster: 5, group: 9, ballot: Ballot(generation: 1, number: number, proposer: nodes[0]),
            members: Array(nodes[0...2]), live: live,
            leads: leads.map { BucketLead(seat: $0.seat, term: $0.term) })
    }

    private func apply(_ announcement: ViewAnnouncement, to table: inout ViewTable) -> Bool {
        table.apply(announcement)
    }

    private func leaders(_ table: ViewTable) -> [UInt64] {
        (0..<4).map { table.leader(of: 9, bucket: BucketIndex($0))?.rawValue ?? 0 }
    }

    @Test func `a group that nothing is known of goes to its first member`() {
        let table = table()
        #expect(leaders(table) == [1, 1, 1, 1])
        #expect(table.leader(of: 3, bucket: BucketIndex(0)) == nodes[1])
        #expect(table.leader(of: 4, bucket: BucketIndex(0)) == nil)
        #expect(!table.isKnown(9))
    }

    @Test func `an older view or one of another cluster changes nothing`() {
        var table = table()
        #expect(apply(announcement(2, [(0, 0), (1, 0), (2, 0), (0, 0)]), to: &table))
        #expect(leaders(table) == [1, 2, 3, 1])
        #expect(!apply(announcement(1, [(1, 9), (1, 9), (1, 9), (1, 9)]), to: &table))
        #expect(!apply(announcement(2, [(0, 0), (1, 0), (2, 0), (0, 0)]), to: &table))
        var foreign = announcement(3, [(1, 0), (1, 0), (1, 0), (1, 0)])
        foreign.cluster = 6
        #expect(!apply(foreign, to: &table))
        foreign.cluster = 5
        foreign.leads.removeLast()
        #expect(!apply(foreign, to: &table))
        #expect(leaders(table) == [1, 2, 3, 1])
    }

    @Test func `hand-overs that different members know of add up`() {
        var table = table()
        _ = table.apply(announcement(2, [(0, 0), (1, 0), (2, 0), (0, 0)]))
        #expect(apply(announcement(2, [(2, 1), (1, 0), (2, 0), (0, 0)]), to: &table))
        #expect(apply(announcement(2, [(0, 0), (1, 0), (2, 0), (1, 1)]), to: &table))
        #expect(leaders(table) == [3, 2, 3, 2])
        #expect(table.known.last?.change == 2)
    }

    @Test func `a bucket that nobody leads goes to the first live member`() {
        var table = table()
        let nobody = BucketSeats.nobody
        _ = table.apply(
            announcement(2, [(1, 0), (nobody, 0), (2, 0), (1, 0)], live: [.init(rawValue: 6)]))
        #expect(leaders(table) == [2, 2, 3, 2])
    }

    @Test func `a newer snapshot keeps what was announced`() {
        var table = table()
        _ = table.apply(announcement(2, [(2, 0), (2, 0), (2, 0), (2, 0)]))
        table.use([.init(id: 9, members: [nodes[3], nodes[0]])])
        #expect(leaders(table) == [3, 3, 3, 3])
        #expect(table.leader(of: 3, bucket: BucketIndex(0)) == nil)
        table.use([.init(id: 3, members: [nodes[0]]), .init(id: 9, members: [nodes[0]])])
        #expect(table.known.map(\.group) == [3, 9])
        #expect(table.known(toAsk: nodes[1]).isEmpty)
        #expect(table.known(toAsk: nodes[0]).count == 2)
    }
}
