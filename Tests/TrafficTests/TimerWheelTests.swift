// The wheel beside a sorted list, under a seeded driver.

import Testing
import Traffic
import Wire

@Suite struct TimerWheelTests {
    @Test func `timers come at their rounded times, none early and none forgotten`() {
        var random = SplitMix64(seed: 11)
        var now = Tick.seconds(5)
        var wheel = TimerWheel(capacity: 64, start: now)
        var model: [UInt32: Tick] = [:]
        for _ in 0..<20_000 {
            let slot = UInt32(random.next() % 64)
            switch random.next() % 4 {
            case 0:
                wheel.cancel(slot)
                model[slot] = nil
            case 1, 2:
                // Up to three turns of the wheel ahead, some of it in the past.
                let due = now + random.next() % (random.next() % 2 == 0 ? 6_500_000_000 : 90_000)
                wheel.schedule(slot, at: due)
                model[slot] = TimerWheel.rounded(due)
            default:
                now = now + random.next() % 50_000_000
                while let taken = wheel.takeDue(now) {
                    let due = model.removeValue(forKey: taken)
                    #expect(due != nil && due! <= now)
                }
                #expect(
                    model.values.allSatisfy { $0 > now || $0.rawValue >> 14 > now.rawValue >> 14 })
            }
        }
    }

    @Test func `the next due time is the earliest timer's`() {
        let start = Tick.seconds(1)
        var wheel = TimerWheel(capacity: 4, start: start)
        let idle = wheel.nextDue(after: start, limitNanoseconds: 1_000_000)
        #expect(idle > start + 900_000 && idle <= start + 1_000_000)
        wheel.schedule(2, at: start + 300_000)
        #expect(
            wheel.nextDue(after: start, limitNanoseconds: 1_000_000)
                == TimerWheel.rounded(start + 300_000))
    }
}
