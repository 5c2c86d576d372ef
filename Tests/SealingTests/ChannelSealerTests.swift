// Batches of a channel: what one end seals the other opens, and nobody and nothing else.

import Testing
import Wire

@testable import Sealing

struct ChannelSealerTests {
    private let ends = ChannelFixture()
    private let contents = Array("a decision and its way".utf8)

    private func leftSealer(_ key: EpochKey? = nil) -> ChannelSealer {
        ChannelSealer(own: ends.left, peer: ends.right, key: key ?? ends.key)
    }

    private func rightSealer(_ key: EpochKey? = nil) -> ChannelSealer {
        ChannelSealer(own: ends.right, peer: ends.left, key: key ?? ends.key)
    }

    private func sealed(_ number: UInt64 = 1, epoch: UInt32 = 1) -> [UInt8] {
        var sealer = leftSealer(ends.epoch(epoch))
        var batch = ends.batch(contents, number: number, epoch: epoch)
        sealer.seal(&batch, number: number)
        return batch
    }

    @Test func `the other end opens what one sealed, batch after batch`() {
        var left = leftSealer()
        var right = rightSealer()
        for number in 1...100 as ClosedRange<UInt64> {
            let contents = Array(repeating: UInt8(number), count: Int(number) * 7 % 50)
            var batch = ends.batch(contents, number: number)
            left.seal(&batch, number: number)
            #expect(right.open(batch) == contents)
        }
    }

    @Test func `the contents are hidden and the header is not`() throws {
        let batch = sealed()
        let header = try BatchHeader.parse(batch.rawSpan)
        #expect(header.number == 1 && header.sender == ends.left.address)
        #expect(Array(batch[88..<110]) != contents)
    }

    @Test func `one changed bit anywhere is refused`() {
        let batch = sealed()
        var right = rightSealer()
        for bit in 0..<batch.count * 8 {
            var forged = batch
            forged[bit / 8] ^= 1 << UInt8(bit % 8)
            let opened = right.open(forged)
            #expect(opened == nil, "bit \(bit)")
        }
        #expect(right.open(batch) == contents)
    }

    @Test func `a batch cut short or made longer is refused`() {
        let batch = sealed()
        var right = rightSealer()
        for count in [0, 15, 87, 88, 103, batch.count - 1] {
            var bytes = Array(batch.prefix(count))
            let length = count - 16
            var span = bytes.mutableRawSpan
            let isGood = right.open(&span, headerBytes: 88, length: length, number: 1)
            #expect(!isGood, "\(count) bytes")
        }
        var longer = batch + [0]
        let length = batch.count + 1 - 16
        var span = longer.mutableRawSpan
        let isGood = right.open(&span, headerBytes: 88, length: length, number: 1)
        #expect(!isGood)
    }

    @Test func `a batch replayed under another number is refused`() {
        var right = rightSealer()
        for number in [0, 2, 3, UInt64.max] {
            var replayed = sealed()
            var span = replayed.mutableRawSpan
            span.store(bigEndian: number, at: 72)
            #expect(right.open(replayed) == nil)
        }
    }

    @Test func `a batch sent back to its sender is refused`() {
        var left = leftSealer()
        #expect(left.open(sealed()) == nil)
    }

    @Test func `a foreign secret, engine or incarnation is refused`() {
        let batch = sealed()
        var stranger = rightSealer(ChannelFixture.epochKey(1, fill: 0x5B))
        #expect(stranger.open(batch) == nil)
        var restarted = ends.right
        restarted.incarnation.counter += 1
        var later = ChannelSealer(own: restarted, peer: ends.left, key: ends.key)
        #expect(later.open(batch) == nil)
        var neighbour = ends.right
        neighbour.address.engine += 1
        var other = ChannelSealer(own: neighbour, peer: ends.left, key: ends.key)
        #expect(other.open(batch) == nil)
    }

    @Test func `the current epoch and the one before are opened, older and unknown ones not`() {
        var right = rightSealer()
        right.adopt(ChannelKeys(current: ends.epoch(2)))
        #expect(right.open(sealed(epoch: 1)) == contents)
        #expect(right.open(sealed(epoch: 2)) == contents)
        #expect(right.open(sealed(epoch: 3)) == nil)
        right.adopt(ChannelKeys(current: ends.epoch(3)))
        #expect(right.open(sealed(epoch: 1)) == nil)
        #expect(right.open(sealed(epoch: 2)) == contents)
        right.adopt(ChannelKeys(current: ends.epoch(2)))
        #expect(right.newestEpoch == 3 && right.epoch == 2)
    }

    @Test func `a new epoch goes on with the numbering`() {
        var left = leftSealer()
        var right = rightSealer()
        var batch = ends.batch(contents, number: 1)
        left.seal(&batch, number: 1)
        left.adopt(ChannelKeys(current: ends.epoch(2)))
        right.adopt(ChannelKeys(current: ends.epoch(2)))
        var next = ends.batch(contents, number: 2, epoch: 2)
        left.seal(&next, number: 2)
        #expect(right.open(next) == contents)
        #expect(right.open(batch) == contents)
    }

    @Test func `a batch is sealed in the newest epoch that the peer has said it holds`() {
        var left = leftSealer()
        var right = rightSealer()
        // The peer's greeting told of epoch 1.
        left.adopt(ChannelKeys(current: ends.epoch(2), previous: ends.key), peerEpoch: 1)
        #expect(left.epoch == 1 && left.newestEpoch == 2)
        var batch = ends.batch(contents, number: 1, epoch: 1, newest: 2)
        left.seal(&batch, number: 1)
        #expect(right.open(batch) == contents)
        right.adopt(ChannelKeys(current: ends.epoch(2), previous: ends.key))
        // It knows from that batch that the other end has the new key.
        #expect(right.epoch == 2)
        var answer = ends.batch(contents, number: 1, epoch: 2, newest: 2)
        right.seal(&answer, number: 1)
        #expect(left.open(answer) == contents)
        #expect(left.epoch == 2)
        var next = ends.batch(contents, number: 2, epoch: 2, newest: 2)
        left.seal(&next, number: 2)
        #expect(right.open(next) == contents)
    }

    @Test func `a box seals and opens as what is in it`() {
        let box = SealerBox(leftSealer())
        #expect(box.overheadBytes == 16 && box.epoch == 1 && box.newestEpoch == 1)
        var batch = ends.batch(contents, number: 1)
        let length = batch.count - box.overheadBytes
        var span = batch.mutableRawSpan
        box.seal(&span, headerBytes: BatchHeader.byteCount, length: length, number: 1)
        var right = rightSealer()
        #expect(right.open(batch) == contents)
        box.adopt(ChannelKeys(current: ends.epoch(2), previous: ends.key), peerEpoch: nil)
        #expect(box.newestEpoch == 2)
    }

    @Test func `no number seals two batches`() async {
        await #expect(processExitsWith: .failure) {
            let ends = ChannelFixture()
            var sealer = ChannelSealer(own: ends.left, peer: ends.right, key: ends.key)
            for _ in 0..<2 {
                var batch = ends.batch([1], number: 4)
                sealer.seal(&batch, number: 4)
            }
        }
    }
}
