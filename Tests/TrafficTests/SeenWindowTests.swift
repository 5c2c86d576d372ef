// Which of a flow's packets came before, against a set.

import Testing
import Traffic

@Suite struct SeenWindowTests {
    @Test func `a packet is new once, in whatever order it comes`() {
        var window = SeenWindow()
        for serial: UInt16 in [5, 3, 4, 9, 0] {
            let first = window.insert(serial)
            let second = window.insert(serial)
            #expect(first && !second)
        }
    }

    @Test func `the serial number may go round`() {
        var window = SeenWindow()
        for step in 0..<200_000 {
            let serial = UInt16(truncatingIfNeeded: step)
            let first = window.insert(serial)
            let second = window.insert(serial)
            #expect(first && !second)
        }
    }

    @Test func `within the window it agrees with a set`() {
        var random = SplitMix64(seed: 11)
        var window = SeenWindow()
        var seen: Set<Int> = []
        var newest = 0
        for _ in 0..<20_000 {
            let serial = newest + Int.random(in: -40...8, using: &random)
            guard serial >= 0 else { continue }
            let isNew = window.insert(UInt16(truncatingIfNeeded: serial))
            // Only what is within 63 of the newest can be told.
            #expect(isNew == (seen.insert(serial).inserted))
            newest = max(newest, serial)
        }
    }
}
