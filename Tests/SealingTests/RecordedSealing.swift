// What was sealed under which key and number, over all lives of all nodes of a test.

import Consensus
import Wire

@testable import Sealing

/// A book of everything that was sealed.
final class SealingBook {
    private struct Use: Hashable {
        var key: [UInt8]
        var number: UInt64
    }

    private var plaintexts: [Use: [UInt8]] = [:]
    /// Pairs of key and nonce that sealed a second plaintext.
    private(set) var reuses = 0
    private(set) var sealed = 0
    private(set) var keys: Set<[UInt8]> = []

    func note(key: [UInt8], number: UInt64, plaintext: [UInt8]) {
        sealed += 1
        keys.insert(key)
        let before = plaintexts.updateValue(plaintext, forKey: Use(key: key, number: number))
        // The same bytes again would give nothing away; others would give away both.
        if let before, before != plaintext { reuses += 1 }
    }
}

/// A `ChannelSealer` that writes down what it seals. The session keys are derived once more here, so
/// that the book holds the very bytes that the cipher was given.
struct RecordingSealer: ~Copyable, BatchSealer {
    private var sealer: ChannelSealer
    private let own: ChannelEnd
    private let peer: ChannelEnd
    private let book: SealingBook
    private var sessionKeys: [UInt32: [UInt8]] = [:]

    init(own: ChannelEnd, peer: ChannelEnd, book: SealingBook) {
        sealer = ChannelSealer(own: own, peer: peer)
        self.own = own
        self.peer = peer
        self.book = book
    }

    var overheadBytes: Int { sealer.overheadBytes }
    var epoch: UInt32 { sealer.epoch }
    var newestEpoch: UInt32 { sealer.newestEpoch }

    mutating func adopt(_ keys: ChannelKeys, peerEpoch: UInt32?) {
        for key in [keys.previous, keys.current].compactMap(\.self) {
            sessionKeys[key.epoch] = SessionKey(key, from: own, to: peer).bytes
        }
        sealer.adopt(keys, peerEpoch: peerEpoch)
    }

    mutating func seal(
        _ batch: inout MutableRawSpan, headerBytes: Int, length: Int, number: UInt64
    ) {
        var plaintext: [UInt8] = []
        for offset in 0..<length { plaintext.append(batch.uint8(at: offset)) }
        book.note(key: sessionKeys[sealer.epoch] ?? [], number: number, plaintext: plaintext)
        sealer.seal(&batch, headerBytes: headerBytes, length: length, number: number)
    }

    mutating func open(
        _ batch: inout MutableRawSpan, headerBytes: Int, length: Int, number: UInt64
    ) -> Bool {
        sealer.open(&batch, headerBytes: headerBytes, length: length, number: number)
    }
}

extension ChannelEnd {
    init(_ identity: ChannelIdentity) {
        self.init(
            address: identity.address, incarnation: identity.incarnation,
            nonce: identity.greeting.nonce)
    }
}

/// A node with one channel, through its restarts.
final class RestartingEnd {
    private let peer: EngineAddress
    private let book: SealingBook
    private(set) var identity: ChannelIdentity
    private var channel: Channel<RecordingSealer>
    private var messages: UInt64 = 0
    private(set) var taken = 0

    init(
        _ identity: ChannelIdentity, to peer: EngineAddress, _ keys: ChannelKeys,
        _ book: SealingBook
    ) {
        self.identity = identity
        self.peer = peer
        self.book = book
        channel = Self.channel(identity, peer, keys, book)
    }

    /// All memory is lost; the next life has this identity.
    func restart(as identity: ChannelIdentity, _ keys: ChannelKeys) {
        self.identity = identity
        channel = Self.channel(identity, peer, keys, book)
    }

    private static func channel(
        _ identity: ChannelIdentity, _ peer: EngineAddress, _ keys: ChannelKeys,
        _ book: SealingBook
    ) -> Channel<RecordingSealer> {
        var channel = Channel(own: identity, peer: peer, keys: keys) { own, peer in
            RecordingSealer(own: ChannelEnd(own), peer: ChannelEnd(peer), book: book)
        }
        channel.open()
        return channel
    }

    var isOpen: Bool { channel.isOpen }
    var outstanding: Int { channel.outstandingBatches }
    var counters: ChannelCounters { channel.counters }

    func adopt(_ keys: ChannelKeys) { channel.adopt(keys) }

    /// Something new to say in every batch: lives would not be told apart by equal plaintexts.
    func say(_ random: UInt64) {
        messages += 1
        _ = channel.enqueue(
            .loanClosed(
                LoanClosed(
                    id: LoanID(
                        group: random, bucket: BucketIndex(0),
                        ballot: Ballot(
                            generation: 1, number: 1, proposer: identity.address.node), term: 1,
                        counter: messages), use: .used)))
    }

    func drain(at now: Tick) -> [[UInt8]] {
        channel.tick(now)
        var datagrams: [[UInt8]] = []
        var buffer = [UInt8](repeating: 0, count: ChannelSettings.datagramBytes)
        while true {
            var span = buffer.mutableRawSpan
            guard let length = channel.poll(at: now, into: &span) else { return datagrams }
            datagrams.append(Array(buffer[..<length]))
        }
    }

    func take(_ datagram: [UInt8], at now: Tick) {
        var bytes = datagram
        var span = bytes.mutableRawSpan
        if case .messages = channel.handle(&span, at: now) { taken += 1 }
        _ = channel.pollEvent()
    }
}
