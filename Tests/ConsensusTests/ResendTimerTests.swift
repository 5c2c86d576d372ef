// When a batch is sent again, by the round trips that were measured.

import Testing
import Wire

@testable import Consensus

struct ResendTimerTests {
    private static let millisecond: UInt64 = 1_000_000

    private func timer() -> ResendTimer {
        var settings = ChannelSettings()
        settings.firstResendNanoseconds = 50 * Self.millisecond
        settings.minimumResendNanoseconds = Self.millisecond
        settings.maximumResendNanoseconds = 1000 * Self.millisecond
        return ResendTimer(settings)
    }

    // RFC 6298 §2: R and R/2 first, then gains of 1/8 and 1/4; the wait is R + 4 variations.
    @Test func `the wait follows the round trips and their variation`() {
        var timer = timer()
        #expect(timer.interval == 50 * Self.millisecond)
        timer.measure(16 * Self.millisecond)
        #expect(timer.smoothed == 16 * Self.millisecond)
        #expect(timer.interval == 48 * Self.millisecond)
        timer.measure(24 * Self.millisecond)
        // Variation (3 * 8 + 8) / 4 = 8, round trip (7 * 16 + 24) / 8 = 17.
        #expect(timer.smoothed == 17 * Self.millisecond)
        #expect(timer.interval == 49 * Self.millisecond)
        timer.measure(9 * Self.millisecond)
        // The other way: variation (24 + 8) / 4 = 8, round trip (119 + 9) / 8 = 16.
        #expect(timer.interval == 48 * Self.millisecond)
    }

    // RFC 6298 §5.5: twice as long each time, up to a limit.
    @Test func `each silence doubles the wait, and news ends that`() {
        var timer = timer()
        let now = Tick.seconds(1)
        for factor in [2, 4, 8, 16] as [UInt64] {
            timer.expire(at: now)
            #expect(timer.interval == factor * 50 * Self.millisecond)
        }
        timer.expire(at: now)
        #expect(timer.interval == 1000 * Self.millisecond)
        timer.progress(isDone: true, at: now)
        #expect(timer.interval == 50 * Self.millisecond)
        #expect(timer.deadline == nil)
    }

    // RFC 6298 §2, §3: the shortest round trip counts for gaps, as delays are not measured.
    @Test func `a gap is answered once in the shortest round trip`() {
        var timer = timer()
        let start = Tick.seconds(1)
        for roundTrip in [40, 10, 90] as [UInt64] { timer.measure(roundTrip * Self.millisecond) }
        let answers = [0, 9].map { timer.mayRewind(at: start + $0 * Self.millisecond) }
        #expect(answers == [true, false])
        #expect(timer.gapDeadline == start + 10 * Self.millisecond)
        let due = [9, 10].map { timer.isGapDue(at: start + $0 * Self.millisecond) }
        #expect(due == [false, true])
        #expect(timer.gapDeadline == nil)
    }
}
