// Layouts of the sizes that Translation uses, with keys that the tests choose freely.

import Tables
import Wire

/// 16 bytes of key a direction, 64 bytes hot, 40 cold.
enum TestLayout: FlowLayout {
    struct Key: BitwiseCopyable, Hashable {
        var high: UInt64
        var low: UInt64
    }

    struct Hot: BitwiseCopyable, Equatable {
        var outbound: Key
        var inbound: Key
        var packets: UInt64 = 0
        var bytes: UInt64 = 0
        var lastSeen: UInt64 = 0
        var rest: UInt64 = 0
    }

    struct Cold: BitwiseCopyable, Equatable {
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        var identity: UInt64

        static func == (left: Self, right: Self) -> Bool {
            left.words == right.words && left.identity == right.identity
        }
    }

    static func key(of hot: Hot, direction: FlowDirection) -> Key {
        direction == .outbound ? hot.outbound : hot.inbound
    }

    static func hash(_ key: Key, seed: UInt64) -> UInt64 {
        SplitMix.mixed(key.high ^ SplitMix.mixed(key.low ^ seed))
    }
}

/// Records of a byte each and a hash that sends every key to the same two lines.
enum CrowdedLayout: FlowLayout {
    struct Hot: BitwiseCopyable {
        var number: UInt32
    }
    typealias Key = UInt64
    typealias Cold = UInt8

    static func key(of hot: Hot, direction: FlowDirection) -> UInt64 {
        UInt64(hot.number) << 1 | UInt64(direction.rawValue)
    }

    static func hash(_ key: UInt64, seed: UInt64) -> UInt64 { seed }
}

extension TestLayout.Hot {
    /// A flow with keys drawn from `number`; different numbers give different keys.
    init(number: UInt64) {
        self.init(
            outbound: .init(high: number, low: 1), inbound: .init(high: number, low: 2))
    }
}
