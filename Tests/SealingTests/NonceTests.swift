// No key seals two plaintexts under one nonce, however often nodes restart, batches are sent again and
// keys are changed: with AES-GCM one such pair would give both plaintexts away, and the power to forge.
// NIST SP 800-38D §8: the nonce is unique for a key.

import Consensus
import Testing
import Wire

@testable import Sealing

/// Two nodes, a network that loses a third of everything, and an operator who changes keys.
private struct Lives {
    var random: SplitMix
    let book = SealingBook()
    let left: RestartingEnd
    let right: RestartingEnd
    var keys: ChannelKeys
    var now = Tick.seconds(1)
    private var starts: (left: UInt64, right: UInt64) = (1, 1)

    init(seed: UInt64) {
        random = SplitMix(state: seed)
        keys = ChannelKeys(current: random.secret(1))
        let first = Self.identity(1, start: 1, &random)
        let second = Self.identity(2, start: 1, &random)
        left = RestartingEnd(first, to: second.address, keys, book)
        right = RestartingEnd(second, to: first.address, keys, book)
    }

    static func identity(
        _ node: UInt64, start: UInt64, _ random: inout SplitMix
    ) -> ChannelIdentity {
        ChannelIdentity(
            address: EngineAddress(node: NodeID(rawValue: node), engine: 0),
            incarnation: Incarnation(counter: start, random: random.next()),
            greeting: Greeting(nonce: random.next(), engineCount: 1))
    }

    /// The left node starts anew: its disk has raised the counter, but for a disk that was put back.
    mutating func restartLeft(diskPutBack: Bool) {
        if !diskPutBack { starts.left += 1 }
        left.restart(as: Self.identity(1, start: starts.left, &random), keys)
    }

    mutating func restartRight() {
        starts.right += 1
        right.restart(as: Self.identity(2, start: starts.right, &random), keys)
    }

    /// One end has the new keys at once, the other some turns later.
    mutating func rotate() {
        let next = random.secret(keys.current.epoch + 1)
        keys = ChannelKeys(current: next, previous: keys.current)
        for end in [left, right].shuffled(using: &random) {
            end.adopt(keys)
            for _ in 0..<6 { turn() }
        }
    }

    /// Both have something to say; a third of what they send is lost, some of it comes twice.
    mutating func turn(losing: Bool = true) {
        now = now + 1_000_000
        if random.next() % 2 == 0 { left.say(random.next()) }
        if random.next() % 2 == 0 { right.say(random.next()) }
        for (from, to) in [(left, right), (right, left)] {
            for datagram in from.drain(at: now) {
                if losing, random.next() % 3 == 0 { continue }
                to.take(datagram, at: now)
                if random.next() % 5 == 0 { to.take(datagram, at: now) }
            }
        }
    }

    /// Until nothing is on the way any more. False if that takes too long.
    mutating func settle() -> Bool {
        for _ in 0..<5_000 {
            now = now + 1_000_000
            for (from, to) in [(left, right), (right, left)] {
                for datagram in from.drain(at: now) { to.take(datagram, at: now) }
            }
            if left.isOpen, right.isOpen, left.outstanding == 0, right.outstanding == 0 {
                return true
            }
        }
        return false
    }
}

extension SplitMix {
    fileprivate mutating func secret(_ epoch: UInt32) -> EpochKey {
        EpochKey(
            epoch: epoch,
            bytes: (0..<EpochKey.byteCount).map { _ in UInt8(truncatingIfNeeded: next()) })!
    }
}

/// Steele, Lea, Flood: Fast splittable pseudorandom number generators.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }
}

struct NonceTests {
    @Test func `a thousand restarts, with resends and new keys, use no nonce twice`() {
        var lives = Lives(seed: 20)
        var resent: UInt64 = 0
        for restart in 1...1_000 {
            for _ in 0..<12 { lives.turn() }
            if restart % 9 == 0 { lives.rotate() }
            resent += lives.left.counters.batchesResent
            lives.restartLeft(diskPutBack: restart % 50 == 0)
            if restart % 7 == 0 { lives.restartRight() }
        }
        lives.restartLeft(diskPutBack: false)
        let isSettled = lives.settle()
        #expect(isSettled)
        #expect(lives.book.reuses == 0)
        // It was no idle run.
        #expect(resent > 1_000)
        #expect(lives.book.sealed > 5_000)
        #expect(lives.book.keys.count > 1_500)
        #expect(lives.left.taken + lives.right.taken > 2_000)
        #expect(lives.keys.current.epoch == 112)
    }

    @Test func `keys that change under way lose nothing and are taken up by both ends`() {
        var lives = Lives(seed: 21)
        var isSettled = lives.settle()
        #expect(isSettled)
        for epoch in 2...20 as ClosedRange<UInt32> {
            lives.rotate()
            for _ in 0..<20 { lives.turn(losing: false) }
            isSettled = lives.settle()
            #expect(isSettled)
            #expect(lives.keys.current.epoch == epoch)
        }
        for end in [lives.left, lives.right] {
            #expect(end.counters.refused(.forged) == 0)
            #expect(end.counters.restarts == 0)
            #expect(end.counters.channelFull == 0)
        }
        #expect(lives.book.reuses == 0)
        // Two directions in twenty epochs.
        #expect(lives.book.keys.count == 40)
    }

    @Test func `a greeting is believed under a key that both have, and under no other`() {
        var random = SplitMix(state: 23)
        let secrets = (1...4).map { random.secret($0) }
        /// Whether a node with the epochs `one` is let in by a node with the epochs `other`.
        func meet(_ one: [UInt32], _ other: [UInt32], harm: Int? = nil) -> Bool {
            func keys(_ epochs: [UInt32]) -> ChannelKeys {
                ChannelKeys(
                    current: secrets[Int(epochs[0]) - 1],
                    previous: epochs.count > 1 ? secrets[Int(epochs[1]) - 1] : nil)
            }
            let book = SealingBook()
            let first = Lives.identity(1, start: 1, &random)
            let second = Lives.identity(2, start: 1, &random)
            let left = RestartingEnd(first, to: second.address, keys(one), book)
            let right = RestartingEnd(second, to: first.address, keys(other), book)
            for var datagram in left.drain(at: .seconds(1)) {
                if let harm { datagram[harm] ^= 1 }
                right.take(datagram, at: .seconds(1))
            }
            #expect(right.isOpen || right.counters.refused(.forged) == 1 || harm != nil)
            return right.isOpen
        }
        #expect(meet([1], [1]) && meet([2, 1], [1]) && meet([1], [2, 1]))
        #expect(meet([3, 2], [2, 1]) && meet([2, 1], [3, 2]))
        #expect(!meet([2], [1]) && !meet([4, 3], [2, 1]) && !meet([1], [3, 2]))
        // Header, greeting and signature, one bit at a time.
        let length = BatchHeader.byteCount + Greeting.byteCount + 16
        for index in 0..<length - 8 { #expect(!meet([1], [1], harm: index), "byte \(index)") }
    }

    @Test func `a node that came back as the same start would be seen to use nonces twice`() {
        var lives = Lives(seed: 22)
        let same = lives.left.identity
        for _ in 0..<3 {
            for _ in 0..<30 { lives.turn() }
            // Neither counter nor random number nor nonce is new: what the rules forbid.
            lives.left.restart(as: same, lives.keys)
        }
        #expect(lives.book.reuses > 0)
    }
}
