// The identifier map beside a dictionary, and full.

import Tables
import Testing

@Suite struct IdentifierMapTests {
    @Test(arguments: [1, 2, 3, 7, 8, 100, 1_000])
    func `it does what a dictionary does, up to its capacity`(capacity: Int) {
        var map = IdentifierMap(capacity: capacity, seed: 4)
        var model: [UInt64: UInt32] = [:]
        var random = SplitMix(seed: UInt64(capacity))
        for step in 0..<20_000 {
            // Few identifiers, in runs, zero and the largest among them: probes run into another.
            let identifier = UInt64(random.below(2 * capacity + 1)) &- 1
            switch random.below(10) {
            case 0..<5:
                let number = UInt32(step)
                let fits = model[identifier] != nil || model.count < capacity
                #expect(map.set(identifier, to: number) == fits)
                if fits { model[identifier] = number }
            case 5..<8:
                #expect(map.remove(identifier) == model.removeValue(forKey: identifier))
            default:
                let number = map[identifier]
                #expect(number == model[identifier])
            }
            let count = map.count
            #expect(count == model.count)
        }
        for identifier in [.max] + Array(0...UInt64(2 * capacity)) {
            let number = map[identifier]
            #expect(number == model[identifier])
        }
    }

    @Test func `any number can be kept, the largest too`() {
        var map = IdentifierMap(capacity: 2, seed: 0)
        map.set(0, to: .max)
        map.set(.max, to: 0)
        let refused = map.set(1, to: 1)
        #expect(!refused)
        let numbers = [map[0], map[.max], map[1]]
        #expect(numbers == [.max, 0, nil])
    }
}
