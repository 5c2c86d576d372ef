// The engines of one node: what its member orders comes to each of them, in order and whole, however
// slowly they listen.

import Configuration
import Testing
import Wire

@testable import Consensus

/// One engine of a node.
private final class Engine {
    var exchange: PeerExchange
    var now = Tick.seconds(100)

    init(_ index: UInt16) {
        let own = ChannelIdentity(
            address: EngineAddress(node: NodeID(rawValue: 1), engine: index),
            incarnation: Incarnation(counter: 1, random: 1),
            greeting: Greeting(nonce: 1 + UInt64(index), engineCount: 2))
        let settings = LoanSettings(
            bucketCount: 8, groupCapacity: 512, peerCapacity: 8, tenantCapacity: 2,
            heldCapacity: 16, lentCapacity: 16, waiterCapacity: 16, searchCapacity: 8,
            scarceCapacity: 8)
        exchange = PeerExchange(
            own: own, settings: settings, channelSettings: ChannelSettings(windowBatches: 2),
            membership: MemberSettings(bucketCount: 8), seed: 1
        ) { _, _ in SealerBox(IdentitySealer()) }
    }

    func apply(_ groups: [GroupEntry]) {
        exchange.apply(groups, at: now)
        step()
    }

    /// One turn.
    func step() {
        now = now + 1_000_000
        exchange.tick(now)
        while let record = exchange.pollRecord() { exchange.recorded(record, at: now) }
    }

    func drain() -> [[UInt8]] {
        var sent: [[UInt8]] = []
        var buffer = [UInt8](repeating: 0, count: 1472)
        while true {
            var span = buffer.mutableRawSpan
            guard let (_, length) = exchange.poll(at: now, into: &span) else { return sent }
            sent.append(Array(buffer[..<length]))
        }
    }

    func take(_ datagrams: [[UInt8]]) {
        for var datagram in datagrams {
            var span = datagram.mutableRawSpan
            _ = exchange.handle(&span, from: NodeID(rawValue: 1), at: now)
        }
        exchange.settle(at: now)
    }
}

struct EngineOrdersTests {
    private let groups = (1...200).map {
        GroupEntry(
            id: UInt64($0), members: [NodeID(rawValue: 1)],
            leaders: Array(repeating: 0, count: 8))
    }

    // DESIGN part 5, rule 4: a promise is given once every engine has frozen the group.
    @Test func `no order is lost on a channel that is full`() {
        let (first, second) = (Engine(0), Engine(1))
        first.apply(groups)
        second.apply(groups)
        #expect(first.exchange.messagesDelayed > 0, "two batches don't hold 200 orders")
        for _ in 0..<300 {
            second.take(first.drain())
            first.take(second.drain())
            first.step()
            second.step()
        }
        for group in groups {
            #expect(first.exchange.member?.isActive(group: group.id) == true)
            #expect(second.exchange.replica.leader(group: group.id, BucketIndex(1)) != nil)
        }
        #expect(first.exchange.messagesLost == 0 && second.exchange.messagesLost == 0)
    }

    @Test func `orders wait in order, and a later one follows all, and what it makes void goes`() {
        let node = NodeID(rawValue: 2)
        func ballot(_ number: UInt64) -> Ballot {
            Ballot(generation: 1, number: number, proposer: node)
        }
        func grant(_ seconds: UInt64) -> EngineOrder {
            .grant(
                node: node, incarnation: Incarnation(counter: 1, random: 1),
                until: .seconds(seconds))
        }
        var pending = PendingOrders()
        for order: EngineOrder in [
            .freeze(group: 1, ballot: ballot(1)), grant(1), .freeze(group: 2, ballot: ballot(1)),
            .freeze(group: 1, ballot: ballot(2)),
            .withdraw(group: 1, node: node, ballot: ballot(2)),
            .freeze(group: 1, ballot: ballot(3)), grant(2),
        ] {
            pending.append(order)
        }
        let left: [EngineOrder] = [
            .freeze(group: 2, ballot: ballot(1)), .freeze(group: 1, ballot: ballot(2)),
            .withdraw(group: 1, node: node, ballot: ballot(2)),
            .freeze(group: 1, ballot: ballot(3)), grant(2),
        ]
        #expect(pending.orders == left)
    }

    @Test func `the longest view fits in a batch`() {
        let members = (1...View.mostSeats).map { NodeID(rawValue: UInt64($0)) }
        let full = SeatSet(seat: 0)
        let order = EngineOrder.install(
            View(
                group: 1, ballot: Ballot(generation: 1, number: 1, proposer: members[0]),
                configuration: 1, members: members,
                incarnations: members.map { _ in Incarnation(counter: 1, random: 1) },
                buckets: Array(
                    repeating: BucketSeats(leader: 0, replicas: full, full: full),
                    count: View.mostBuckets)), builtOn: .none)
        var window = SendWindow(
            capacity: 2, slotBytes: ChannelSettings(windowBatches: 2).maximumBatchBytes)
        let bytes = PeerMessage.headBytes + order.byteCount
        #expect(window.append(byteCount: bytes) { _, _ in })
        #expect(window.append(byteCount: bytes) { _, _ in }, "in a batch of its own")
    }

    @Test func `a member hears of a message that no channel takes`() {
        let first = Engine(0)
        let members = (1...20).map { NodeID(rawValue: UInt64($0)) }
        // More peers than channels.
        first.apply(
            members.dropFirst().map {
                GroupEntry(id: $0.rawValue, members: [members[0], $0], leaders: [0, 1])
            })
        for node in members.dropFirst() {
            first.exchange.member?.peerOpened(
                node, Incarnation(counter: 1, random: 1), at: first.now)
        }
        first.exchange.settle(at: first.now)
        let lost = first.exchange.member?.counters.messagesLost ?? 0
        #expect(lost > 0 && lost == first.exchange.messagesLost)
    }
}
