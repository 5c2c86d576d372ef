// One engine's replica, by itself: what it takes of a reign, and what it says of itself.

import Tables
import Testing
import Wire

@testable import Consensus

struct ReplicaTests {
    private static let nodes = [NodeID(rawValue: 1), NodeID(rawValue: 2)]
    private static let first = SeatSet(seat: 0)
    private static let both = SeatSet(seat: 0).union(SeatSet(seat: 1))

    private func ballot(_ number: UInt64) -> Ballot {
        Ballot(generation: 1, number: number, proposer: Self.nodes[0])
    }

    /// A view of two members in which the first leads the only bucket.
    private func view(_ number: UInt64, full: SeatSet) -> View {
        View(
            group: 9, ballot: ballot(number), configuration: 1, members: Self.nodes,
            incarnations: Self.nodes.map { _ in Incarnation(counter: 1, random: 1) },
            buckets: [BucketSeats(leader: 0, replicas: Self.both, full: full)])
    }

    private func follower(_ view: View) -> Replica {
        let own = EngineAddress(node: Self.nodes[1], engine: 0)
        var replica = Replica(
            ReplicaSettings(own: own, engineCount: 1, bucketCount: 1, tailCapacity: 64),
            groupCapacity: 1, seed: 1)
        replica.setGroups([9])
        replica.handle(.install(view, builtOn: .none))
        replica.handle(.activate(group: 9, ballot: view.ballot))
        return replica
    }

    private func context(_ view: UInt64) -> EntriesContext {
        EntriesContext(group: 9, ballot: ballot(view), term: 1, version: 1)
    }

    private func begin(_ place: UInt64, _ view: UInt64, _ replica: inout Replica) {
        let isLong = place >> 32 != 0
        let upper = (0..<(isLong ? 4 : 0)).map {
            UInt8(truncatingIfNeeded: place >> UInt64(56 - 8 * $0))
        }
        replica.store(
            EntryHead(
                kind: .reignBegin, flags: isLong ? 1 : 0, bucket: BucketIndex(0), sequence: place),
            upper.rawSpan, context(view), from: Self.nodes[0])
    }

    private func store(_ place: UInt64, _ view: UInt64, _ replica: inout Replica) {
        let nothing: [UInt8] = []
        replica.store(
            EntryHead(kind: .empty, bucket: BucketIndex(0), sequence: place), nothing.rawSpan,
            context(view), from: Self.nodes[0])
    }

    @Test func `a newcomer counts on from the leader's place, beyond what 32 bits hold`() {
        var replica = follower(view(1, full: Self.first))
        let place: UInt64 = 5 << 32 + 7
        begin(place, 1, &replica)
        store(place, 1, &replica)
        store(place + 1, 1, &replica)
        let copy = replica.copy(group: 0, BucketIndex(0))
        #expect(replica.last(copy) == place + 1)
        replica.checkInvariants()
    }

    @Test func `places go on over the end of 32 bits`() {
        var replica = follower(view(1, full: Self.first))
        let place: UInt64 = 1 << 32 - 2
        begin(place, 1, &replica)
        for step in 0..<UInt64(4) { store(place + step, 1, &replica) }
        #expect(replica.last(replica.copy(group: 0, BucketIndex(0))) == 1 << 32 + 1)
    }

    // DESIGN part 5, rule 7: an acknowledgement is of the view that it is given in.
    @Test func `what was stored in the view before is not acknowledged in the next`() {
        var replica = follower(view(1, full: Self.both))
        begin(1, 1, &replica)
        store(1, 1, &replica)
        // The next view comes in the same turn.
        replica.handle(.install(view(2, full: Self.both), builtOn: .none))
        replica.handle(.activate(group: 9, ballot: ballot(2)))
        #expect(acknowledgements(&replica) == 0)
        begin(1, 2, &replica)
        store(1, 2, &replica)
        #expect(acknowledgements(&replica) == 1)
    }

    // DESIGN part 5, rule 16.
    @Test func `a follower hears once that its leader's reign has opened, and of no earlier one`() {
        var replica = follower(view(1, full: Self.both))
        #expect(reignEvents(&replica) == ["followed"])
        begin(1, 1, &replica)
        store(1, 1, &replica)
        #expect(reignEvents(&replica).isEmpty, "nothing is committed")
        mark(1, 1, &replica)
        #expect(reignEvents(&replica) == ["heard"])
        store(2, 1, &replica)
        store(3, 1, &replica)
        mark(2, 1, &replica)
        #expect(reignEvents(&replica).isEmpty)
        replica.handle(.install(view(2, full: Self.both), builtOn: .none))
        replica.handle(.activate(group: 9, ballot: ballot(2)))
        #expect(reignEvents(&replica) == ["followed"])
        // The next leader didn't hear of the second's commitment, and sends it again.
        mark(3, 1, &replica)
        begin(2, 2, &replica)
        store(3, 2, &replica)
        #expect(reignEvents(&replica).isEmpty)
        mark(2, 2, &replica)
        #expect(reignEvents(&replica) == ["heard"])
        mark(3, 2, &replica)
        #expect(reignEvents(&replica).isEmpty)
    }

    // DESIGN part 5, rule 19, of one bucket.
    @Test func `a copy of before its bucket's beginning is void, whichever view comes first`() {
        for number in [UInt64(1), 2] {
            var replica = follower(view(1, full: Self.both))
            begin(1, 1, &replica)
            store(1, 1, &replica)
            mark(1, 1, &replica)
            _ = reignEvents(&replica)
            let copy = replica.copy(group: 0, BucketIndex(0))
            // The view of the beginning itself never came.
            var buckets = BucketSet(bucketCount: 1)
            buckets.insert(0)
            replica.handle(
                .begin(
                    group: 9, ballot: ballot(number), restUntil: .seconds(5), buckets: buckets))
            replica.handle(.install(view(3, full: Self.first), builtOn: ballot(number)))
            #expect((replica.last(copy) == 0) == (number == 2))
            #expect(replica.restUntil(copy) == .seconds(5))
            replica.checkInvariants()
        }
    }

    // DESIGN part 5, rule 13: established flows go on without decisions, so a leader in between
    // leaves no trace in the sequence.
    @Test(arguments: [(1, 0), (2, 1)])
    func `a leader that leads again learns whether another may have led meanwhile`(
        _ builtOn: UInt64, _ interruptions: Int
    ) {
        let own = EngineAddress(node: Self.nodes[0], engine: 0)
        var replica = Replica(
            ReplicaSettings(own: own, engineCount: 1, bucketCount: 1, tailCapacity: 64),
            groupCapacity: 1, seed: 1)
        replica.setGroups([9])
        replica.handle(.install(view(1, full: Self.both), builtOn: .none))
        replica.handle(.activate(group: 9, ballot: ballot(1)))
        _ = reignEvents(&replica)
        replica.handle(
            .install(view(3, full: Self.both), builtOn: ballot(builtOn)))
        let events = reignEvents(&replica)
        #expect(events.count { $0 == "interrupted" } == interruptions)
        #expect(!events.contains("ceased"), "what waits for a commitment waits on")
    }

    private func mark(_ place: UInt64, _ view: UInt64, _ replica: inout Replica) {
        replica.committed(
            BucketMark(bucket: BucketIndex(0), term: 1, isFull: true, sequence: place),
            MarksContext(group: 9, ballot: ballot(view)), from: Self.nodes[0])
    }

    private func reignEvents(_ replica: inout Replica) -> [String] {
        var seen: [String] = []
        while let event = replica.pollEvent() {
            switch event {
            case .followed: seen.append("followed")
            case .heard: seen.append("heard")
            case .interrupted: seen.append("interrupted")
            case .ceased: seen.append("ceased")
            case .committed(_, let slot), .undone(_, let slot): replica.release(slot)
            default: break
            }
        }
        return seen
    }

    /// How many messages it has for its leader.
    private func acknowledgements(_ replica: inout Replica) -> Int {
        let identity = ChannelIdentity(
            address: EngineAddress(node: Self.nodes[1], engine: 0),
            incarnation: Incarnation(counter: 1, random: 1),
            greeting: Greeting(nonce: 1, engineCount: 1))
        var channels = ChannelSet(own: identity, capacity: 2) { _, _ in IdentitySealer() }
        var peers = IdentifierMap(capacity: 4, seed: 1)
        peers.set(1, to: 1)
        replica.flush(into: &channels, peers: peers, at: .seconds(1))
        guard let number = channels.channel(to: EngineAddress(node: Self.nodes[0], engine: 0))
        else { return 0 }
        return channels.with(number) { $0.window.isEmpty ? 0 : 1 }
    }
}
