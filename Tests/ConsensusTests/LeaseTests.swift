// Leases alone: who has to grant, from which start, in which view, and when a grant stops counting.
// DESIGN part 5, rule 12.

import Testing
import Wire

@testable import Consensus

struct LeaseTests {
    private let nodes = (1...5).map { NodeID(rawValue: $0) }
    private let first = Incarnation(counter: 1, random: 7)

    private func ballot(_ number: UInt64, generation: UInt32 = 1) -> Ballot {
        Ballot(generation: generation, number: number, proposer: nodes[0])
    }

    private func view(_ number: UInt64, count: Int = 5, group: UInt64 = 9) -> View {
        View(
            group: group, ballot: ballot(number), configuration: 1,
            members: Array(nodes[0..<count]),
            incarnations: Array(repeating: first, count: count), buckets: [])
    }

    /// Leases of node 1 in view 1 of `count` members, all vouched for.
    private func leases(count: Int = 5) -> Leases {
        var leases = Leases(node: nodes[0], groupCapacity: 4, nodeCapacity: 8)
        leases.take(
            .install(view(1, count: count), builtOn: .none))
        for node in nodes[1..<count] {
            leases.take(.vouch(group: 9, node: node, ballot: ballot(1)))
        }
        return leases
    }

    private func grant(_ node: Int, until: UInt64, counter: UInt64 = 1) -> EngineOrder {
        .grant(
            node: nodes[node - 1], incarnation: Incarnation(counter: counter, random: 7),
            until: .milliseconds(until))
    }

    @Test func `the lease ends with the grant of the last that is needed`() {
        var leases = leases()
        // Q is 3 of 5: two others grant.
        leases.take(grant(2, until: 50))
        #expect(leases.end(of: 9) == Tick(rawValue: 0))
        leases.take(grant(3, until: 40))
        #expect(leases.end(of: 9) == .milliseconds(40))
        leases.take(grant(4, until: 60))
        #expect(leases.end(of: 9) == .milliseconds(50))
    }

    @Test func `an older grant that comes late shortens nothing`() {
        var leases = leases(count: 3)
        leases.take(grant(2, until: 50))
        leases.take(grant(2, until: 45))
        #expect(leases.end(of: 9) == .milliseconds(50))
    }

    @Test func `a grant of another start than the view names does not count`() {
        var leases = leases(count: 3)
        leases.take(grant(2, until: 50, counter: 2))
        #expect(leases.end(of: 9) == Tick(rawValue: 0))
        leases.take(grant(2, until: 60))
        #expect(leases.end(of: 9) == .milliseconds(60))
    }

    @Test func `who has not told that it installed the view grants nothing`() {
        var leases = Leases(node: nodes[0], groupCapacity: 4, nodeCapacity: 8)
        leases.take(.install(view(2, count: 3), builtOn: .none))
        leases.take(grant(2, until: 50))
        leases.take(.vouch(group: 9, node: nodes[1], ballot: ballot(1)))
        #expect(leases.end(of: 9) == Tick(rawValue: 0))
        leases.take(.vouch(group: 9, node: nodes[1], ballot: ballot(2)))
        #expect(leases.end(of: 9) == .milliseconds(50))
    }

    @Test func `a promise above the view withdraws, one at it does not`() {
        var leases = leases(count: 3)
        leases.take(grant(2, until: 50))
        leases.take(.withdraw(group: 9, node: nodes[1], ballot: ballot(1)))
        #expect(leases.end(of: 9) == .milliseconds(50))
        leases.take(.withdraw(group: 9, node: nodes[1], ballot: ballot(2)))
        #expect(leases.end(of: 9) == Tick(rawValue: 0))
        // Nor does a later grant of the node bring it back.
        leases.take(grant(2, until: 90))
        #expect(leases.end(of: 9) == Tick(rawValue: 0))
    }

    @Test func `a new view begins without vouchers, and with the grants that stand`() {
        var leases = leases(count: 3)
        leases.take(grant(2, until: 50))
        leases.take(.install(view(2, count: 3), builtOn: .none))
        #expect(leases.end(of: 9) == Tick(rawValue: 0))
        leases.take(.vouch(group: 9, node: nodes[1], ballot: ballot(2)))
        #expect(leases.end(of: 9) == .milliseconds(50))
    }

    @Test func `one alone has a lease for ever, and none without a view`() {
        let leases = leases(count: 1)
        #expect(leases.end(of: 9) == Tick(rawValue: .max))
        #expect(leases.end(of: 8) == nil)
    }

    @Test func `groups are dropped and keep apart`() {
        var leases = leases(count: 3)
        leases.take(
            .install(view(5, count: 3, group: 10), builtOn: .none)
        )
        leases.take(.vouch(group: 10, node: nodes[1], ballot: ballot(5)))
        leases.take(grant(2, until: 50))
        leases.take(.withdraw(group: 10, node: nodes[1], ballot: ballot(6)))
        #expect(leases.end(of: 9) == .milliseconds(50))
        #expect(leases.end(of: 10) == Tick(rawValue: 0))
        leases.take(.drop(group: 9))
        #expect(leases.end(of: 9) == nil)
        #expect(leases.end(of: 10) == Tick(rawValue: 0))
    }
}
