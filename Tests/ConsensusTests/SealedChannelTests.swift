// A channel under a sealer that changes bytes: what is sealed opens at the other end, also when it
// was sent again, and nothing else does.

import Testing
import Wire

@testable import Consensus

private let start = Tick.seconds(100)

/// Adds a key to every byte of the contents, and a sum over header and contents. Good against
/// accidents only.
private struct ToySealer: BatchSealer {
    let key: UInt8
    var lastSealed: UInt64 = 0
    var overheadBytes: Int { 16 }

    private func sum(_ bytes: borrowing MutableRawSpan, _ length: Int, _ number: UInt64) -> UInt64 {
        var sum = number &+ UInt64(key)
        for offset in 0..<length { sum = sum &* 31 &+ UInt64(bytes.uint8(at: offset)) }
        return sum
    }

    mutating func seal(
        _ batch: inout MutableRawSpan, headerBytes: Int, length: Int, number: UInt64
    ) {
        precondition(number > lastSealed, "a number seals one batch")
        lastSealed = number
        for offset in headerBytes..<length {
            batch.store(batch.uint8(at: offset) &+ key, at: offset)
        }
        batch.store(bigEndian: sum(batch, length, number), at: length)
        batch.store(bigEndian: 0 as UInt64, at: length + 8)
    }

    mutating func open(
        _ batch: inout MutableRawSpan, headerBytes: Int, length: Int, number: UInt64
    ) -> Bool {
        guard batch.bigEndianUInt64(at: length) == sum(batch, length, number) else { return false }
        for offset in headerBytes..<length {
            batch.store(batch.uint8(at: offset) &- key, at: offset)
        }
        return true
    }
}

/// One end, held by reference.
private final class SealedEnd {
    var channel: Channel<ToySealer>

    init(_ own: ChannelIdentity, to peer: ChannelIdentity) {
        // Both ends derive the same key from both nonces.
        channel = Channel(own: own, peer: peer.address) { own, peer in
            ToySealer(
                key: UInt8(truncatingIfNeeded: own.greeting.nonce &+ peer.greeting.nonce))
        }
    }

    func enqueue(_ value: Int) { _ = channel.enqueue(message(value)) }
    func tick(_ now: Tick) { channel.tick(now) }

    func drain(at now: Tick) -> [[UInt8]] {
        var sent: [[UInt8]] = []
        var buffer = [UInt8](repeating: 0, count: 1472)
        while true {
            var span = buffer.mutableRawSpan
            guard let length = channel.poll(at: now, into: &span) else { return sent }
            sent.append(Array(buffer[..<length]))
        }
    }

    func take(_ datagram: [UInt8], at now: Tick) -> (outcome: BatchOutcome, contents: [UInt8]) {
        var bytes = datagram
        var span = bytes.mutableRawSpan
        let outcome = channel.handle(&span, at: now)
        guard case .messages(let range) = outcome else { return (outcome, []) }
        return (outcome, Array(bytes[range]))
    }
}

struct SealedChannelTests {
    @Test func `what is sealed opens at the other end, once, and only unharmed`() throws {
        let left = SealedEnd(identity(1), to: identity(2))
        let right = SealedEnd(identity(2), to: identity(1))
        left.enqueue(1)
        for datagram in left.drain(at: start) { _ = right.take(datagram, at: start) }
        for datagram in right.drain(at: start) { _ = left.take(datagram, at: start) }
        let first = left.drain(at: start)
        let late = start + 1_000_000_000
        left.tick(late)
        let again = left.drain(at: late)
        #expect(first.count == 1 && again == first)
        for offset in BatchHeader.byteCount..<again[0].count - 8 {
            var damaged = again[0]
            damaged[offset] ^= 1
            #expect(right.take(damaged, at: late).outcome == .refused(BatchRefusal(.forged)))
        }
        let contents = right.take(again[0], at: late).contents
        #expect(try PeerMessage.parse(contents.rawSpan, at: 0).message == message(1))
        #expect(right.take(again[0], at: late).outcome == .refused(BatchRefusal(.replayed)))
        let answer = right.drain(at: late)
        #expect(left.take(answer[0], at: late).outcome == .acknowledgement)
        #expect(left.channel.outstandingBatches == 0)
    }
}
