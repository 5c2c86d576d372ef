// A channel, one behaviour at a time: greeting, order, resending, the window, restarts, and what is
// refused by which name.

import Testing
import Wire

@testable import Consensus

private let start = Tick.seconds(100)

struct ChannelTests {
    @Test func `the first message greets, and arrives once both incarnations are known`() {
        let ends = Ends(strangers: ChannelSettings())
        ends.left.enqueue(7)
        let hello = ends.left.drain(at: start)
        #expect(hello.count == 1 && !ends.left.isOpen)
        #expect(ends.right.take(hello[0], at: start).outcome == .greeting)
        #expect(ends.right.events == [.opened(identity(1).incarnation)])
        let taken = ends.settle(at: start)
        #expect(taken.right == [7])
        #expect(ends.left.outstanding == 0)
        #expect(ends.left.events == [.opened(identity(2).incarnation)])
        #expect(ends.right.peer == identity(1))
    }

    @Test func `both ends may greet at once`() {
        let ends = Ends(strangers: ChannelSettings())
        ends.left.enqueue(1)
        ends.right.enqueue(2)
        let (first, second) = (ends.left.drain(at: start), ends.right.drain(at: start))
        #expect(ends.left.take(second[0], at: start).outcome == .greeting)
        #expect(ends.right.take(first[0], at: start).outcome == .greeting)
        let taken = ends.settle(at: start)
        #expect(taken.right == [1] && taken.left == [2])
    }

    @Test func `an unanswered hello is repeated, ever more seldom`() {
        let ends = Ends(strangers: ChannelSettings())
        ends.left.open()
        var sent: [UInt64] = []
        for millisecond in 0..<4000 {
            let now = start + UInt64(millisecond) * 1_000_000
            ends.left.tick(now)
            if !ends.left.drain(at: now).isEmpty { sent.append(UInt64(millisecond)) }
        }
        #expect(sent == [0, 5, 15, 35, 75, 155, 315, 635, 1275, 2275, 3275])
    }

    @Test func `a turn's messages leave in one batch, and those beyond it in a second`() {
        let ends = Ends(at: start)
        for index in 0..<30 { ends.left.enqueue(index) }
        let batches = ends.left.drain(at: start)
        #expect(batches.count == 2)
        #expect(batches.allSatisfy { $0.count <= 1472 })
        let taken = batches.flatMap { ends.right.take($0, at: start).values }
        #expect(taken == Array(0..<30))
        let answer = ends.right.drain(at: start)
        #expect(answer.count == 1 && answer[0].count == BatchHeader.byteCount)
        #expect(ends.left.take(answer[0], at: start).outcome == .acknowledgement)
        #expect(ends.left.outstanding == 0)
    }

    @Test func `a batch carries the acknowledgement, and then none goes alone`() {
        let ends = Ends(at: start)
        ends.left.enqueue(1)
        ends.right.take(ends.left.drain(at: start)[0], at: start)
        ends.right.enqueue(2)
        let answers = ends.right.drain(at: start)
        #expect(answers.count == 1)
        #expect(ends.left.take(answers[0], at: start).values == [2])
        #expect(ends.left.outstanding == 0)
    }

    // RFC 6298 §2.
    @Test func `a lost batch is sent again as the bytes first sent`() {
        let ends = Ends(at: start)
        ends.left.enqueue(1)
        let first = ends.left.drain(at: start)
        #expect(ends.left.drain(at: start).isEmpty)
        let late = ends.left.wakeAt ?? start
        #expect(late > start)
        ends.left.tick(late)
        let second = ends.left.drain(at: late)
        #expect(second == first)
        #expect(ends.right.take(second[0], at: late).values == [1])
        #expect(ends.left.counters.batchesResent == 1)
    }

    @Test func `a copy is refused as replayed, and acknowledged again`() {
        let ends = Ends(at: start)
        ends.left.enqueue(1)
        let batch = ends.left.drain(at: start)[0]
        ends.right.take(batch, at: start)
        #expect(ends.right.drain(at: start).count == 1)
        #expect(ends.right.refusal(batch, at: start) == BatchRefusal(.replayed))
        #expect(ends.right.drain(at: start).count == 1)
        #expect(ends.right.counters.refused(.replayed) == 1)
    }

    @Test func `a gap is told at once, and answered before the timer runs out`() {
        let ends = Ends(at: start)
        var batches: [[UInt8]] = []
        for index in 0..<3 {
            ends.left.enqueue(index)
            batches += ends.left.drain(at: start)
        }
        #expect(ends.right.refusal(batches[2], at: start) == BatchRefusal(.outOfOrder))
        #expect(ends.right.take(batches[0], at: start).values == [0])
        let told = ends.right.drain(at: start)
        let later = start + 2_000_000
        ends.left.take(told[0], at: later)
        let again = ends.left.drain(at: later)
        #expect(again == [batches[1], batches[2]])
        #expect(again.flatMap { ends.right.take($0, at: later).values } == [1, 2])
    }

    @Test func `a full window refuses by name, and takes again when it moves`() {
        let ends = Ends(ChannelSettings(windowBatches: 2), at: start)
        var accepted = 0
        while accepted < 1000, ends.left.enqueue(accepted) {
            accepted += 1
            if accepted == 5 { _ = ends.left.drain(at: start) }
        }
        // 5 in the first batch, and as many in the second as fit.
        #expect(accepted == 5 + (1472 - 96 - 16) / 52)
        #expect(ends.left.counters.channelFull == 1)
        let later = start + 1_000_000_000
        ends.left.tick(later)
        let taken = ends.settle(at: later)
        #expect(taken.right == Array(0..<accepted))
        #expect(ends.left.enqueue(0))
    }

    @Test func `a silent peer is asked ever more seldom, in the end with single batches`() {
        let ends = Ends(at: start)
        for index in 0..<4 {
            ends.left.enqueue(index)
            _ = ends.left.drain(at: start)
        }
        var counts: [Int] = []
        var now = start
        for _ in 0..<12 {
            guard let wake = ends.left.wakeAt else { break }
            #expect(wake - now <= 200_000_000)
            now = wake
            ends.left.tick(now)
            counts.append(ends.left.drain(at: now).count)
        }
        #expect(counts == [4, 4, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1])
        ends.left.tick(now + 200_000_000)
        #expect(ends.settle(at: now + 200_000_000).right == [0, 1, 2, 3])
    }
}
