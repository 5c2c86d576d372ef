// The choice of targets: the logarithm that it is made with, and what its weights come to.

import Foundation
import Testing
import Translation
import Wire

struct WeightedRendezvousTests {
    /// Beside Foundation: the same function in floating point.
    private func expected(_ x: UInt64) -> Double {
        // 2^64 - x - 1 is exact where log2 is near 0.
        let distance = Double(UInt64.max - x)
        if distance < 9e15 { return -log1p(-distance / 0x1p64) / log(2) }
        return 64 - log2(Double(x) + 1)
    }

    private func value(_ x: UInt64) -> Double {
        Double(WeightedRendezvous.negativeLog2(x)) / 0x1p48
    }

    @Test func `the logarithm agrees with Foundation's`() {
        var random = SplitMix(state: 7)
        for _ in 0..<100_000 {
            let x = random.next() >> UInt64(random.next() % 64)
            #expect(abs(value(x) - expected(x)) < 0x1p-16, "of \(x)")
        }
    }

    @Test func `the logarithm is exact at powers of two`() {
        #expect(WeightedRendezvous.negativeLog2(.max) == 0)
        for bit in 0..<64 {
            let x = (UInt64(1) << UInt64(bit)) - 1
            #expect(WeightedRendezvous.negativeLog2(x) == UInt64(64 - bit) << 48)
        }
    }

    @Test func `the logarithm never rises where its argument does`() {
        var previous = WeightedRendezvous.negativeLog2(0)
        for step in 1...100_000 as ClosedRange<UInt64> {
            let x = step &* (UInt64.max / 100_000)
            let next = WeightedRendezvous.negativeLog2(x)
            #expect(next <= previous)
            previous = next
        }
        for bit in 1..<64 as Range<UInt64> {
            let x = UInt64(1) << bit
            let around = [x - 2, x - 1, x, x + 1].map(WeightedRendezvous.negativeLog2)
            #expect(around == around.sorted(by: >), "around 2^\(bit)")
        }
    }

    @Test(arguments: [[1, 1], [1, 3], [10, 20, 70], [999, 1]] as [[UInt16]])
    func `a candidate wins in proportion to its weight`(weights: [UInt16]) {
        var wins = [Int](repeating: 0, count: weights.count)
        let trials = 20_000
        for flow in 0..<trials {
            let draw = WeightedRendezvous(key0: 1, key1: 2, flow: UInt64(flow))
            let waits = weights.indices.map {
                draw.wait(of: UInt64(100 + $0), weight: weights[$0])
            }
            wins[waits.firstIndex(of: waits.min()!)!] += 1
        }
        let total = Double(weights.reduce(0) { $0 + Int($1) })
        for (index, weight) in weights.enumerated() {
            let share = Double(weight) / total
            let deviation = (Double(trials) * share * (1 - share)).squareRoot()
            #expect(abs(Double(wins[index]) - Double(trials) * share) < 5 * deviation)
        }
    }
}

/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}
