// Flow records of the sizes that the product has, with keys that follow from a flow's number, so
// that a lookup needs no list of keys in memory.

import Tables
import Wire

/// A layout whose flows are made from numbers.
protocol NumberedLayout: FlowLayout {
    static var name: String { get }
    static func key(_ number: UInt64, _ direction: UInt64) -> Key
    static func hot(_ number: UInt64) -> Hot
    static var cold: Cold { get }
    static func count(_ hot: inout Hot)
    static func counted(_ hot: Hot) -> UInt64
}

typealias ColdWords = (UInt64, UInt64, UInt64, UInt64, UInt64)

/// 16-byte keys, hot 64, cold 40 bytes.
enum IPv4Sized: NumberedLayout {
    struct Key: BitwiseCopyable, Equatable {
        var high: UInt64
        var low: UInt64

        @inline(__always)
        static func == (left: Self, right: Self) -> Bool {
            (left.high ^ right.high) | (left.low ^ right.low) == 0
        }
    }
    struct Hot: BitwiseCopyable {
        var keys: InlineArray<2, Key>
        var counters: InlineArray<4, UInt64>
    }
    typealias Cold = ColdWords

    static var name: String { "ipv4" }
    static var cold: Cold { (0, 0, 0, 0, 0) }

    @inline(__always)
    static func key(of hot: Hot, direction: FlowDirection) -> Key {
        hot.keys[Int(direction.rawValue)]
    }

    @inline(__always)
    static func hash(_ key: Key, seed: UInt64) -> UInt64 { foldedHash(key.high, key.low, seed) }

    @inline(__always)
    static func key(_ number: UInt64, _ direction: UInt64) -> Key {
        Key(high: SplitMix.mixed(number), low: number &<< 1 | direction)
    }

    @inline(__always)
    static func hot(_ number: UInt64) -> Hot {
        Hot(keys: [key(number, 0), key(number, 1)], counters: .init(repeating: 0))
    }

    @inline(__always)
    static func count(_ hot: inout Hot) { hot.counters[0] &+= 1 }

    @inline(__always)
    static func counted(_ hot: Hot) -> UInt64 { hot.counters[0] }
}

/// 40-byte keys, hot 128, cold 40 bytes.
enum IPv6Sized: NumberedLayout {
    struct Key: BitwiseCopyable, Equatable {
        var words: InlineArray<5, UInt64>

        @inline(__always)
        static func == (left: Self, right: Self) -> Bool {
            var difference: UInt64 = 0
            for word in 0..<5 { difference |= left.words[word] ^ right.words[word] }
            return difference == 0
        }
    }
    struct Hot: BitwiseCopyable {
        var keys: InlineArray<2, Key>
        var counters: InlineArray<6, UInt64>
    }
    typealias Cold = ColdWords

    static var name: String { "ipv6" }
    static var cold: Cold { (0, 0, 0, 0, 0) }

    @inline(__always)
    static func key(of hot: Hot, direction: FlowDirection) -> Key {
        hot.keys[Int(direction.rawValue)]
    }

    @inline(__always)
    static func hash(_ key: Key, seed: UInt64) -> UInt64 {
        let words = key.words
        return foldedHash(
            words[0] ^ words[4] &* 0x9E37_79B9_7F4A_7C15, words[1],
            foldedHash(words[2], words[3], seed))
    }

    @inline(__always)
    static func key(_ number: UInt64, _ direction: UInt64) -> Key {
        let mixed = SplitMix.mixed(number)
        return Key(words: [mixed, number, ~mixed, mixed ^ number, direction])
    }

    @inline(__always)
    static func hot(_ number: UInt64) -> Hot {
        Hot(keys: [key(number, 0), key(number, 1)], counters: .init(repeating: 0))
    }

    @inline(__always)
    static func count(_ hot: inout Hot) { hot.counters[0] &+= 1 }

    @inline(__always)
    static func counted(_ hot: Hot) -> UInt64 { hot.counters[0] }
}

/// Two rounds of multiplying to 128 bits and folding the halves (the way of wyhash).
@inline(__always)
func foldedHash(_ high: UInt64, _ low: UInt64, _ seed: UInt64) -> UInt64 {
    let first = (high ^ seed).multipliedFullWidth(by: low ^ 0xA076_1D64_78BD_642F)
    let mixed = first.high ^ first.low
    let second = (mixed ^ seed).multipliedFullWidth(by: 0xE703_7ED1_A0B4_28DB)
    return second.high ^ second.low
}
