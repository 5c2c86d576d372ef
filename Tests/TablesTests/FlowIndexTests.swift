// The index under hashes that crowd a few of its lines, so that it has to move entries far.

import Tables
import Testing
import Wire

/// Keys whose homes lie in an eighth of the lines, with 32 different tags: the lines that they may
/// stand in fill up long before the table does.
private enum NarrowLayout: FlowLayout {
    struct Hot: BitwiseCopyable {
        var number: UInt32
    }
    typealias Key = UInt64
    typealias Cold = UInt8

    static func key(of hot: Hot, direction: FlowDirection) -> UInt64 {
        UInt64(hot.number) << 1 | UInt64(direction.rawValue)
    }

    static func hash(_ key: UInt64, seed: UInt64) -> UInt64 {
        let mixed = SplitMix.mixed(key ^ seed)
        return mixed >> 3 & ~0xFFFF | (mixed & 31) &* 1999 + 1
    }
}

@Suite struct FlowIndexTests {
    @Test(arguments: UInt64(0)..<4)
    func `crowded lines are filled to the last places, and nothing is ever lost`(
        seed: UInt64
    ) throws {
        var table = FlowTable<NarrowLayout>(capacityFlows: 2_000, chains: 1, seed: seed)
        var random = SplitMix(seed: seed)
        var live: [UInt32] = []
        var number: UInt32 = 0
        var refusals = 0
        // Against the wall, back a little, and again: every refusal must leave all as it was.
        for round in 0..<10 {
            while true {
                do throws(FlowInsertError) {
                    number += 1
                    _ = try table.insert(.init(number: number), 1, chain: 0)
                    live.append(number)
                } catch {
                    #expect(error == .indexCrowded)
                    refusals += 1
                    break
                }
            }
            if round % 5 == 0 { table.checkInvariants() }
            for _ in 0..<20 {
                let victim = live.remove(at: random.below(live.count))
                let match = table.find(UInt64(victim) << 1)
                table.remove(try #require(match).handle)
            }
            if round % 5 == 0 { table.checkInvariants() }
        }
        #expect(refusals == 10)
        for number in live {
            let found = table.contains(UInt64(number) << 1 | 1)
            #expect(found)
        }
        // A search no deeper than the two lines themselves ends below 1,500 of the 2,000.
        #expect(live.count > 1_550)
    }
}
