// Durations and amounts in a few characters.

import Testing
import hyperplane

@Suite struct QuantityTests {
    @Test(arguments: [
        (0, "0s"), (0.25, "250ms"), (59.9, "59s"), (60, "1m00s"), (200, "3m20s"),
        (3_600, "1h00m"), (7_500, "2h05m"), (90_000, "1d01h"), (-1, "-"), (.infinity, "-"),
        (.nan, "-"), (1e300, "11574074074d01h"),
    ])
    func `durations have two units at most`(seconds: Double, text: String) {
        #expect(Quantity.duration(seconds: seconds) == text)
    }

    @Test(arguments: [
        (0, "0"), (999, "999"), (1_000, "1.00k"), (12_345, "12.3k"), (999_999, "999k"),
        (1_000_000, "1.00M"), (UInt64.max, "18.4E"),
    ])
    func `amounts have three digits, and are never rounded up`(value: UInt64, text: String) {
        #expect(Quantity.amount(value) == text)
    }
}
