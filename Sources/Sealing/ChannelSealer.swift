// Seals and opens the batches of one channel with AES-256-GCM: the batch number is the nonce, the
// header is authenticated. RFC 5116 §5.2, AEAD_AES_256_GCM.

public import Wire

/// The seal of one channel, under the keys of the current epoch and of the one before.
///
/// Batches are sealed in the newest epoch that the peer is known to hold, and opened in either, so
/// that a new epoch stops nobody: who has it not yet is spoken to in the one before. A new epoch
/// restarts no numbering: each key sees every number once at the most.
///
/// Order of calls: `adopt` before anything, and when the configuration has a new epoch; `seal` once
/// for each batch, in the order of their numbers, and what is sent again is the sealed bytes; `open`
/// on what comes. That a number came before is seen by the channel, which takes batches in order:
/// `open` opens a copy as it opened the original.
public struct ChannelSealer: ~Copyable, BatchSealer {
    /// Which end of the channel this is, and which the other.
    private let own: ChannelEnd
    private let peer: ChannelEnd
    private var current: EpochCiphers?
    private var previous: EpochCiphers?
    /// Their epochs; 0: none.
    public private(set) var newestEpoch: UInt32 = 0
    private var previousEpoch: UInt32 = 0
    /// The newest epoch that the peer said it holds, sealed or, at first, in its greeting.
    private var peerEpoch: UInt32?
    /// No number is sealed twice, also not after a change of epoch.
    private var lastSealed: UInt64 = 0
    /// Room for a compressed batch, from the first one on.
    private var block: [UInt8] = []

    /// Without keys yet: nothing opens.
    public init(own: ChannelEnd, peer: ChannelEnd) {
        precondition(own.address != peer.address, "a channel has two ends")
        self.own = own
        self.peer = peer
    }

    public init(own: ChannelEnd, peer: ChannelEnd, key: EpochKey) {
        self.init(own: own, peer: peer)
        take(key)
    }

    /// The epoch whose number the headers of new batches must carry.
    public var epoch: UInt32 {
        guard let peerEpoch, peerEpoch < newestEpoch, previousEpoch > 0 else { return newestEpoch }
        return previousEpoch
    }

    public mutating func adopt(_ keys: ChannelKeys, peerEpoch: UInt32? = nil) {
        if let peerEpoch { self.peerEpoch = peerEpoch }
        if let earlier = keys.previous { take(earlier) }
        take(keys.current)
    }

    /// What is older than the epoch before is not opened any more. Ignores an epoch that is not
    /// newer.
    private mutating func take(_ key: EpochKey) {
        guard key.epoch > newestEpoch else { return }
        var next: EpochCiphers? = EpochCiphers(own: own, peer: peer, key: key)
        swap(&next, &current)
        previous = consume next
        previousEpoch = newestEpoch
        newestEpoch = key.epoch
    }

    public var overheadBytes: Int { GCMCipher.tagBytes }

    /// `number` is above all that were sealed before; the header carries it and `epoch`.
    public mutating func seal(
        _ batch: inout MutableRawSpan, headerBytes: Int, length: Int, number: UInt64
    ) {
        precondition(number > lastSealed, "a number seals one batch")
        let epoch = epoch
        precondition(epoch > 0, "a sealer without keys")
        precondition(
            batch.bigEndianUInt32(at: BatchHeader.keyEpochOffset) == epoch,
            "the header names another epoch")
        lastSealed = number
        let nonce = GCMNonce(batch: number)
        if epoch == newestEpoch {
            current?.sealing.seal(&batch, headerBytes: headerBytes, length: length, nonce: nonce)
        } else {
            previous?.sealing.seal(&batch, headerBytes: headerBytes, length: length, nonce: nonce)
        }
    }

    public mutating func open(
        _ batch: inout MutableRawSpan, headerBytes: Int, length: Int, number: UInt64
    ) -> Bool {
        guard headerBytes >= BatchHeader.byteCount, length >= headerBytes,
            batch.byteCount >= length + GCMCipher.tagBytes
        else { return false }
        let nonce = GCMNonce(batch: number)
        let isGood = open(&batch, headerBytes, length, nonce)
        if isGood {
            let told = batch.bigEndianUInt32(at: BatchHeader.newestEpochOffset)
            peerEpoch = max(peerEpoch ?? 0, told)
        }
        return isGood
    }

    private mutating func open(
        _ batch: inout MutableRawSpan, _ headerBytes: Int, _ length: Int, _ nonce: GCMNonce
    ) -> Bool {
        let epoch = batch.bigEndianUInt32(at: BatchHeader.keyEpochOffset)
        if epoch == newestEpoch {
            return current?.opening.open(
                &batch, headerBytes: headerBytes, length: length, nonce: nonce) ?? false
        }
        guard epoch == previousEpoch else { return false }
        return previous?.opening.open(
            &batch, headerBytes: headerBytes, length: length, nonce: nonce) ?? false
    }
}

// DESIGN part 5, rule 10: of a transfer, one record is like the other.
extension ChannelSealer {
    public mutating func compress(
        _ batch: inout MutableRawSpan, headerBytes: Int, length: Int
    ) -> Int? {
        let contents = length - headerBytes
        if block.count < contents { block = Array(repeating: 0, count: contents) }
        var room = block.mutableRawSpan
        guard
            let count = LZ4Block.compress(
                batch.bytes.extracting(headerBytes..<length), into: &room), count < contents
        else { return nil }
        for offset in 0..<count { batch.store(block[offset], at: headerBytes + offset) }
        return headerBytes + count
    }

    public mutating func expand(_ block: RawSpan, into contents: inout MutableRawSpan) -> Int? {
        LZ4Block.decompress(block, into: &contents)
    }
}

/// Both directions' ciphers in one epoch.
private struct EpochCiphers: ~Copyable {
    var sealing: GCMCipher
    var opening: GCMCipher

    init(own: ChannelEnd, peer: ChannelEnd, key: EpochKey) {
        sealing = GCMCipher(SessionKey(key, from: own, to: peer), .seal)
        opening = GCMCipher(SessionKey(key, from: peer, to: own), .open)
    }
}
