// What a bucket gets in a new view, by hand-made promises.

import Testing
import Wire

@testable import Consensus

struct ViewBuilderTests {
    private let members = [NodeID(rawValue: 2), NodeID(rawValue: 5), NodeID(rawValue: 3)]

    private func start(_ node: NodeID) -> Incarnation {
        Incarnation(counter: 1, random: node.rawValue)
    }

    private func ballot(_ number: UInt64, _ proposer: UInt64) -> Ballot {
        Ballot(generation: 1, number: number, proposer: NodeID(rawValue: proposer))
    }

    private func promise(_ node: NodeID, installed: Ballot, last: Stamp, isFull: Bool)
        -> HeldPromise
    {
        let part = PromisePart(
            group: 1, ballot: ballot(13, 2), installed: installed, generation: 1, configuration: 1,
            part: 0, parts: 1, noted: [],
            standings: [
                BucketStanding(
                    bucket: BucketIndex(0), stamp: last, isFull: isFull, hasAcknowledged: isFull)
            ])
        var held = HeldPromise(part, node: node, incarnation: start(node), bucketCount: 1)
        held.take(part)
        return held
    }

    /// A view in which the bucket waits for node 5, full as of view 9.
    private var waitingForFive: FoundedView {
        let view = View(
            group: 1, ballot: ballot(12, 3), configuration: 1, members: members,
            incarnations: [start(members[0]), .unknown, start(members[2])],
            buckets: [BucketSeats(leader: BucketSeats.nobody, replicas: [], full: [])])
        return FoundedView(
            view: view, builtOn: ballot(10, 2), namesBefore: members.map { start($0) },
            origins: [
                BucketOrigin(
                    ballot: ballot(9, 2), replicas: SeatSet(seat: 1), full: SeatSet(seat: 1))
            ], beginnings: [ballot(1, 1)])
    }

    /// The next view, with a promise of the fifth.
    private func next(_ five: HeldPromise, on base: FoundedView? = nil) -> FoundedView {
        let empty = Stamp.none
        let view = View(
            group: 1, ballot: ballot(13, 2), configuration: 1, members: members,
            incarnations: members.map { start($0) }, buckets: [])
        let builder = ViewBuilder(
            view, on: base ?? waitingForFive,
            promises: [
                promise(members[0], installed: ballot(12, 3), last: empty, isFull: false), five,
                promise(members[2], installed: ballot(12, 3), last: empty, isFull: false),
            ],
            takesPart: [SeatSet(seat: 0), SeatSet(seat: 1), SeatSet(seat: 2)],
            quorum: Quorum(members: 3, copies: 2),
            preference: preference, unwilling: [])
        return builder.found(bucketCount: 1)
    }

    private var preference: Preference {
        let plan = GroupPlan(id: 1, configuration: 1, members: members, preferredLeaders: [0])
        return Preference(plan, bucketCount: 1)
    }

    /// The next view without one of the members.
    private func next(absent seat: Int, on base: FoundedView) -> FoundedView {
        let present = members.indices.filter { $0 != seat }
        let view = View(
            group: 1, ballot: ballot(13, 2), configuration: 1, members: members,
            incarnations: members.indices.map { $0 == seat ? .unknown : start(members[$0]) },
            buckets: [])
        return ViewBuilder(
            view, on: base,
            promises: present.map {
                promise(members[$0], installed: ballot(12, 3), last: .none, isFull: false)
            },
            takesPart: present.reduce(into: []) { $0.formUnion(SeatSet(seat: $1)) },
            quorum: Quorum(members: 3, copies: 2), preference: preference, unwilling: []
        ).found(bucketCount: 1)
    }

    private func bucket(when five: HeldPromise) -> BucketSeats { next(five).view.buckets[0] }

    // DESIGN part 5, rule 9: node 5 was full in view 9, and led the bucket in view 11, which nobody
    // else installed; view 12 was built on view 10. Nothing was committed in view 11.
    @Test func `a copy that is full in a later view than the others went by opens the bucket`() {
        let last = Stamp(ballot: ballot(11, 5), term: 1, sequence: 62)
        let five = promise(members[1], installed: ballot(11, 5), last: last, isFull: true)
        #expect(bucket(when: five).leader == 1)
        #expect(bucket(when: five).full == SeatSet(seat: 1))
    }

    @Test func `a copy that is full as of the view that counts opens the bucket`() {
        let last = Stamp(ballot: ballot(9, 2), term: 1, sequence: 61)
        let five = promise(members[1], installed: ballot(9, 2), last: last, isFull: true)
        #expect(bucket(when: five).leader == 1)
    }

    // Rule 19, of one bucket: nobody is left to wait for.
    @Test func `the bucket begins anew when the last that was full has lost its copy`() {
        let last = Stamp(ballot: ballot(11, 5), term: 1, sequence: 62)
        let five = promise(members[1], installed: ballot(11, 5), last: last, isFull: false)
        let view = next(five)
        #expect(view.view.buckets[0].isOpen)
        #expect(view.begins(0) && view.begun.contains(0))
        #expect(view.beginnings == [view.view.ballot])
        #expect(view.view.buckets[0].full == view.view.buckets[0].replicas)
        #expect(view.view.buckets[0].full.count == 2)
    }

    @Test func `it waits as long as another may be full`() {
        var base = waitingForFive
        base.origins[0].replicas.formUnion(SeatSet(seat: 2))
        base.view.incarnations[2] = .unknown
        let three = next(absent: 2, on: base)
        #expect(!three.view.buckets[0].isOpen && !three.begins(0))
        #expect(three.beginnings == base.beginnings)
        #expect(three.origins[0].replicas == SeatSet(seat: 2))
    }

    // DESIGN part 5, rule 18: one that joins has installed nothing, and says nothing of a view that was
    // active without it.
    @Test(arguments: [false, true])
    func `a newcomer is no witness against the view that it joins`(isBaseActive: Bool) {
        let four = members + [NodeID(rawValue: 77)]
        let before = SeatSet(seat: 2)
        let base = FoundedView(
            view: View(
                group: 1, ballot: ballot(12, 3), configuration: 1, members: four,
                incarnations: [start(four[0]), start(four[1]), start(four[2]), .unknown],
                buckets: [
                    BucketSeats(
                        leader: 0, replicas: [SeatSet(seat: 0), SeatSet(seat: 1)],
                        full: [SeatSet(seat: 0), SeatSet(seat: 1)])
                ]),
            builtOn: ballot(9, 2), namesBefore: four.map { start($0) },
            origins: [BucketOrigin(ballot: ballot(9, 2), replicas: before, full: before)],
            beginnings: [ballot(1, 1)])
        let old = Stamp(ballot: ballot(9, 2), term: 1, sequence: 61)
        // The second took part in the base, and has lost its copy; the first is dead.
        var second = promise(four[1], installed: ballot(12, 3), last: .none, isFull: false)
        second.standings[0].hasAcknowledged = true
        let third = promise(four[2], installed: ballot(9, 2), last: old, isFull: true)
        let fourth = promise(four[3], installed: .none, last: .none, isFull: false)
        let view = View(
            group: 1, ballot: ballot(13, 2), configuration: 2, members: four,
            incarnations: [.unknown] + four.dropFirst().map { start($0) }, buckets: [])
        let next = ViewBuilder(
            view, on: base, promises: [second, third, fourth],
            takesPart: [SeatSet(seat: 1), SeatSet(seat: 2), SeatSet(seat: 3)],
            quorum: Quorum(members: 4, copies: 2),
            preference: Preference(
                GroupPlan(id: 1, configuration: 2, members: four, preferredLeaders: [0]),
                bucketCount: 1),
            unwilling: [], isBaseActive: isBaseActive
        ).found(bucketCount: 1)
        #expect(next.view.buckets[0].isOpen == !isBaseActive)
    }

    // Who hasn't installed the beginning still has what is void.
    @Test func `of a bucket that began anew only who installed that is full`() {
        let begun = next(promise(members[1], installed: ballot(11, 5), last: .none, isFull: false))
        let stale = Stamp(ballot: ballot(9, 2), term: 1, sequence: 61)
        let first = promise(members[0], installed: ballot(12, 3), last: stale, isFull: true)
        let second = promise(members[1], installed: begun.view.ballot, last: .none, isFull: true)
        let view = View(
            group: 1, ballot: ballot(14, 2), configuration: 1, members: members,
            incarnations: members.map { start($0) }, buckets: [])
        var base = begun
        base.view.buckets[0].replicas = [SeatSet(seat: 0), SeatSet(seat: 1)]
        base.view.buckets[0].full = base.view.buckets[0].replicas
        let next = ViewBuilder(
            view, on: base, promises: [first, second],
            takesPart: [SeatSet(seat: 0), SeatSet(seat: 1)],
            quorum: Quorum(members: 3, copies: 2), preference: preference, unwilling: []
        ).found(bucketCount: 1)
        #expect(next.view.buckets[0].full == SeatSet(seat: 1) && !next.begins(0))
    }
}
