// Batches that hold a transfer leave compressed, and are what they were when they have come. DESIGN part 5,
// rule 10.

import Testing
import Wire

@testable import Consensus
@testable import Sealing

private let start = Tick.seconds(5)
private let keys = ChannelKeys(current: ChannelFixture.epochKey(1, fill: 9))
private let ballot = Ballot(generation: 1, number: 4, proposer: NodeID(rawValue: 1))
private let context = EntriesContext(group: 7, ballot: ballot, term: 1, version: 3)

private func identity(_ node: UInt64) -> ChannelIdentity {
    ChannelIdentity(
        address: EngineAddress(node: NodeID(rawValue: node), engine: 0),
        incarnation: Incarnation(counter: 1, random: node),
        greeting: Greeting(nonce: 7 * node, engineCount: 1))
}

/// One end of a sealed channel, held by reference.
private final class End {
    var channel: Channel<ChannelSealer>
    /// The contents of what came, in order.
    private(set) var taken: [[UInt8]] = []

    init(_ own: UInt64, to peer: UInt64) {
        channel = Channel(own: identity(own), peer: identity(peer).address, keys: keys) {
            ChannelSealer(own: ChannelEnd($0), peer: ChannelEnd($1))
        }
        channel.open()
    }

    var counters: ChannelCounters { channel.counters }

    func append(_ kind: EntryKind, _ body: [UInt8]) {
        let head = EntryHead(kind: kind, flags: 0, bucket: BucketIndex(2), sequence: 9)
        guard channel.append(context, head, body.rawSpan) else { preconditionFailure("no room") }
    }

    func drain(changing change: (inout BatchHeader) -> Void = { _ in }) -> [[UInt8]] {
        var datagrams: [[UInt8]] = []
        var buffer = [UInt8](repeating: 0, count: ChannelSettings.datagramBytes)
        while true {
            var span = buffer.mutableRawSpan
            guard let length = channel.poll(at: start, into: &span) else { return datagrams }
            var datagram = Array(buffer[..<length])
            if var header = try? BatchHeader.parse(datagram.rawSpan), header.kind != .messages {
                change(&header)
                var span = datagram.mutableRawSpan
                header.write(to: &span)
                keys.sign(&span, length: length)
            }
            datagrams.append(datagram)
        }
    }

    @discardableResult
    func take(_ datagram: [UInt8]) -> BatchOutcome {
        var bytes = datagram
        var span = bytes.mutableRawSpan
        let outcome = channel.handle(&span, at: start)
        _ = channel.pollEvent()
        switch outcome {
        case .messages(let range): taken.append(Array(bytes[range]))
        case .expanded(let count): taken.append(Array(channel.expanded[..<count]))
        case .acknowledgement, .greeting, .refused: break
        }
        return outcome
    }
}

/// Two ends that have greeted each other; `change` is made to the greetings of the right one.
private func ends(changing change: (inout BatchHeader) -> Void = { _ in }) -> (End, End) {
    let (left, right) = (End(1, to: 2), End(2, to: 1))
    for _ in 0..<3 {
        for datagram in left.drain() { right.take(datagram) }
        for datagram in right.drain(changing: change) { left.take(datagram) }
    }
    return (left, right)
}

/// Records of flows as one instance has them: of one gateway, one port after the other.
private func records() throws -> [[UInt8]] {
    try (0..<14).map { index in
        let count = try FlowEntry.byteCount(kind: FlowEntryKind.record.rawValue, flags: 0)
        var body = [UInt8](repeating: 0, count: count)
        for (offset, byte) in [0x0A, 0x01, 0x02, 0x03, 0xC6, 0x33, 0x64, 0x09].enumerated() {
            body[offset] = UInt8(byte)
        }
        body[9] = UInt8(index)
        body[20] = UInt8(7 * index)
        return body
    }
}

struct CompressionTests {
    @Test func `a transfer crosses compressed, and comes out as it went in`() throws {
        let (left, right) = ends()
        let plain = ends { $0.marks.remove(.expands) }
        for body in try records() {
            left.append(.record, body)
            plain.0.append(.record, body)
        }
        for datagram in left.drain() {
            #expect(datagram.count < 1000)
            guard case .expanded = right.take(datagram) else {
                Issue.record("it came plain")
                continue
            }
        }
        for datagram in plain.0.drain() { plain.1.take(datagram) }
        #expect(right.taken == plain.1.taken && right.taken.joined().count > 1000)
        #expect(left.counters.batchesCompressed == 1 && left.counters.bytesSpared > 500)
        #expect(plain.0.counters.batchesCompressed == 0)
    }

    @Test func `what is sent again is the compressed bytes, taken once`() throws {
        let (left, right) = ends()
        for body in try records() { left.append(.record, body) }
        let first = left.drain()
        left.channel.tick(start + 1_000_000_000)
        let again = left.drain()
        #expect(first.count == 1 && again == first)
        right.take(again[0])
        #expect(right.take(first[0]) == .refused(BatchRefusal(.replayed)))
        #expect(right.taken.count == 1)
    }

    @Test func `a batch without records, or that would not get shorter, leaves as it is`() {
        let (left, right) = ends()
        left.append(.empty, [])
        for datagram in left.drain() { right.take(datagram) }
        // Too short for anything to be like anything before it.
        left.append(.transferBegin, [])
        for datagram in left.drain() { right.take(datagram) }
        #expect(left.counters.batchesCompressed == 0 && right.taken.count == 2)
    }

    @Test func `what can't be expanded is refused by its name, and the stream goes on`() throws {
        let (left, right) = ends()
        var sealer = ChannelSealer(
            own: ChannelEnd(identity(1)), peer: ChannelEnd(identity(2)), key: keys.current)
        // A block that stands for more than a batch can hold: a long run of one byte.
        let long = LZ4Block.compress([UInt8](repeating: 3, count: 1 << 16))
        for (number, block) in [[0xFF, 0xFF, 0xFF], long, []].enumerated() {
            var bytes = [UInt8](repeating: 0, count: BatchHeader.byteCount + block.count + 16)
            bytes.replaceSubrange(BatchHeader.byteCount..<bytes.count - 16, with: block)
            var header = BatchHeader(
                kind: .messages, totalBytes: bytes.count, keyEpoch: 1,
                sender: identity(1).address, receiver: identity(2).address,
                senderIncarnation: identity(1).incarnation,
                receiverIncarnation: identity(2).incarnation, number: 900 + UInt64(number),
                sequence: 1)
            header.newestEpoch = 1
            header.marks = .compressed
            var span = bytes.mutableRawSpan
            header.write(to: &span)
            sealer.seal(&bytes, number: header.number)
            #expect(right.take(bytes) == .refused(BatchRefusal(.unexpandable)))
        }
        #expect(right.counters.refused(.unexpandable) == 3)
        for body in try records() { left.append(.record, body) }
        for datagram in left.drain() { right.take(datagram) }
        #expect(right.taken.count == 1)
    }
}
