// The ring between two threads: order, fullness, and both ends at work at once.

import Tables
import Testing

@Suite struct RingTests {
    @Test(arguments: [1, 2, 3, 8])
    func `it holds its capacity and keeps the order, round after round`(capacity: Int) {
        let ring = Ring<UInt64>(capacity: capacity)
        var producer = ring.makeProducer()
        var consumer = ring.makeConsumer()
        #expect(ring.capacity >= capacity)
        var random = SplitMix(seed: 1)
        var next: UInt64 = 0
        var expected: UInt64 = 0
        for _ in 0..<5_000 {
            if random.below(2) == 0 {
                let isFull = ring.count == ring.capacity
                let pushed = producer.push(next)
                #expect(pushed == !isFull)
                if pushed { next += 1 }
            } else {
                let element = consumer.pop()
                #expect(element == (expected == next ? nil : expected))
                if element != nil { expected += 1 }
            }
            #expect(ring.count == Int(next - expected))
        }
    }

    @Test func `two threads lose nothing and see whole elements in order`() async {
        struct Pair: BitwiseCopyable {
            var first: UInt64
            var second: UInt64
        }
        let ring = Ring<Pair>(capacity: 64)
        let total: UInt64 = 200_000
        let sender = Task.detached {
            var producer = ring.makeProducer()
            var number: UInt64 = 0
            while number < total {
                if producer.push(Pair(first: number, second: ~number)) {
                    number += 1
                } else {
                    await Task.yield()
                }
            }
        }
        let receiver = Task.detached {
            var consumer = ring.makeConsumer()
            var number: UInt64 = 0
            while number < total {
                if let pair = consumer.pop() {
                    guard pair.first == number, pair.second == ~number else { return false }
                    number += 1
                } else {
                    await Task.yield()
                }
            }
            return consumer.pop() == nil
        }
        await sender.value
        #expect(await receiver.value)
    }

    @Test func `a ring has one of each end`() async {
        await #expect(processExitsWith: .failure) {
            let ring = Ring<UInt8>(capacity: 4)
            _ = ring.makeProducer()
            _ = ring.makeProducer()
        }
    }
}
