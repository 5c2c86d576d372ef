// The signature of a hello or welcome: without one, whoever can send a datagram could tell of a start that
// never was, and end a stream and shut the true node out.
//
//    0  tag by the sender's newest key        8    of everything before the signature
//    8  tag by the one before; zero if none   8
//
// A receiver that holds either of the two keys can check it, so a greeting is understood wherever the
// batches after it are. Sent again it tells the same once more, and an older start's is stale.

import Wire

enum GreetingSignature {
    static let byteCount = 16
}

extension ChannelKeys {
    /// Writes both tags to the end of a greeting of `length` bytes, theirs counted.
    func sign(_ greeting: inout MutableRawSpan, length: Int) {
        let signed = length - GreetingSignature.byteCount
        let newest = current.tag(of: greeting.bytes, count: signed)
        let before = previous?.tag(of: greeting.bytes, count: signed) ?? 0
        greeting.store(bigEndian: newest, at: signed)
        greeting.store(bigEndian: before, at: signed + 8)
    }

    /// Whether one of these keys has signed a greeting that fills `bytes`.
    func hasSigned(_ bytes: RawSpan) -> Bool {
        let signed = bytes.byteCount - GreetingSignature.byteCount
        guard signed >= BatchHeader.byteCount else { return false }
        let tags = (bytes.bigEndianUInt64(at: signed), bytes.bigEndianUInt64(at: signed + 8))
        func isGood(_ key: EpochKey) -> Bool {
            let tag = key.tag(of: bytes, count: signed)
            // No branch on a tag's bits: whoever guesses learns nothing from the time it takes.
            let distance = min(tag ^ tags.0, tag ^ tags.1)
            return distance == 0
        }
        return isGood(current) || previous.map(isGood) ?? false
    }
}

extension EpochKey {
    /// SipHash-1-3, a keyed function of 64 bits, under a key of its own: the first half of the secret
    /// makes it of the second, and says nothing of what the session keys are derived from.
    fileprivate func tag(of bytes: RawSpan, count: Int) -> UInt64 {
        var hash = SipHash13(key0: greetingWord(1), key1: greetingWord(2))
        hash.combine(UInt64(count))
        var offset = 0
        while offset + 8 <= count {
            hash.combine(bytes.bigEndianUInt64(at: offset))
            offset += 8
        }
        while offset < count {
            hash.combine(UInt64(bytes.uint8(at: offset)))
            offset += 1
        }
        return hash.finish()
    }

    private func greetingWord(_ label: UInt64) -> UInt64 {
        let secret = bytes.rawSpan
        var hash = SipHash13(
            key0: secret.bigEndianUInt64(at: 0), key1: secret.bigEndianUInt64(at: 8))
        hash.combine(secret.bigEndianUInt64(at: 16))
        hash.combine(secret.bigEndianUInt64(at: 24))
        hash.combine(UInt64(epoch))
        hash.combine(label)
        return hash.finish()
    }
}
