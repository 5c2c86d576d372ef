// The hash beneath rendezvous choices: two rounds of a 64-bit finaliser (Stafford's variant 13 of
// MurmurHash3's, as in SplitMix64; Steele, Lea and Flood, OOPSLA 2014). Identifiers are random and
// drawn by the service itself, so nobody chooses them to collide; no key is needed.

/// Scores of pairs, one independent family for each purpose.
package enum RendezvousHash {
    enum Purpose: UInt64 {
        case shard = 0x7368_6172_645F_6F66
        case order = 0x6F72_6465_725F_6F66
        case leader = 0x6C65_6164_5F6F_665F
    }

    static func score(_ key: UInt64, _ node: UInt64, purpose: Purpose) -> UInt64 {
        mix(mix(purpose.rawValue, key), node)
    }

    /// Not symmetric: `mix(a, b)` and `mix(b, a)` are unrelated.
    package static func mix(_ first: UInt64, _ second: UInt64) -> UInt64 {
        finalised(finalised(first &+ 0x9E37_79B9_7F4A_7C15) ^ second &* 0xD6E8_FEB8_6659_FD93)
    }

    private static func finalised(_ value: UInt64) -> UInt64 {
        var value = value
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
