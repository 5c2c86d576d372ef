// The bounded counts beside a dictionary of all.

import Operations
import Testing

@Suite struct TopCountsTests {
    /// A step of SplitMix64.
    private func mixed(_ value: UInt64) -> UInt64 {
        var mixed = value &* 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    @Test(arguments: [1, 8, 100, 5000])
    func `no count is off by more than what was forgotten, and nothing greater is missing`(
        capacity: Int
    ) {
        var counts = TopCounts<Int>(capacity: capacity)
        var model: [Int: Int] = [:]
        for step in 0..<40_000 {
            // Few keys often, many seldom.
            let random = mixed(UInt64(step))
            let key = Int(random % (random >> 32 & 3 == 0 ? 4000 : 1 + random >> 34 % 40))
            counts.add(PortTally(used: 1), to: key)
            model[key, default: 0] += 1
            if counts.count > 2 * capacity { Issue.record("\(counts.count) are kept") }
        }
        var missing = 0
        for (key, count) in model {
            guard let found = counts[key]?.used else {
                missing = max(missing, count)
                continue
            }
            #expect(found <= count && found + counts.forgotten >= count)
        }
        #expect(missing <= counts.forgotten)
        #expect(counts.forgotten <= 40_000 / capacity)
        if capacity >= model.count { #expect(counts.forgotten == 0) }
    }

    @Test func `the greatest come in order, and all parts of a tally are added`() {
        var counts = TopCounts<String>(capacity: 100)
        for (name, number) in [("a", 3), ("b", 7), ("c", 3), ("d", 1)] {
            for _ in 0..<number {
                counts.add(PortTally(used: 2, quiet: 1, onLoan: 1), to: name)
            }
        }
        let top = counts.greatest(3) { $0 }
        #expect(top.map(\.key) == ["b", "a", "c"])
        #expect(top[0].tally == PortTally(used: 14, quiet: 7, onLoan: 7))
        #expect(counts.greatest(2) { $0 }.map(\.key) == ["b", "a"])
        #expect(counts.greatest(9) { $0 }.count == 4)
    }
}
