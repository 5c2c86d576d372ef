// From live flow to live flow, beside an array of the live slots.

import Tables
import Testing

@Suite struct FlowTableNextTests {
    @Test(arguments: [1, 63, 64, 65, 500])
    func `the next live flow is found from every slot, and none beyond the end`(
        capacity: Int
    ) throws {
        var table = FlowTable<TestLayout>(capacityFlows: capacity, chains: 1, seed: 3)
        for number in 0..<UInt64(capacity) {
            _ = try table.insert(.init(number: number), .init(identity: number), chain: 0)
        }
        var random = SplitMix(seed: 4)
        var live = Set(0..<capacity)
        // From full to empty.
        while true {
            for from in 0...capacity {
                let end = from + random.below(2 * capacity + 1 - from)
                let expected = live.filter { $0 >= from && $0 < end }.min()
                let found = table.nextLive(from: from, before: end)
                #expect(found.map { Int($0.rawValue) } == expected)
            }
            guard !live.isEmpty else { break }
            for slot in live.sorted() where random.below(3) == 0 || live.count < 4 {
                table.remove(FlowHandle(rawValue: UInt32(slot)))
                live.remove(slot)
            }
        }
    }
}
