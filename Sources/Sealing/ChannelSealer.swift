// Seals and opens the batches of one channel with AES-256-GCM: the batch number is the nonce, the
// header is authenticated. RFC 5116 §5.2, AEAD_AES_256_GCM.

public import Wire

/// The seal of one channel, under the current epoch's keys and, for what is still on the way, the
/// previous epoch's. A new epoch restarts no numbering: each key sees every number once at the
/// most.
///
/// Order of calls: `adopt` when the configuration has a new epoch; `seal` once for each batch, in
/// the order of their numbers, and what is sent again is the sealed bytes; `open` on what comes.
/// That a number came before is seen by the channel, which takes batches in order: `open` opens a
/// copy as it opened the original.
public struct ChannelSealer: ~Copyable, BatchSealer {
    /// Which end of the channel this is, and which the other.
    private let own: ChannelEnd
    private let peer: ChannelEnd
    private var current: EpochCiphers
    private var previous: EpochCiphers?
    /// No number is sealed twice, also not after a change of epoch.
    private var lastSealed: UInt64 = 0

    public init(own: ChannelEnd, peer: ChannelEnd, key: EpochKey) {
        precondition(own.address != peer.address, "a channel has two ends")
        self.own = own
        self.peer = peer
        current = EpochCiphers(own: own, peer: peer, key: key)
    }

    /// The epoch whose number the headers of new batches must carry.
    public var epoch: UInt32 { current.epoch }

    /// Seals by a new epoch's key from now on. What was sealed by the one before is still opened;
    /// what is older is not. Ignores an epoch that is not newer. Allocates.
    public mutating func adopt(_ key: EpochKey) {
        guard key.epoch > current.epoch else { return }
        var next = EpochCiphers(own: own, peer: peer, key: key)
        swap(&next, &current)
        previous = consume next
    }

    public var overheadBytes: Int { GCMCipher.tagBytes }

    /// `number` is above all that were sealed before; the header carries it and `epoch`.
    public mutating func seal(
        _ batch: inout MutableRawSpan, headerBytes: Int, length: Int, number: UInt64
    ) {
        precondition(number > lastSealed, "a number seals one batch")
        precondition(
            batch.bigEndianUInt32(at: BatchHeader.keyEpochOffset) == current.epoch,
            "the header names another epoch")
        lastSealed = number
        current.sealing.seal(
            &batch, headerBytes: headerBytes, length: length, nonce: GCMNonce(batch: number))
    }

    public mutating func open(
        _ batch: inout MutableRawSpan, headerBytes: Int, length: Int, number: UInt64
    ) -> Bool {
        guard headerBytes >= BatchHeader.byteCount, length >= headerBytes,
            batch.byteCount >= length + GCMCipher.tagBytes
        else { return false }
        let nonce = GCMNonce(batch: number)
        let epoch = batch.bigEndianUInt32(at: BatchHeader.keyEpochOffset)
        if epoch == current.epoch {
            return current.opening.open(
                &batch, headerBytes: headerBytes, length: length, nonce: nonce)
        }
        guard previous?.epoch == epoch else { return false }
        return previous?.opening.open(
            &batch, headerBytes: headerBytes, length: length, nonce: nonce) ?? false
    }
}

/// Both directions' ciphers in one epoch.
private struct EpochCiphers: ~Copyable {
    let epoch: UInt32
    var sealing: GCMCipher
    var opening: GCMCipher

    init(own: ChannelEnd, peer: ChannelEnd, key: EpochKey) {
        epoch = key.epoch
        sealing = GCMCipher(SessionKey(key, from: own, to: peer), .seal)
        opening = GCMCipher(SessionKey(key, from: peer, to: own), .open)
    }
}
