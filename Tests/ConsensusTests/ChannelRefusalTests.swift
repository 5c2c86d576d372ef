// What a channel refuses, by which name, and what a new start of the peer does to a stream.

import Testing
import Wire

@testable import Consensus

private let start = Tick.seconds(100)

struct ChannelRefusalTests {
    /// A batch from left to right with one change to it.
    private func changed(
        _ ends: Ends, _ change: (inout MutableRawSpan) -> Void
    ) -> BatchRefusal? {
        ends.left.enqueue(1)
        var batch = ends.left.drain(at: start)[0]
        var span = batch.mutableRawSpan
        change(&span)
        return ends.right.refusal(batch, at: start)
    }

    @Test func `torn and lengthened batches are refused, and nothing of them is taken`() {
        let ends = Ends(at: start)
        ends.left.enqueue(1)
        let batch = ends.left.drain(at: start)[0]
        for count in 0..<batch.count {
            let expected: BatchError = count < BatchHeader.byteCount ? .tooShort : .badTotalLength
            let reason = ends.right.refusal(Array(batch[..<count]), at: start)
            #expect(reason == BatchRefusal(expected), "\(count) bytes")
        }
        let longer = ends.right.refusal(batch + [0], at: start)
        #expect(longer == BatchRefusal(BatchError.badTotalLength))
        #expect(ends.right.take(batch, at: start).values == [1])
    }

    @Test func `contents that messages don't fill are refused whole and not acknowledged`() {
        let length = changed(Ends(at: start)) { $0.store(bigEndian: 400 as UInt16, at: 98) }
        #expect(length == BatchRefusal(PeerMessageError.truncated))
        let ends = Ends(at: start)
        let type = changed(ends) { $0.store(0x7F as UInt8, at: 96) }
        #expect(type == BatchRefusal(PeerMessageError.unknownType))
        #expect(ends.right.drain(at: start).isEmpty)
        let value = changed(Ends(at: start)) { $0.store(9 as UInt8, at: 96 + 4 + 44) }
        #expect(value == BatchRefusal(PeerMessageError.badValue))
    }

    @Test func `a message that may be skipped is skipped`() {
        let ends = Ends(at: start)
        ends.left.enqueue(1)
        ends.left.enqueue(2)
        var batch = ends.left.drain(at: start)[0]
        batch[96] = 0xFE
        #expect(ends.right.take(batch, at: start).values == [2])
    }

    @Test func `batches of other engines, for other engines, are foreign`() {
        let other = changed(Ends(at: start)) { $0.store(bigEndian: 3 as UInt16, at: 12) }
        #expect(other == BatchRefusal(.foreign))
        let sender = changed(Ends(at: start)) { $0.store(bigEndian: 9 as UInt64, at: 16) }
        #expect(sender == BatchRefusal(.foreign))
    }

    @Test func `an acknowledgement of what was never sent is refused`() {
        let ends = Ends(at: start)
        let reason = changed(ends) { $0.store(bigEndian: 5 as UInt64, at: 88) }
        #expect(reason == BatchRefusal(.badAcknowledgement))
    }

    @Test func `messages outside of the stream are refused`() {
        let reason = changed(Ends(at: start)) { $0.store(bigEndian: 0 as UInt64, at: 80) }
        #expect(reason == BatchRefusal(.contentsOutsideStream))
    }

    @Test func `a batch whose seal doesn't open is forged`() {
        let ends = Ends(at: start)
        let right = MarkedEnd(identity(2), peer: identity(1))
        right.greet(ends.left, at: start)
        ends.left.enqueue(1)
        let batch = ends.left.drain(at: start)[0]
        #expect(right.take(batch, at: start) == .refused(BatchRefusal(.forged)))
    }

    @Test func `a new start of the peer ends the stream and is told`() {
        let ends = Ends(at: start)
        ends.left.enqueue(1)
        let lost = ends.left.drain(at: start)
        #expect(lost.count == 1)
        let reborn = End(identity(2, start: 2), to: identity(1))
        // What was sent to the start before is not for this one: it greets.
        #expect(reborn.refusal(lost[0], at: start) == BatchRefusal(.foreignIncarnation))
        let hello = reborn.drain(at: start)
        #expect(hello.count == 1)
        ends.left.take(hello[0], at: start)
        #expect(
            ends.left.events.last
                == .restarted(
                    from: identity(2).incarnation, to: identity(2, start: 2).incarnation))
        #expect(ends.left.outstanding == 0)
        #expect(ends.left.counters.batchesLostWithStream == 1)
        ends.left.enqueue(2)
        let taken = Ends(left: ends.left, right: reborn).settle(at: start)
        #expect(taken.right == [2])
    }

    @Test func `batches and greetings of an earlier start are stale`() {
        let ends = Ends(at: start)
        ends.right.enqueue(1)
        let old = ends.right.drain(at: start)[0]
        let earlier = End(identity(2), to: identity(1))
        earlier.open()
        let oldHello = earlier.drain(at: start)[0]
        let reborn = End(identity(2, start: 2), to: identity(1))
        reborn.open()
        ends.left.take(reborn.drain(at: start)[0], at: start)
        #expect(ends.left.refusal(old, at: start) == BatchRefusal(.staleIncarnation))
        #expect(ends.left.refusal(oldHello, at: start) == BatchRefusal(.staleIncarnation))
        #expect(ends.left.peer == identity(2, start: 2))
    }

    @Test func `two starts with one counter conflict`() {
        let ends = Ends(at: start)
        var twin = identity(2)
        twin.incarnation.random = 4
        let other = End(twin, to: identity(1))
        other.open()
        let hello = other.drain(at: start)[0]
        #expect(ends.left.refusal(hello, at: start) == BatchRefusal(.conflictingIncarnation))
    }

    @Test func `every refusal has a name of its own`() {
        let names = BatchRefusal.all.map(\.description)
        #expect(Set(names).count == names.count)
        #expect(BatchRefusal.all.allSatisfy { Int($0.rawValue) < BatchRefusal.count })
        #expect(names.contains("channel.replayed"))
    }
}

/// Opens nothing.
struct ClosedSealer: BatchSealer {
    var overheadBytes: Int { 16 }
    mutating func seal(
        _ batch: inout MutableRawSpan, headerBytes: Int, length: Int, number: UInt64
    ) {}
    mutating func open(
        _ batch: inout MutableRawSpan, headerBytes: Int, length: Int, number: UInt64
    ) -> Bool { false }
}

/// An end that opens nothing.
final class MarkedEnd {
    var channel: Channel<ClosedSealer>

    init(_ own: ChannelIdentity, peer: ChannelIdentity) {
        channel = Channel(own: own, peer: peer.address) { _, _ in ClosedSealer() }
    }

    func greet(_ other: End, at now: Tick) {
        other.open()
        var hello = [UInt8](repeating: 0, count: 1472)
        var span = hello.mutableRawSpan
        channel.open()
        guard let length = channel.poll(at: now, into: &span) else { return }
        other.take(Array(hello[..<length]), at: now)
        for datagram in other.drain(at: now) { _ = take(datagram, at: now) }
    }

    func take(_ datagram: [UInt8], at now: Tick) -> BatchOutcome {
        var bytes = datagram
        var span = bytes.mutableRawSpan
        return channel.handle(&span, at: now)
    }
}
