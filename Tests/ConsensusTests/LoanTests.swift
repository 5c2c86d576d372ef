// Loans, one behaviour at a time: who is asked, what is told, what ends a loan, and what is refused by
// which name.

import Tables
import Testing
import Wire

@testable import Consensus

private let start = Tick.seconds(100)
private let millisecond: UInt64 = 1_000_000

struct LoanTests {
    /// Uses up the ports of one bucket.
    private func fill(_ cluster: LoanCluster, _ bucket: Int, at now: Tick = start) {
        for _ in 0..<cluster.layout.portsPerBucket { cluster.open(bucket, at: now) }
    }

    private func kinds(_ messages: [PeerMessage]) -> [PeerMessageType] { messages.map(\.type) }

    @Test func `a bucket of the same engine lends without a message`() {
        let cluster = LoanCluster(LoanLayout(nodes: [1, 2]), at: start)
        fill(cluster, 0)
        #expect(cluster.open(0, at: start) == .waiting)
        #expect(cluster.flowCount == 5)
        #expect(cluster.carried.isEmpty)
        #expect(cluster.engines[0].counters.taken(.sameEngine) == 1)
        #expect(cluster.world.violations.isEmpty)
    }

    @Test func `another node lends when it must, in three messages, and is counted apart`() {
        let cluster = LoanCluster(LoanLayout(nodes: [1, 2], bucketCount: 2), at: start)
        fill(cluster, 0)
        #expect(cluster.open(0, at: start) == .waiting)
        #expect(cluster.flowCount == 5)
        #expect(kinds(cluster.carried) == [.loanRequest, .loanGrant])
        let borrower = cluster.engines[0]
        #expect(borrower.counters.taken(.otherNode) == 1)
        #expect(borrower.loans.holding(.otherNode) == 1)
        let lentFlow = cluster.engines[0].flows[4]
        #expect(cluster.layout.bucket(of: lentFlow.port) == BucketIndex(1))
        cluster.engines[0].close(lentFlow, at: start)
        cluster.settle(at: start)
        #expect(kinds(cluster.carried) == [.loanRequest, .loanGrant, .loanClosed])
        #expect(cluster.engines[0].loans.holding(.otherNode) == 0)
        #expect(cluster.engines[1].lentState(of: lentFlow) == .quiet)
        cluster.tick(start + 70 * millisecond)
        #expect(cluster.engines[1].lentState(of: lentFlow) == .notLent)
    }

    @Test func `engines of one node are told apart from other nodes`() {
        let cluster = LoanCluster(
            LoanLayout(nodes: [1, 1, 2], bucketCount: 3, portsPerBucket: 2), at: start)
        fill(cluster, 0)
        for _ in 0..<4 { cluster.open(0, at: start) }
        let counters = cluster.engines[0].counters
        #expect(counters.taken(.sameNode) == 2 && counters.taken(.otherNode) == 2)
    }

    @Test func `inbound packets of a lent port go to the borrower's bucket`() {
        let cluster = LoanCluster(LoanLayout(nodes: [1, 2], bucketCount: 2), at: start)
        fill(cluster, 0)
        cluster.open(0, at: start)
        let port = cluster.engines[0].flows[4]
        let lender = cluster.engines[1]
        #expect(
            lender.lentState(of: port)
                == .lent(LoanBorrower(bucket: BucketIndex(0), route: .peer(0, isOwnNode: false))))
        #expect(lender.isTaken(port))
        let other = LoanPort(port.port, toward: destination(1, remote: 8))
        #expect(lender.lentState(of: other) == .notLent)
        #expect(lender.hasLoans(of: port.toward.external))
    }

    @Test(arguments: [[1], [1, 2], [1, 1, 2], [1, 1, 2, 3]] as [[UInt64]])
    func `of more flows than ports exactly as many as ports succeed`(nodes: [UInt64]) {
        let cluster = LoanCluster(LoanLayout(nodes: nodes), at: start)
        var random = SplitMix(seed: UInt64(nodes.count))
        let ports = 8 * 4
        var now = start
        for _ in 0..<ports + 20 {
            cluster.open(random.below(8), at: now)
            now = now + 100_000
        }
        #expect(cluster.flowCount == ports)
        let refused = cluster.engines.reduce(UInt64(0)) {
            $0 + $1.counters.refused(.portsExhausted)
        }
        #expect(refused == 20)
        cluster.open(3, remote: 8, at: now)
        #expect(cluster.flowCount == ports + 1, "another destination is not affected")
        #expect(cluster.world.violations.isEmpty)
    }

    @Test func `an exhausted destination costs no message until what is known grows stale`() {
        let cluster = LoanCluster(LoanLayout(nodes: [1, 2]), at: start)
        for bucket in 0..<8 { fill(cluster, bucket) }
        cluster.open(0, at: start)
        let asked = cluster.carried.count
        #expect(asked == 2 * 4, "each bucket of the other engine was asked once")
        for _ in 0..<100 {
            #expect(cluster.open(2, at: start) == .refused(.portsExhausted))
        }
        #expect(cluster.carried.count == asked)
        let later = start + 201 * millisecond
        #expect(cluster.open(2, at: later) == .waiting)
        #expect(cluster.carried.count == 2 * asked)
        #expect(cluster.engines[0].refusals(.portsExhausted) == 2)
    }

    @Test func `a port that becomes free is found again`() {
        let cluster = LoanCluster(LoanLayout(nodes: [1, 2]), at: start)
        for bucket in 0..<8 { fill(cluster, bucket) }
        cluster.open(0, at: start)
        let flow = cluster.engines[1].flows[0]
        cluster.engines[1].close(flow, at: start)
        cluster.settle(at: start)
        cluster.tick(start + 70 * millisecond)
        #expect(
            cluster.open(0, at: start + 100 * millisecond) == .refused(.portsExhausted),
            "still believed")
        #expect(cluster.open(0, at: start + 201 * millisecond) == .waiting)
        #expect(cluster.flowCount == 32)
    }

    @Test func `a port of the same engine that becomes free is seen at once`() {
        let cluster = LoanCluster(LoanLayout(nodes: [1, 2]), at: start)
        for bucket in 0..<8 { fill(cluster, bucket) }
        cluster.open(0, at: start)
        let flow = cluster.engines[0].flows.last {
            cluster.layout.bucket(of: $0.port) != BucketIndex(0)
        }!
        cluster.engines[0].close(flow, at: start)
        cluster.tick(start + 70 * millisecond)
        #expect(cluster.open(0, at: start + 71 * millisecond) == .waiting)
        #expect(cluster.flowCount == 32)
    }

    @Test func `a loan is told only once it is committed`() {
        let cluster = LoanCluster(LoanLayout(nodes: [1, 2], bucketCount: 2), at: start)
        cluster.engines[1].mayCommit = { false }
        fill(cluster, 0)
        cluster.open(0, at: start)
        #expect(kinds(cluster.carried) == [.loanRequest])
        #expect(cluster.engines[1].lentCount == 1, "nobody else gets the port meanwhile")
        cluster.engines[1].mayCommit = { true }
        cluster.tick(start)
        #expect(kinds(cluster.carried) == [.loanRequest, .loanGrant])
        #expect(cluster.flowCount == 5)
    }

    @Test func `a packet waits for so long and is then refused by name`() {
        let cluster = LoanCluster(LoanLayout(nodes: [1, 2], bucketCount: 2), at: start)
        fill(cluster, 0)
        let borrower = cluster.engines[0]
        borrower.open(destination(0), at: start)
        let request = borrower.takeDispatches()
        #expect(request.count == 1)
        borrower.tick(start + 39 * millisecond)
        #expect(borrower.outcomes.isEmpty)
        borrower.tick(start + 40 * millisecond)
        #expect(borrower.refusals(.loanTimeout) == 1, "nobody is left to ask")
        #expect(borrower.counters.unanswered == 1)
        #expect(borrower.counters.refused(.loanTimeout) == 1)
        // The answer comes after all: the loan is closed.
        let lender = cluster.engines[1]
        lender.handle(request[0].message, from: 0, at: start + 41 * millisecond)
        cluster.settle(at: start + 41 * millisecond)
        #expect(borrower.counters.strayGrants == 1)
        cluster.tick(start + 111 * millisecond)
        #expect(lender.lentCount == 0)
    }

    @Test func `a silent peer is passed over, and asked again when it is heard`() {
        let cluster = LoanCluster(LoanLayout(nodes: [1, 2, 3], bucketCount: 3), at: start)
        fill(cluster, 0)
        let borrower = cluster.engines[0]
        borrower.open(destination(0), at: start)
        let first = borrower.takeDispatches()
        borrower.tick(start + 40 * millisecond)
        let second = borrower.takeDispatches()
        #expect(first.count == 1 && second.count == 1 && first[0].peer != second[0].peer)
        borrower.open(destination(0, remote: 8), at: start + 41 * millisecond)
        for _ in 0..<5 { borrower.open(destination(0, remote: 8), at: start + 41 * millisecond) }
        #expect(borrower.takeDispatches().allSatisfy { $0.peer == second[0].peer })
    }

    @Test func `too many waiting packets are refused by name`() {
        var layout = LoanLayout(nodes: [1, 2], bucketCount: 2)
        layout.settings.waitersPerTenant = 3
        let cluster = LoanCluster(layout, at: start)
        fill(cluster, 0)
        let borrower = cluster.engines[0]
        var answers: [LoanAnswer?] = []
        for _ in 0..<5 { answers.append(borrower.open(destination(0), at: start)) }
        #expect(answers.prefix(3).allSatisfy { $0 == .waiting })
        #expect(answers.suffix(2).allSatisfy { $0 == .refused(.loanQueueFull) })
        #expect(borrower.dispatches.count == 1, "a lender is asked for one port at a time")
        cluster.settle(at: start)
        #expect(cluster.flowCount == 7)
    }

    @Test func `a tenant has only so many loans, taken and given`() {
        var layout = LoanLayout(nodes: [1, 2], bucketCount: 2)
        layout.settings.heldPerTenant = 2
        var cluster = LoanCluster(layout, at: start)
        fill(cluster, 0)
        for _ in 0..<3 { cluster.open(0, at: start) }
        #expect(cluster.flowCount == 6)
        #expect(cluster.engines[0].counters.refused(.tenantLoans) == 1)
        layout.settings.heldPerTenant = 10
        layout.settings.lentPerTenant = 1
        cluster = LoanCluster(layout, at: start)
        fill(cluster, 0)
        for _ in 0..<3 { cluster.open(0, at: start) }
        #expect(cluster.flowCount == 5)
        #expect(cluster.engines[0].counters.refused(.loanTableFull) == 2)
    }

    @Test func `a port of the same engine that can't be taken is not asked for without end`() {
        let cluster = LoanCluster(
            LoanLayout(nodes: [1], bucketCount: 2, portsPerBucket: 1), at: start)
        let engine = cluster.engines[0]
        // A copy here hasn't heard yet that its flow on this port has ended.
        let stale = LoanID(
            group: LoanEngine.group, bucket: BucketIndex(0),
            ballot: Ballot(generation: 1, number: 0, proposer: NodeID(rawValue: 7)), term: 1,
            counter: 9)
        let port = LoanPort(Port(1025), toward: destination(1))
        let isTaken = engine.loans.take(stale, port, tenant: 1, at: start)
        #expect(isTaken)
        cluster.open(0, at: start)
        cluster.open(0, at: start)
        #expect(cluster.flowCount == 1 && engine.refusals(.portsExhausted) == 1)
        #expect(engine.loans.id(of: port) == stale)
        // Another bucket's end of a flow on the port is not this one's.
        let isReleased = engine.loans.release(port, by: BucketIndex(1), at: start)
        #expect(!isReleased && engine.heldCount == 1)
    }

    @Test func `a bucket borrows nothing of itself`() {
        let cluster = LoanCluster(LoanLayout(nodes: [1, 2], bucketCount: 2), at: start)
        fill(cluster, 0)
        let engine = cluster.engines[0]
        engine.open(destination(0), at: start)
        _ = engine.takeDispatches()
        // One of its own becomes free while the other is silent.
        engine.loans.portFreed(toward: destination(0))
        engine.tick(start + 40 * millisecond)
        #expect(engine.heldCount == 0 && engine.lentCount == 0)
        #expect(engine.refusals(.portsExhausted) == 1, "who looks again finds it")
    }

    @Test func `without another leader there is nobody to borrow from`() {
        let layout = LoanLayout(nodes: [1], bucketCount: 1)
        let alone = LoanCluster(layout, at: start)
        fill(alone, 0)
        #expect(alone.open(0, at: start) == .refused(.noLender))
    }
}
