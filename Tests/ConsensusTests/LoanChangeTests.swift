// What loans do when the world around them changes: peers that lose their memory, buckets that change
// their leader, ids of other reigns.

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

    @Test func `a loan outlives lost reminders, but not the lender's memory`() {
        let (cluster, port) = borrowed()
        let borrower = cluster.engines[0]
        borrower.tick(start + 399 * millisecond)
        #expect(borrower.flows.contains(port))
        borrower.loans.peerRestarted(1, at: start + 399 * millisecond)
        borrower.pump(at: start + 399 * millisecond)
        #expect(!borrower.flows.contains(port) && borrower.heldCount == 0)
        #expect(borrower.counters.lost == 1)
        #expect(borrower.takeDispatches().isEmpty, "nothing is given back to one who forgot it")
    }

    @Test func `a loan that nobody confirms is void`() {
        let (cluster, port) = borrowed()
        let borrower = cluster.engines[0]
        borrower.tick(start + 400 * millisecond)
        #expect(!borrower.flows.contains(port))
        #expect(borrower.counters.lost == 1)
    }

    @Test func `reminders keep a loan`() {
        let (cluster, port) = borrowed()
        for step in 1..<100 { cluster.tick(start + UInt64(step) * 20 * millisecond) }
        #expect(cluster.engines[0].flows.contains(port))
        #expect(cluster.engines[1].counters.reminders >= 18)
        #expect(cluster.engines[0].counters.strayGrants == 0)
    }

    @Test func `a borrower that lost its memory is reminded at once, and gives back`() {
        let (cluster, port) = borrowed()
        let lender = cluster.engines[1]
        cluster.engines[0].crash(at: start)
        cluster.engines[0] = LoanEngine(
            0, cluster.layout, cluster.world, start: 2, at: start + millisecond)
        lender.loans.peerRestarted(0, at: start + millisecond)
        cluster.tick(start + millisecond)
        #expect(lender.lentState(of: port) == .quiet)
        #expect(cluster.engines[0].counters.strayGrants == 1)
        cluster.tick(start + 71 * millisecond)
        #expect(lender.lentCount == 0)
    }

    @Test
    func `a loan of another reign is closed if that is over, and left alone if it is to come`() {
        let (cluster, port) = borrowed()
        let borrower = cluster.engines[0]
        func answer(_ id: LoanID) -> [PeerMessage] {
            borrower.handle(grant(port, id), from: 1, at: start)
            return borrower.takeDispatches().map(\.message)
        }
        let own = id(node: 1, start: 1)
        #expect(answer(own) == [.loanClosed(LoanClosed(id: own, use: .used))])
        let older = id(node: 1, start: 0)
        #expect(answer(older) == [.loanClosed(LoanClosed(id: older, use: .used))])
        let others = id(node: 7, start: 9)
        #expect(answer(others) == [.loanClosed(LoanClosed(id: others, use: .used))])
        #expect(answer(id(node: 1, start: 2)).isEmpty)
        #expect(answer(id(node: 1, start: 1, term: 2)).isEmpty)
        #expect(borrower.counters.newerGrants == 2)
        #expect(borrower.flows.contains(port))
    }

    @Test func `a bucket's new leader knows of no loan, so the flow ends`() {
        let (cluster, port) = borrowed()
        let borrower = cluster.engines[0]
        borrower.setLeader(of: 1, to: .peer(2, isOwnNode: false))
        borrower.loans.routesChanged(at: start)
        borrower.pump(at: start)
        #expect(!borrower.flows.contains(port))
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

    @Test func `a port that is granted twice ends the first flow`() {
        let (cluster, port) = borrowed()
        let borrower = cluster.engines[0]
        borrower.open(destination(0), at: start)
        guard case .loanRequest(let request)? = borrower.takeDispatches().first?.message else {
            Issue.record("nothing was asked")
            return
        }
        borrower.handle(grant(port, request.id), from: 1, at: start)
        #expect(!borrower.flows.contains(port))
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
