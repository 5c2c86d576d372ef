// SipHash-1-3 (Aumasson and Bernstein, INDOCRYPT 2012; the reduced-round form that hash tables
// use), over a fixed number of 64-bit words. It decides buckets and targets, on every machine of
// a cluster alike, so neither its constants nor the order of words may ever change.

/// A keyed hash over whole words: `combine` each, then `finish`. Allocates nothing.
public struct SipHash13: Sendable {
    @usableFromInline var v0: UInt64
    @usableFromInline var v1: UInt64
    @usableFromInline var v2: UInt64
    @usableFromInline var v3: UInt64
    @usableFromInline var words: UInt64 = 0

    @inlinable
    public init(key0: UInt64, key1: UInt64) {
        v0 = key0 ^ 0x736f_6d65_7073_6575
        v1 = key1 ^ 0x646f_7261_6e64_6f6d
        v2 = key0 ^ 0x6c79_6765_6e65_7261
        v3 = key1 ^ 0x7465_6462_7974_6573
    }

    @inlinable @inline(__always)
    mutating func round() {
        v0 = v0 &+ v1
        v1 = v1 &<< 13 | v1 &>> 51
        v1 ^= v0
        v0 = v0 &<< 32 | v0 &>> 32
        v2 = v2 &+ v3
        v3 = v3 &<< 16 | v3 &>> 48
        v3 ^= v2
        v0 = v0 &+ v3
        v3 = v3 &<< 21 | v3 &>> 43
        v3 ^= v0
        v2 = v2 &+ v1
        v1 = v1 &<< 17 | v1 &>> 47
        v1 ^= v2
        v2 = v2 &<< 32 | v2 &>> 32
    }

    /// Adds eight bytes of input, as one little-endian word.
    @inlinable @inline(__always)
    public mutating func combine(_ word: UInt64) {
        v3 ^= word
        round()
        v0 ^= word
        words &+= 1
    }

    /// The hash of all words combined so far.
    @inlinable @inline(__always)
    public consuming func finish() -> UInt64 {
        let tail = (words &* 8) &<< 56
        v3 ^= tail
        round()
        v0 ^= tail
        v2 ^= 0xFF
        round()
        round()
        round()
        return v0 ^ v1 ^ v2 ^ v3
    }
}
