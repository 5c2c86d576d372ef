// What loans do when the world around them changes: buckets that change their leader, on either side, and
// ids of other reigns.

import Tables
import Testing
import Wire

@testable import Consensus

private let start = Tick.seconds(100)
private let millisecond: UInt64 = 1_000_000

struct LoanChangeTests {
    /// Two nodes of one bucket each; the first has borrowed one port of the second.
    private func borrowed() -> (cluster: LoanCluster, port: LoanPort) {
        let cluster = LoanCluster(LoanLayout(nodes: [1, 2], bucketCount: 2), at: start)
        for _ in 0..<5 { cluster.open(0, at: start) }
        return (cluster, cluster.engines[0].flows[4])
    }

    private func grant(_ port: LoanPort, _ id: LoanID) -> PeerMessage {
        .loanGrant(
            LoanGrant(
                id: id,
                destination: LoanDestination(
                    resource: port.toward.scope, external: port.toward.external,
                    remote: port.toward.remote, remotePort: port.toward.remotePort,
                    ipProtocol: port.toward.ipProtocol, lender: port.toward.bucket),
                port: port.port))
    }

    private func id(node: UInt64, start: UInt64, term: UInt32 = 1, counter: UInt64 = 999) -> LoanID
    {
        LoanID(
            group: LoanEngine.group, bucket: BucketIndex(0),
            ballot: Ballot(generation: 1, number: start, proposer: NodeID(rawValue: node)),
            term: term, counter: counter)
    }

    @Test func `a loan outlives lost reminders, and whoever lent it`() {
        let (cluster, port) = borrowed()
        let borrower = cluster.engines[0]
        borrower.tick(start + 3_600_000 * millisecond)
        borrower.loans.peerRestarted(1, at: start + 3_600_000 * millisecond)
        borrower.pump(at: start + 3_600_000 * millisecond)
        #expect(borrower.flows.contains(port) && borrower.heldCount == 1)
        #expect(borrower.takeDispatches().isEmpty, "it has nothing to say")
    }

    @Test func `reminders keep a loan`() {
        let (cluster, port) = borrowed()
        for step in 1..<100 { cluster.tick(start + UInt64(step) * 20 * millisecond) }
        #expect(cluster.engines[0].flows.contains(port))
        #expect(cluster.engines[1].counters.reminders >= 18)
        #expect(cluster.engines[0].counters.strayGrants == 0)
    }

    /// Another engine in an engine's place, with what was committed.
    private func takeOver(_ cluster: LoanCluster, _ number: Int, at now: Tick) {
        cluster.engines[number] = LoanEngine(
            number, cluster.layout, cluster.world, start: 2, at: now)
    }

    @Test func `a borrower's new leader has the flow, and never says that it hasn't`() {
        let (cluster, port) = borrowed()
        takeOver(cluster, 0, at: start)
        let lender = cluster.engines[1]
        for step in 1..<100 { cluster.tick(start + UInt64(step) * 20 * millisecond) }
        #expect(lender.counters.reminders >= 18)
        #expect(cluster.engines[0].counters.closedSent == 0)
        #expect(lender.isTaken(port) && cluster.engines[0].flows.contains(port))
        let ended = start + 2000 * millisecond
        cluster.engines[0].close(port, at: ended)
        cluster.settle(at: ended)
        #expect(lender.lentState(of: port) == .quiet)
        cluster.tick(ended + 70 * millisecond)
        #expect(lender.lentCount == 0)
        #expect(cluster.world.violations.isEmpty)
    }

    @Test func `a loan whose flow was never committed is given back by the next leader`() {
        let (cluster, port) = borrowed()
        // The creation didn't reach the followers.
        cluster.world.forgetLast(of: 0)
        takeOver(cluster, 0, at: start)
        let lender = cluster.engines[1]
        lender.loans.peerRestarted(0, at: start + millisecond)
        cluster.tick(start + millisecond)
        #expect(lender.lentState(of: port) == .quiet)
        #expect(cluster.engines[0].counters.strayGrants == 1)
        cluster.tick(start + 71 * millisecond)
        #expect(lender.lentCount == 0)
    }

    @Test func `a lender's new leader knows every loan, and tells of it at once`() {
        let (cluster, port) = borrowed()
        takeOver(cluster, 1, at: start)
        let lender = cluster.engines[1]
        #expect(lender.isTaken(port))
        #expect(
            lender.lentState(of: port)
                == .lent(LoanBorrower(bucket: BucketIndex(0), route: .peer(0, isOwnNode: false))))
        cluster.tick(start + millisecond)
        #expect(lender.counters.reminders == 1)
        cluster.engines[0].close(port, at: start + millisecond)
        cluster.settle(at: start + millisecond)
        #expect(lender.lentState(of: port) == .quiet)
        // Another one takes over while it rests: the quiet time begins again.
        takeOver(cluster, 1, at: start + 60 * millisecond)
        cluster.tick(start + 129 * millisecond)
        #expect(cluster.engines[1].isTaken(port))
        cluster.tick(start + 130 * millisecond)
        #expect(!cluster.engines[1].isTaken(port))
    }

    // DESIGN part 5, rules 17 and 19.
    @Test func `a loan of before its lender's beginning is void, and no later one`() {
        let (cluster, port) = borrowed()
        let borrower = cluster.engines[0]
        guard let drawn = borrower.loans.id(of: port)?.ballot else {
            Issue.record("nothing was borrowed")
            return
        }
        func began(_ number: UInt64, _ engine: LoanEngine) {
            let ballot = Ballot(generation: 1, number: number, proposer: drawn.proposer)
            engine.loans.setBeginnings(group: LoanEngine.group, [.none, ballot])
        }
        func void() -> LoanPort? { borrower.loans.pollVoid() }
        func take(_ id: LoanID) -> Bool {
            borrower.loans.take(id, port, tenant: 1, at: start)
        }
        began(drawn.number, borrower)
        #expect(void() == nil, "it was drawn in that very view")
        began(drawn.number + 1, borrower)
        #expect(void() == port)
        // The same again says nothing new, and an older view nothing at all.
        began(drawn.number + 1, borrower)
        began(drawn.number, borrower)
        #expect(void() == nil)
        // What a transfer brings later is judged as well.
        _ = borrower.loans.release(port, by: BucketIndex(0), at: start)
        let older = id(node: 1, start: drawn.number)
        let newer = id(node: 1, start: drawn.number + 1)
        #expect(take(newer))
        #expect(void() == nil)
        #expect(take(older))
        #expect(void() == port)
        borrower.loans.checkInvariants()
        // And the lender lends nothing by such an id.
        let lender = cluster.engines[1]
        began(drawn.number + 1, lender)
        let before = lender.counters
        for id in [older, newer] {
            guard case .loanGrant(let grant) = self.grant(port, id) else { return }
            lender.handle(
                .loanRequest(LoanRequest(id: id, destination: grant.destination)), from: 0,
                at: start)
            lender.pump(at: start)
        }
        #expect(lender.counters.misdirected == before.misdirected + 1)
        #expect(lender.counters.lent + lender.counters.denied == before.lent + before.denied + 1)
    }

    @Test func `what is closed before the lender's new leader opens is given back then`() {
        let (cluster, port) = borrowed()
        let lender = cluster.engines[1]
        let bucket = BucketIndex(1)
        lender.loans.cease(group: LoanEngine.group, bucket: bucket, at: start)
        let ballot = Ballot(generation: 1, number: 9, proposer: NodeID(rawValue: 2))
        lender.loans.begin(
            group: LoanEngine.group, bucket: bucket, ballot: ballot, term: 1, at: start)
        cluster.engines[0].close(port, at: start)
        cluster.settle(at: start)
        lender.loans.checkInvariants()
        #expect(lender.isTaken(port) && lender.lentState(of: port) != .quiet)
        lender.loans.open(group: LoanEngine.group, bucket: bucket, at: start + millisecond)
        lender.pump(at: start + millisecond)
        #expect(lender.lentState(of: port) == .quiet)
        cluster.tick(start + 200 * millisecond)
        #expect(!lender.isTaken(port))
    }

    @Test func `a follower frees no port before its leader does`() {
        let (cluster, port) = borrowed()
        let follower = cluster.engines[1]
        let bucket = BucketIndex(1)
        follower.loans.cease(group: LoanEngine.group, bucket: bucket, at: start)
        follower.loans.follow(group: LoanEngine.group, bucket: bucket)
        guard
            case .loan(.loan(let id, _))? = cluster.world.log.first(where: {
                if case .loan = $0.entry { true } else { false }
            })?.entry
        else {
            Issue.record("nothing was lent")
            return
        }
        // The leader that it follows commits the return, and dies; the next is long in beginning.
        _ = follower.loans.committed(.giveBack(id, port), tenant: 1, at: start)
        follower.tick(start + 500 * millisecond)
        #expect(follower.isTaken(port) && follower.lentState(of: port) == .quiet)
        let opened = start + 500 * millisecond
        follower.loans.hear(group: LoanEngine.group, bucket: bucket, at: opened)
        follower.tick(opened + 69 * millisecond)
        #expect(follower.isTaken(port))
        // And another one.
        follower.loans.follow(group: LoanEngine.group, bucket: bucket)
        follower.tick(opened + 1000 * millisecond)
        #expect(follower.isTaken(port))
        follower.lead(1, term: 3, at: opened + 1000 * millisecond)
        follower.tick(opened + 1069 * millisecond)
        #expect(follower.isTaken(port))
        follower.tick(opened + 1070 * millisecond)
        #expect(!follower.isTaken(port))
    }

    @Test func `what a leader doesn't commit it lends and gives back in vain`() {
        let (cluster, port) = borrowed()
        let (borrower, lender) = (cluster.engines[0], cluster.engines[1])
        lender.mayCommit = { false }
        borrower.close(port, at: start)
        cluster.settle(at: start)
        #expect(lender.lentState(of: port) == .quiet)
        lender.undo(at: start)
        #expect(
            lender.lentState(of: port)
                == .lent(LoanBorrower(bucket: BucketIndex(0), route: .peer(0, isOwnNode: false))))
        borrower.open(destination(0), at: start)
        cluster.settle(at: start)
        #expect(lender.lentCount == 2)
        lender.undo(at: start)
        lender.pump(at: start)
        #expect(lender.lentCount == 1)
        lender.loans.checkInvariants()
    }

    @Test func `who leads no more neither takes, nor denies, nor takes back`() {
        let (cluster, port) = borrowed()
        let (borrower, lender) = (cluster.engines[0], cluster.engines[1])
        borrower.open(destination(0), at: start)
        let request = borrower.takeDispatches()
        borrower.loans.cease(group: LoanEngine.group, bucket: BucketIndex(0), at: start)
        borrower.pump(at: start)
        #expect(borrower.refusals(.noLender) == 1)
        lender.handle(request[0].message, from: 0, at: start)
        for dispatch in lender.takeDispatches() {
            borrower.handle(dispatch.message, from: 1, at: start)
        }
        #expect(borrower.takeDispatches().isEmpty && borrower.heldCount == 1)
        lender.loans.cease(group: LoanEngine.group, bucket: BucketIndex(1), at: start)
        lender.handle(
            .loanClosed(LoanClosed(id: borrower.loans.id(of: port)!, use: .used)), from: 0,
            at: start)
        #expect(lender.lentState(of: port) != .quiet)
        lender.tick(start + 100 * millisecond)
        #expect(lender.takeDispatches().isEmpty)
        lender.loans.checkInvariants()
    }

    @Test func `a loan of an older reign is closed once this one is confirmed, a newer never`() {
        let (cluster, port) = borrowed()
        let borrower = cluster.engines[0]
        func answer(_ id: LoanID) -> [PeerMessage] {
            borrower.handle(grant(port, id), from: 1, at: start)
            return borrower.takeDispatches().map(\.message)
        }
        let own = id(node: 1, start: 1)
        #expect(answer(own) == [.loanClosed(LoanClosed(id: own, use: .used))])
        let older = id(node: 7, start: 0)
        #expect(answer(older) == [.loanClosed(LoanClosed(id: older, use: .used))])
        #expect(answer(id(node: 1, start: 2)).isEmpty)
        #expect(answer(id(node: 7, start: 1)).isEmpty)
        #expect(answer(id(node: 1, start: 1, term: 2)).isEmpty)
        #expect(borrower.counters.newerGrants == 3)
        // The next reign, of which nothing is committed yet.
        borrower.begin(0, term: 2, at: start)
        #expect(answer(older).isEmpty && answer(own).isEmpty)
        borrower.loans.open(group: LoanEngine.group, bucket: BucketIndex(0), at: start)
        // Nobody confirms it.
        borrower.mayCommit = { false }
        #expect(answer(older).isEmpty && answer(own).isEmpty)
        borrower.mayCommit = { true }
        borrower.pump(at: start)
        #expect(borrower.takeDispatches().count == 2)
        #expect(borrower.flows.contains(port))
    }

    @Test func `what was asked of a leader that is gone is asked of the next`() {
        let cluster = LoanCluster(LoanLayout(nodes: [1, 2], bucketCount: 2), at: start)
        for _ in 0..<4 { cluster.open(0, at: start) }
        let borrower = cluster.engines[0]
        borrower.open(destination(0), at: start)
        #expect(borrower.takeDispatches().map(\.peer) == [1])
        borrower.setLeader(of: 1, to: .peer(3, isOwnNode: false))
        borrower.loans.routesChanged(at: start)
        borrower.pump(at: start)
        #expect(borrower.takeDispatches().map(\.peer) == [3])
        borrower.loans.checkInvariants()
    }

    @Test func `a port that a flow stands on is not taken again`() {
        let (cluster, port) = borrowed()
        let borrower = cluster.engines[0]
        borrower.open(destination(0), at: start)
        guard case .loanRequest(let request)? = borrower.takeDispatches().first?.message else {
            Issue.record("nothing was asked")
            return
        }
        borrower.handle(grant(port, request.id), from: 1, at: start)
        #expect(borrower.flows.contains(port) && borrower.heldCount == 1)
        #expect(
            borrower.takeDispatches().map(\.message).contains(
                .loanClosed(LoanClosed(id: request.id, use: .used))))
    }

    @Test func `an answer to another question is closed, not taken`() {
        let (cluster, port) = borrowed()
        let borrower = cluster.engines[0]
        borrower.open(destination(0, remote: 8), at: start)
        for _ in 0..<4 { borrower.open(destination(0, remote: 8), at: start) }
        guard case .loanRequest(let request)? = borrower.takeDispatches().first?.message else {
            Issue.record("nothing was asked")
            return
        }
        let wrong = LoanPort(port.port, toward: destination(1, remote: 9))
        borrower.handle(grant(wrong, request.id), from: 1, at: start)
        #expect(borrower.counters.misdirected == 1)
        #expect(borrower.heldCount == 1)
    }
}
