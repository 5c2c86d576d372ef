// Two releases in one cluster: what a newer one adds to header, greeting and contents is skipped by an
// older one under the seal, and what can't be understood is refused by its name.

import Testing
import Wire

@testable import Consensus
@testable import Sealing

/// A node of this release, and a newer one that is written by hand.
private final class Releases {
    let now = Tick.seconds(5)
    private let newer: ChannelIdentity
    private let identity: ChannelIdentity
    private var channel: Channel<ChannelSealer>
    private var sealer: ChannelSealer
    private var number: UInt64 = 0
    private let keys = ChannelKeys(current: ChannelFixture.epochKey(1, fill: 9))

    init() {
        func identity(_ node: UInt64) -> ChannelIdentity {
            ChannelIdentity(
                address: EngineAddress(node: NodeID(rawValue: node), engine: 0),
                incarnation: Incarnation(counter: 1, random: node),
                greeting: Greeting(nonce: 7 * node, engineCount: 1))
        }
        self.identity = identity(1)
        newer = identity(2)
        channel = Channel(own: self.identity, peer: newer.address, keys: keys) {
            ChannelSealer(own: ChannelEnd($0), peer: ChannelEnd($1))
        }
        sealer = ChannelSealer(
            own: ChannelEnd(newer), peer: ChannelEnd(self.identity), key: keys.current)
    }

    private func header(_ kind: BatchKind, headerBytes: Int, totalBytes: Int) -> BatchHeader {
        var header = BatchHeader(
            kind: kind, totalBytes: totalBytes, keyEpoch: 1, sender: newer.address,
            receiver: identity.address, senderIncarnation: newer.incarnation,
            receiverIncarnation: identity.incarnation, number: 0)
        header.headerBytes = headerBytes
        header.newestEpoch = 1
        return header
    }

    func take(_ datagram: [UInt8]) -> (outcome: BatchOutcome, contents: [UInt8]) {
        var bytes = datagram
        var span = bytes.mutableRawSpan
        let outcome = channel.handle(&span, at: now)
        _ = channel.pollEvent()
        guard case .messages(let range) = outcome else { return (outcome, []) }
        return (outcome, Array(bytes[range]))
    }

    /// A hello with `more` bytes after what this release knows.
    func hello(more: Int) -> [UInt8] {
        let length =
            BatchHeader.byteCount + Greeting.byteCount + more + GreetingSignature.byteCount
        var bytes = [UInt8](repeating: 0xAB, count: length)
        var span = bytes.mutableRawSpan
        header(.hello, headerBytes: BatchHeader.byteCount, totalBytes: length).write(to: &span)
        newer.greeting.write(to: &span, at: BatchHeader.byteCount)
        keys.sign(&span, length: length)
        return bytes
    }

    /// A sealed batch of the stream with a header of `headerBytes`, filled with what nobody here knows.
    func batch(_ contents: [UInt8], headerBytes: Int = BatchHeader.byteCount) -> [UInt8] {
        number += 1
        let length = headerBytes + contents.count
        var bytes = [UInt8](repeating: 0, count: length + sealer.overheadBytes)
        bytes.replaceSubrange(headerBytes..<length, with: contents)
        var header = header(.messages, headerBytes: headerBytes, totalBytes: bytes.count)
        header.number = number
        header.sequence = number
        var span = bytes.mutableRawSpan
        header.write(to: &span)
        for offset in BatchHeader.byteCount..<headerBytes { span.store(0xCD as UInt8, at: offset) }
        sealer.seal(&span, headerBytes: headerBytes, length: length, number: number)
        return bytes
    }

    func refusals(_ reason: BatchRefusal) -> UInt64 { channel.counters.refused(reason) }
}

private let known = LoanClosed(
    id: LoanID(
        group: 1, bucket: BucketIndex(3),
        ballot: Ballot(generation: 1, number: 1, proposer: NodeID(rawValue: 2)), term: 1, counter: 9
    ),
    use: .used)

/// A message of this release's, whose body a later release has made longer by `more` bytes.
private func message(more: Int) -> [UInt8] {
    let message = PeerMessage.loanClosed(known)
    let length = message.byteCount + more
    var bytes = [UInt8](repeating: 0xEF, count: length)
    var span = bytes.mutableRawSpan
    message.write(to: &span, at: 0)
    span.store(bigEndian: UInt16(length - PeerMessage.headBytes), at: 2)
    return bytes
}

/// A message of a type that this release doesn't know.
private func unknown(_ type: UInt8) -> [UInt8] { [type, 0, 0, 5, 1, 2, 3, 4, 5] }

struct ReleaseTests {
    @Test func `a newer release's longer greeting, header and message are understood`() throws {
        let releases = Releases()
        #expect(releases.take(releases.hello(more: 24)).outcome == .greeting)
        for headerBytes in [BatchHeader.byteCount, 100, 128, 1020] {
            for more in [0, 1, 40] {
                let sealed = releases.batch(message(more: more), headerBytes: headerBytes)
                let contents = releases.take(sealed).contents
                let (taken, next) = try PeerMessage.parse(contents.rawSpan, at: 0)
                #expect(taken == .loanClosed(known) && next == contents.count)
            }
        }
    }

    @Test func `a longer header is under the seal, too`() {
        let releases = Releases()
        _ = releases.take(releases.hello(more: 0))
        var sealed = releases.batch(message(more: 0), headerBytes: 128)
        sealed[120] ^= 1
        #expect(releases.take(sealed).outcome == .refused(BatchRefusal(.forged)))
    }

    @Test func `a message of an unknown type is skipped, or refuses its batch`() {
        let releases = Releases()
        _ = releases.take(releases.hello(more: 0))
        let skipped = releases.take(
            releases.batch(unknown(PeerMessageType.optionalBit | 0x7E) + message(more: 0)))
        #expect(skipped.contents.count > 9)
        let refused = BatchRefusal(PeerMessageError.unknownType)
        #expect(releases.take(releases.batch(unknown(0x7E))).outcome == .refused(refused))
        #expect(refused.description == "message.unknownType" && releases.refusals(refused) == 1)
    }

    @Test func `another version of the whole batch is refused by its name`() {
        let releases = Releases()
        _ = releases.take(releases.hello(more: 0))
        var sealed = releases.batch(message(more: 0))
        sealed[4] = BatchHeader.version + 1
        let refused = BatchRefusal(BatchError.unknownVersion)
        #expect(releases.take(sealed).outcome == .refused(refused))
        #expect(refused.description == "batch.unknownVersion" && releases.refusals(refused) == 1)
    }
}
